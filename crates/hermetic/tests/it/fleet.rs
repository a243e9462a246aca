//! Nodes on one PostgreSQL, when that is away.

use crate::harness::{Hermetic, Origin, Postgres, curl, eventually};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

#[test]
fn the_hop_to_the_store_is_judged_by_the_handshake_that_the_instance_made() {
    let issuer = Hermetic::configured(|_, _| String::new());
    let mut server = Postgres::start(&issuer);
    let node = Hermetic::configured(|_, _| {
        format!(
            "store = \"postgres://web@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}\"\n",
            server.port(),
            issuer.ca().display()
        )
    });
    let hop = node.hop("hermetic", "store");
    assert_eq!((&hop["verdict"], &hop["evidence"]), (&"sealed".into(), &"negotiated".into()), "{hop}");
    assert_eq!(hop["tls"]["server_checked"], "verified", "{hop}");
    assert!(hop["counts"]["connections"].as_u64() >= Some(2), "{hop}");
    let shown = String::from_utf8(node.hermetic(&["hops"]).stdout).unwrap();
    let row = shown.lines().find(|line| line.contains("hermetic → store")).unwrap();
    assert!(row.contains("sealed") && row.contains("negotiated"), "{shown}");

    server.stop();
    assert_eq!(node.hermetic(&["cert", "issue", "--name", "away.internal"]).status.code(), Some(3));
    let hop = node.hop("hermetic", "store");
    assert!(hop["reason"].as_str().unwrap().contains("localhost"), "{hop}");
}

#[test]
fn the_hop_to_a_store_at_a_unix_socket_is_local() {
    let issuer = Hermetic::configured(|_, _| String::new());
    let server = Postgres::start(&issuer);
    let node = Hermetic::configured(|_, _| format!("store = \"{}\"\n", server.socket_url()));
    let hop = node.hop("hermetic", "store");
    assert_eq!((&hop["verdict"], &hop["evidence"]), (&"local".into(), &"negotiated".into()), "{hop}");
}

#[test]
fn while_postgres_is_away_listeners_serve_and_what_needs_it_says_so() {
    let issuer = Hermetic::configured(|_, _| String::new());
    let (mut server, origin) = (Postgres::start(&issuer), Origin::answering(OK));
    let node = Hermetic::configured(|ports, _| {
        format!(
            "store = \"postgres://web@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}\"\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            server.port(),
            issuer.ca().display(),
            ports.nth(1),
            origin.port
        )
    });
    let url = format!("https://localhost:{}/", node.ports.nth(1));
    let issue = |name: &str| node.hermetic(&["cert", "issue", "--name", name]);
    assert_eq!(curl(&node, &[&url]).stdout, b"ok");
    assert!(issue("before.internal").status.success());

    server.stop();
    assert_eq!(curl(&node, &[&url]).stdout, b"ok", "what is open needs no database");
    let refused = issue("meanwhile.internal");
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("can't be reached"), "{refused:?}");
    assert_eq!(curl(&node, &[&url]).stdout, b"ok");

    server.start_again();
    eventually("the store", || issue("after.internal").status.success().then_some(()));
    assert_eq!(curl(&node, &[&url]).stdout, b"ok");
    let verified = node.hermetic(&["trail", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}
