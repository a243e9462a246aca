//! Session tickets, with a client that keeps its sessions: openssl.

use crate::harness::{Hermetic, Origin, Ports, openssl};

/// A public listener and a private one that demands client certificates, side by side.
fn both() -> (Hermetic, Origin) {
    let origin = Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    let port = origin.port;
    let hermetic = Hermetic::configured(|ports, _| {
        let listener = |name: &str, port: u16, more: &str| {
            format!(
                "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"https\"\n\
                 names = [\"localhost\"]\n{more}[[route]]\nlistener = \"{name}\"\nto = \"app\"\n"
            )
        };
        listener("public", ports.nth(1), "")
            + &listener("private", ports.nth(2), "clients = \"required\"\n")
            + &format!("[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n")
    });
    (hermetic, origin)
}

/// A request by openssl, with the session of a file or into one.
fn request(hermetic: &Hermetic, port: u16, session: &[&str]) -> String {
    let (ca, address) = (hermetic.ca(), format!("127.0.0.1:{port}"));
    let common = ["s_client", "-connect", &address, "-servername", "localhost", "-ign_eof", "-CAfile"];
    let output = openssl(
        &[&common[..], &[ca.to_str().unwrap()], session].concat(),
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

fn ports(ports: &Ports) -> (u16, u16) {
    (ports.nth(1), ports.nth(2))
}

#[test]
fn a_ticket_resumes_on_the_listener_that_gave_it() {
    let (hermetic, _origin) = both();
    let (public, _) = ports(&hermetic.ports);
    for version in ["-tls1_2", "-tls1_3"] {
        let file = hermetic.folder.path().join("session");
        let file = file.to_str().unwrap();
        assert!(request(&hermetic, public, &[version, "-sess_out", file]).contains("New, TLS"));
        let again = request(&hermetic, public, &[version, "-sess_in", file]);
        assert!(again.contains("Reused, TLS") && again.contains("200 OK"), "{version}: {again}");
    }
    assert_eq!(hermetic.hop("client", "public")["counts"]["resumed"], 2);
}

#[test]
fn a_ticket_resumes_after_a_restart() {
    let (hermetic, _origin) = both();
    let (public, _) = ports(&hermetic.ports);
    let file = hermetic.folder.path().join("session").to_str().unwrap().to_owned();
    assert!(request(&hermetic, public, &["-tls1_2", "-sess_out", &file]).contains("New, TLS"));
    let hermetic = Hermetic::up_again(hermetic, &[]);
    let again = request(&hermetic, public, &["-tls1_2", "-sess_in", &file]);
    assert!(again.contains("Reused, TLS") && again.contains("200 OK"), "{again}");
}

#[test]
fn a_ticket_from_a_public_listener_never_opens_a_private_one() {
    let (hermetic, origin) = both();
    let (public, private) = ports(&hermetic.ports);
    for version in ["-tls1_2", "-tls1_3"] {
        let file = hermetic.folder.path().join("session");
        let file = file.to_str().unwrap();
        assert!(request(&hermetic, public, &[version, "-sess_out", file]).contains("200 OK"));
        let before = origin.requests().len();
        let carried = request(&hermetic, private, &[version, "-sess_in", file]);
        assert!(!carried.contains("Reused, TLS") && !carried.contains("200 OK"), "{version}: {carried}");
        assert_eq!(origin.requests().len(), before, "{version}");
    }
}

#[test]
fn a_ticket_from_before_a_listener_demanded_client_certificates_does_not_open_it() {
    let (hermetic, origin) = both();
    let (public, _) = ports(&hermetic.ports);
    let path = hermetic.folder.path().join("hermetic.toml");
    let before = std::fs::read_to_string(&path).unwrap();
    let file = hermetic.folder.path().join("session");
    let file = file.to_str().unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let reload = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let output = hermetic.hermetic(&["reload"]);
            assert!(output.status.success(), "{output:?}");
        };
        assert!(request(&hermetic, public, &[version, "-sess_out", file]).contains("200 OK"));
        // A reload that leaves the listener alone leaves its tickets alone.
        reload(&format!("drain = \"31s\"\n{before}"));
        assert!(request(&hermetic, public, &[version, "-sess_in", file]).contains("Reused, TLS"));
        reload(&before.replacen("names", "clients = \"required\"\nnames", 1));
        let seen = origin.requests().len();
        let carried = request(&hermetic, public, &[version, "-sess_in", file]);
        assert!(!carried.contains("Reused, TLS") && !carried.contains("200 OK"), "{version}: {carried}");
        assert_eq!(origin.requests().len(), seen, "{version}");
        reload(&before);
    }
}
