//! Log timestamps that OpenSSL sends in the handshake.

use super::scanned;
use crate::certificates::Authority;
use crate::server::OpenSsl;

/// Timestamps of two logs as the extension of TLS 1.2's ServerHello and of TLS 1.3's Certificate, in OpenSSL's form.
const TWO_LOGS: &str = "-----BEGIN SERVERINFOV2 FOR SCT-----\n\
    AAARwAASAGgAZgAxABERERERERERERERERERERERERERERERERERERERERERAAAB\n\
    i8/laAAAAAQDAAJhYgAxACIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIi\n\
    AAABi8/laAAAAAQDAAJhYg==\n\
    -----END SERVERINFOV2 FOR SCT-----\n";

/// The logs that are named in the handshake; `None` where that was not to be seen.
fn logs(arguments: &[&str]) -> Option<Vec<u8>> {
    let server = OpenSsl::start(arguments);
    let trust = Authority::new().trust();
    let endpoint = format!("tls://127.0.0.1:{}", server.address.port());
    let certificates = scanned(&endpoint, trust, "shop.test", |_| ()).beside.unwrap().certificates;
    let in_handshake = certificates.chosen().unwrap().timestamps.in_handshake.clone()?;
    Some(in_handshake.iter().map(|timestamp| timestamp.log[0]).collect())
}

#[test]
fn timestamps_come_to_light_that_tls_1_3_hides() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("info.pem");
    std::fs::write(&file, TWO_LOGS).unwrap();
    let with = ["-serverinfo", file.to_str().unwrap()];
    assert_eq!(logs(&[&with[..], &["-tls1_3"]].concat()), Some(vec![0x11, 0x22]));
    assert_eq!(logs(&["-tls1_3"]), Some(Vec::new()), "asked for, and none came");
}
