//! Redis on a TLS port and on a plain one.

use crate::certificates::Authority;
use crate::look::{assert_cleartext, assert_sealed, assert_weak, look};
use crate::servers::Redis;

#[test]
fn a_tls_port_with_a_sound_certificate_is_sealed_under_either_scheme() {
    let authority = Authority::new();
    let redis = Redis::start(Some(&authority.issue("cache.test")), &[]);
    for scheme in ["redis", "rediss"] {
        let endpoint = format!("{scheme}://127.0.0.1:{}", redis.port);
        assert_sealed(look(&endpoint, authority.trust(), "cache.test"));
    }
}

#[test]
fn a_tls_port_with_a_certificate_for_another_name_is_weak() {
    let authority = Authority::new();
    let redis = Redis::start(Some(&authority.issue("other.test")), &[]);
    let endpoint = format!("rediss://127.0.0.1:{}", redis.port);
    let outcome = look(&endpoint, authority.trust(), "cache.test");
    assert_weak(outcome, "is for dns:other.test, not for dns:cache.test");
}

#[test]
fn a_plain_port_is_cleartext_with_and_without_a_password() {
    for options in [&[][..], &["--requirepass", "secret"]] {
        let redis = Redis::start(None, options);
        let endpoint = format!("redis://127.0.0.1:{}", redis.port);
        assert_cleartext(look(&endpoint, Authority::new().trust(), "cache.test"));
    }
}
