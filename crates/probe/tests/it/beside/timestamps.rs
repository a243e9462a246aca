//! Log timestamps that OpenSSL sends in the handshake.

use hermetic_probe::certificates::Offered;

use super::scanned;
use crate::certificates::Authority;
use crate::server::OpenSsl;

/// Timestamps of two logs as the extension of TLS 1.2's ServerHello and of TLS 1.3's Certificate, in OpenSSL's form.
const TWO_LOGS: &str = "-----BEGIN SERVERINFOV2 FOR SCT-----\n\
    AAARwAASAGgAZgAxABERERERERERERERERERERERERERERERERERERERERERAAAB\n\
    i8/laAAAAAQDAAJhYgAxACIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIi\n\
    AAABi8/laAAAAAQDAAJhYg==\n\
    -----END SERVERINFOV2 FOR SCT-----\n";

/// The logs that are named in the handshake, for each chain; `None` where that was not to be seen.
fn logs(arguments: &[&str]) -> Vec<Option<Vec<u8>>> {
    let server = OpenSsl::start(arguments);
    let trust = Authority::new().trust();
    let endpoint = format!("tls://127.0.0.1:{}", server.address.port());
    let certificates = scanned(&endpoint, trust, "shop.test", |_| ()).beside.unwrap().certificates;
    let named = |offered: &Offered| {
        let in_handshake = offered.timestamps.in_handshake.clone()?;
        Some(in_handshake.iter().map(|timestamp| timestamp.log[0]).collect())
    };
    certificates.offered.iter().map(named).collect()
}

/// OpenSSL sends them beside its first certificate, which is on a curve, and not beside the RSA one.
#[test]
fn timestamps_come_to_light_that_tls_1_3_hides_by_each_suite_and_group_and_for_each_chain() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("info.pem");
    std::fs::write(&file, TWO_LOGS).unwrap();
    let with = ["-tls1_3", "-serverinfo", file.to_str().unwrap()];
    for suite in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
        for group in ["X25519", "P-256", "P-384"] {
            let by = ["-ciphersuites", suite, "-groups", group];
            let expected = [Some(vec![0x11, 0x22]), Some(Vec::new())];
            assert_eq!(logs(&[&with[..], &by].concat()), expected, "{suite} {group}");
        }
    }
    assert_eq!(logs(&["-tls1_3"]), [Some(Vec::new()), Some(Vec::new())], "asked for, and none came");
}
