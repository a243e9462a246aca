//! Brokers of messages: Mosquitto, RabbitMQ and NATS, with and without TLS.

use crate::certificates::Authority;
use crate::look::{assert_cleartext, assert_sealed, look};
use crate::servers::{Mosquitto, Nats, RabbitMq};

#[test]
fn mosquitto_s_ports_are_told_apart_under_either_scheme() {
    let authority = Authority::new();
    let mosquitto = Mosquitto::start(&authority.issue("broker.test"));
    for scheme in ["mqtt", "mqtts"] {
        let at = |port: u16| format!("{scheme}://127.0.0.1:{port}");
        assert_sealed(look(&at(mosquitto.secure), authority.trust(), "broker.test"));
        assert_cleartext(look(&at(mosquitto.plain), authority.trust(), "broker.test"));
    }
}

#[test]
fn rabbitmq_s_ports_are_told_apart() {
    let authority = Authority::new();
    let rabbit = RabbitMq::start(&authority.issue("broker.test"));
    let secure = format!("amqps://127.0.0.1:{}", rabbit.secure);
    assert_sealed(look(&secure, authority.trust(), "broker.test"));
    for scheme in ["amqp", "amqps"] {
        let plain = format!("{scheme}://127.0.0.1:{}", rabbit.plain);
        assert_cleartext(look(&plain, authority.trust(), "broker.test"));
    }
}

#[test]
fn nats_is_sealed_behind_its_first_line_or_cleartext() {
    let authority = Authority::new();
    let issued = authority.issue("broker.test");
    let at = |nats: &Nats| format!("nats://127.0.0.1:{}", nats.port);
    let secure = Nats::start(Some(&issued));
    assert_sealed(look(&at(&secure), authority.trust(), "broker.test"));
    let plain = Nats::start(None);
    assert_cleartext(look(&at(&plain), authority.trust(), "broker.test"));
}
