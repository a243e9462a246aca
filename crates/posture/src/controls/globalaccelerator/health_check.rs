//! What a health check asks an endpoint by.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Whether endpoints are asked by HTTPS, or by TCP on a port of TLS.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    subject.text(path!("HealthCheckProtocol")).judge(
        "HealthCheckProtocol",
        |protocol, at| match &*protocol {
            "HTTPS" => Judgement::pass("endpoints are asked by HTTPS", at),
            "TCP" => by_tcp(control, subject),
            _ => Judgement::fail(format!("endpoints are asked by {protocol}"), at),
        },
        |_| by_tcp(control, subject),
    )
}

fn by_tcp(control: &Control, subject: &Subject<'_>) -> Judgement {
    match subject.number(path!("HealthCheckPort")) {
        // Without a port of its own it is that of the listener.
        Seen::Known(port, at) if port < 0.0 => {
            Judgement::unknown("endpoints are asked by TCP, on whatever port the listener has", at)
        }
        Seen::Known(port, at) if is_of_tls(control, port) => {
            Judgement::pass("endpoints are asked on a port of TLS", at)
        }
        Seen::Known(port, at) => Judgement::fail(format!("endpoints are asked by TCP on port {port}"), at),
        other => Judgement::unknown("HealthCheckPort is not known", other.at()),
    }
}

fn is_of_tls(control: &Control, port: f64) -> bool {
    let ports = control.parameters.get("tls_ports").and_then(toml::Value::as_array);
    let mut ports = ports.into_iter().flatten().filter_map(toml::Value::as_integer);
    ports.any(|known| u16::try_from(known).is_ok_and(|known| f64::from(known) == port))
}
