//! Rules that judge by the head of a response.

use super::{counts, edge, edge_in, text};
use crate::harness::{Hermetic, Nginx, Origin, Ports, curl, folder};

fn head(edge: &Hermetic, path: &str) -> String {
    let url = format!("https://localhost:{}{path}", edge.ports.edge());
    text(&curl(edge, &["-s", "-D", "-", "-o", "/dev/null", &url])).to_lowercase()
}

/// An edge before an application that answers with these fields.
fn answering(fields: &'static str, lines: &str) -> (Hermetic, Origin) {
    let origin = Origin::acting(move |stream, _| {
        use std::io::Write;
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{fields}\r\n\r\n");
    });
    (edge(origin.port, lines), origin)
}

#[test]
fn the_listeners_promise_stands_and_a_longer_one_of_the_application_stays() {
    let (short, _origin) = answering("Strict-Transport-Security: max-age=0", "hsts = \"1y\"");
    assert!(head(&short, "/").contains("strict-transport-security: max-age=31536000\r\n"));
    counts(&short, "hsts", "fix", 1);
    let longer = "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload";
    let (long, _origin) = answering(longer, "hsts = \"1y\"");
    assert!(head(&long, "/").contains("max-age=63072000; includesubdomains; preload"));
    let (none, _origin) = answering("X: y", "hsts = \"1y\"");
    assert!(head(&none, "/").contains("strict-transport-security: max-age=31536000\r\n"));
}

#[test]
fn responses_that_promise_nothing_can_be_counted_before_anything_is_promised() {
    let (edge, _origin) = answering("X: y", "guard = { hsts = \"count\" }");
    assert!(!head(&edge, "/").contains("strict-transport-security"));
    counts(&edge, "hsts", "count", 1);
}

#[test]
fn a_browser_keeps_the_cookies_of_an_application_for_https_alone() {
    let cookies = "Set-Cookie: a=1; Path=/\r\nSet-Cookie: __Host-b=2; Path=/; Domain=localhost\r\nSet-Cookie: c=3; Secure";
    let (edge, _origin) = answering(cookies, "");
    let head = head(&edge, "/");
    assert!(head.contains("set-cookie: a=1; path=/; secure\r\n"), "{head}");
    assert!(head.contains("set-cookie: c=3; secure\r\n") && !head.contains("__host-b"), "{head}");
    counts(&edge, "secure-cookies", "fix", 1);
    // curl's own jar says the same: it would not send the cookie in cleartext.
    let jar = edge.folder.path().join("jar");
    let url = format!("https://localhost:{}/", edge.ports.edge());
    assert!(curl(&edge, &["-c", jar.to_str().unwrap(), "-o", "/dev/null", &url]).status.success());
    let jar = std::fs::read_to_string(jar).unwrap();
    let line = jar.lines().find(|line| line.ends_with("a\t1")).unwrap_or_else(|| panic!("{jar}"));
    assert_eq!(line.split('\t').nth(3), Some("TRUE"), "{jar}");
}

#[test]
fn cookies_can_be_counted_only() {
    let (edge, _origin) = answering("Set-Cookie: a=1", &super::only_counted("secure-cookies"));
    assert!(head(&edge, "/").contains("set-cookie: a=1\r\n"));
    counts(&edge, "secure-cookies", "count", 1);
}

/// nginx takes its own scheme and port for the client's when it completes the path of a folder.
#[test]
fn the_redirects_of_an_nginx_that_knows_nothing_of_tls_lead_back_to_https() {
    let (folder, ports) = (folder(), Ports::reserve());
    std::fs::create_dir_all(folder.path().join("www/cart")).unwrap();
    std::fs::write(folder.path().join("www/cart/index.html"), "the cart").unwrap();
    let (root, port) = (folder.path().join("www"), ports.nth(1));
    let http = format!("server {{ listen 127.0.0.1:{port}; root {}; }}", root.display());
    let _nginx = Nginx::start(folder.path(), &http, port);
    let edge = edge_in(folder, &["localhost"], port, "");
    let own = edge.ports.edge();
    let head = head(&edge, "/cart");
    assert!(head.contains(&format!("location: https://localhost:{own}/cart/\r\n")), "{head}");
    counts(&edge, "insecure-location", "fix", 1);
    let followed = curl(&edge, &["-L", &format!("https://localhost:{own}/cart")]);
    assert_eq!(text(&followed), "the cart");
}

#[test]
fn a_websocket_is_promised_what_a_page_is() {
    let origin = Origin::acting(|stream, _| {
        use std::io::Write;
        let switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nset-cookie: a=1\r\n\r\n";
        let _ = stream.write_all(switch.as_bytes());
    });
    let edge = edge(origin.port, "hsts = \"1y\"");
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let upgrade = ["--http1.1", "-D", "-", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", &url];
    let head = text(&curl(&edge, &upgrade)).to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("strict-transport-security: max-age=31536000"), "{head}");
    assert!(head.contains("set-cookie: a=1; secure"), "{head}");
}

#[test]
fn in_cleartext_nothing_is_promised_and_nothing_is_mended() {
    let fields =
        "Strict-Transport-Security: max-age=63072000\r\nSet-Cookie: a=1\r\nLocation: http://localhost/next";
    let origin = Origin::acting(move |stream, _| {
        use std::io::Write;
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{fields}\r\n\r\n");
    });
    let plain = Hermetic::configured(|own, _| {
        format!(
            "[[listener]]\nname = \"plain\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"http\"\nmode = \"observe\"\n\
             cleartext = {{ reason = \"r\", owner = \"o\", until = 9999-12-31 }}\n\
             [[route]]\nlistener = \"plain\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
            own.plain(),
            origin.port
        )
    });
    let url = format!("http://localhost:{}/", plain.ports.plain());
    let head = text(&curl(&plain, &["-D", "-", "-o", "/dev/null", &url])).to_lowercase();
    assert!(head.starts_with("http/1.1 200 ") && !head.contains("strict-transport-security"), "{head}");
    assert!(
        head.contains("set-cookie: a=1\r\n") && head.contains("location: http://localhost/next\r\n"),
        "{head}"
    );
}
