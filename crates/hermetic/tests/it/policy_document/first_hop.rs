//! The way from the first hop on, as those tell it who are believed; and who a certificate stands for.

use super::document;
use crate::harness::{Haproxy, Hermetic, Origin, curl, folder, hermetic, self_signed};

pub(super) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
const BUCKET: &str = r#"["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"]"#;
pub(super) const CLEARTEXT: &str =
    "mode = \"observe\"\ncleartext = { reason = \"r\", owner = \"o\", until = 2090-01-01 }\n";

/// An edge with these lines on its listener and its route, before an origin that answers `ok`.
pub(super) fn edge(folder: tempfile::TempDir, listener: &str, route: &str, origin: &Origin) -> Hermetic {
    std::fs::write(folder.path().join("s3.json"), document("s3", BUCKET)).unwrap();
    Hermetic::configured_in(folder, |ports, _| {
        format!(
            "workers = 1\n[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\n{listener}\n\
             [[route]]\nlistener = \"edge\"\nto = \"store\"\n{route}\n\
             [[upstream]]\nname = \"store\"\nendpoints = [\"127.0.0.1:{}\"]\npolicy_document = \"s3.json\"\n",
            ports.edge(),
            origin.port
        )
    })
}

/// The status that curl gets with these arguments.
pub(super) fn status(edge: &Hermetic, arguments: &[&str]) -> String {
    let output = curl(edge, &[&["--output", "/dev/null", "--write-out", "%{http_code}"], arguments].concat());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn behind_a_proxy_on_this_host_the_clients_tls_decides() {
    let (folder, origin) = (folder(), Origin::answering(OK));
    self_signed(folder.path(), "server", "localhost");
    let from_here = "proxy_protocol = { from = [\"127.0.0.1\"] }";
    let edge = edge(folder, &format!("protocol = \"http\"\n{CLEARTEXT}{from_here}"), "", &origin);
    let [tls, clear] = [2, 3].map(|n| edge.ports.nth(n));
    let to = format!("server edge 127.0.0.1:{} send-proxy-v2-ssl", edge.ports.edge());
    let proxies = format!(
        "listen tls\n mode tcp\n bind 127.0.0.1:{tls} ssl crt server.both\n {to}\n\
         listen clear\n mode tcp\n bind 127.0.0.1:{clear}\n {to}"
    );
    let _haproxy = Haproxy::start(edge.folder.path(), &proxies, tls);
    let by = |arguments: &[&str], scheme: &str, port: u16| {
        status(&edge, &[arguments, &["--insecure", &format!("{scheme}://127.0.0.1:{port}/shop/k")]].concat())
    };
    assert_eq!(by(&["--tlsv1.3"], "https", tls), "200");
    assert_eq!(by(&["--tls-max", "1.2"], "https", tls), "403");
    assert_eq!(by(&[], "http", clear), "403");
    assert_eq!(origin.requests().len(), 1);
}

#[test]
fn what_an_authenticated_party_tells_of_cleartext_counts_and_its_certificate_names_a_principal() {
    let (folder, origin) = (folder(), Origin::answering(OK));
    let issued = hermetic(
        folder.path(),
        &["cert", "issue", "--name", "balancer", "--usage", "client", "--data", "parties"],
    );
    assert!(issued.status.success(), "{issued:?}");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [cert, key] = [at("balancer.pem"), at("balancer-key.pem")];
    let ana = "arn:aws:iam::111122223333:role/balancer";
    let caller = format!("[[caller]]\nprincipal = \"{ana}\"\nidentity = \"dns:balancer\"\n");
    std::fs::write(folder.path().join("callers.toml"), caller).unwrap();
    let named = format!(
        r#"{{"Statement": {{"Effect": "Deny", "Principal": {{"AWS": "{ana}"}}, "Action": "s3:DeleteObject",
            "Resource": "arn:aws:s3:::shop/*"}}}}"#
    );
    std::fs::write(folder.path().join("named.json"), named).unwrap();
    let counted = "guard = { clear-earlier-hop = { action = \"count\", reason = \"r\", owner = \"o\", until = 9999-12-31 } }";
    let listener = format!(
        "names = [\"localhost\"]\nclients = \"required\"\nclient_ca = \"parties/ca.pem\"\nallow = [\"dns:balancer\"]\n\
         credentials = \"callers.toml\"\npolicy_document = \"named.json\"\n{counted}"
    );
    let edge = edge(folder, &listener, "", &origin);
    let url = format!("https://localhost:{}/shop/k", edge.ports.edge());
    let told =
        |arguments: &[&str]| status(&edge, &[&["--cert", &cert, "--key", &key], arguments, &[&url]].concat());
    assert_eq!(told(&[]), "200");
    assert_eq!(told(&["--request", "DELETE"]), "403");
    assert_eq!(told(&["--header", "X-Forwarded-Proto: http"]), "403");
    let https = ["--header", "X-Forwarded-Proto: https", "--header"];
    assert_eq!(told(&[&https[..], &["X-Amzn-Tls-Version: TLSv1.3"]].concat()), "200");
    assert_eq!(told(&[&https[..], &["X-Amzn-Tls-Version: TLSv1.2"]].concat()), "403");
    assert_eq!(origin.requests().len(), 2);
}

#[test]
fn a_bucket_in_the_host_is_denied_too() {
    let (folder, origin) = (folder(), Origin::answering(OK));
    let route = "host = \"*.store.test\"";
    let edge = edge(folder, &format!("protocol = \"http\"\n{CLEARTEXT}"), route, &origin);
    let url = format!("http://127.0.0.1:{}/shop/k", edge.ports.edge());
    let of = |host: &str| status(&edge, &["--header", &format!("Host: {host}"), &url]);
    assert_eq!(of("shop.store.test"), "403");
    // There the bucket is another, and the path is a key in it.
    assert_eq!(of("other.store.test"), "200");
}

#[test]
fn where_nobody_says_where_buckets_stand_each_way_to_read_it_counts() {
    let (folder, origin) = (folder(), Origin::answering(OK));
    let edge = edge(folder, &format!("protocol = \"http\"\n{CLEARTEXT}"), "", &origin);
    let of = |host: &str, path: &str| {
        let url = format!("http://127.0.0.1:{}{path}", edge.ports.edge());
        status(&edge, &["--header", &format!("Host: {host}"), &url])
    };
    assert_eq!(of("anything.test", "/shop/k"), "403");
    assert_eq!(of("shop.store.test", "/k"), "403");
    assert_eq!(of("other.store.test", "/k"), "200");
}
