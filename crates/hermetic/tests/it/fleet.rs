//! Nodes on one PostgreSQL, when that is away.

use crate::harness::{Hermetic, Origin, Postgres, curl, eventually};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

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
