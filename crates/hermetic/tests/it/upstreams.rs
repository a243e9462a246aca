//! Upstreams that are not whom they should be: 502, the reason in the log and never in the body.

use std::io::Write;

use crate::harness::{Hermetic, Nginx, Origin, Ports, VALID, certificate, curl, eventually, folder};

/// An edge before an nginx with a certificate for `presented`, of which it expects `app.internal`.
fn edge_before_nginx(presented: &str, years: (u16, u16), trust: Option<&str>) -> (Hermetic, Nginx) {
    let folder = folder();
    certificate(folder.path(), presented, years);
    let ports = Ports::reserve();
    let port = ports.nth(1);
    let http = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate origin.pem; ssl_certificate_key origin.key; \
         location / {{ return 200 'from nginx over $ssl_protocol'; }} }}"
    );
    let nginx = Nginx::start(folder.path(), &http, port);
    let trust = trust.unwrap_or("origin-ca.pem").to_owned();
    let edge = Hermetic::configured_in(folder, |own, _| {
        format!(
            "access_log = \"access.jsonl\"\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"https\"\nnames = [\"localhost\"]\n\
             hsts = \"1y\"\n[[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n\
             tls = {{ trust = \"{trust}\", name = \"app.internal\" }}\n\
             [[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n",
            own.edge()
        )
    });
    // The block of ports is nginx's for as long as the scenario runs.
    std::mem::forget(ports);
    (edge, nginx)
}

fn get(edge: &Hermetic) -> (String, String) {
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let output = curl(edge, &["-i", &url]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn refused(edge: &Hermetic, reason: &str) {
    let (head, body) = get(edge);
    assert!(head.starts_with("HTTP/2 502"), "{head}");
    assert!(!body.to_lowercase().contains("certificate") && !body.contains("app.internal"), "{body}");
    let hop = edge.hop("edge", "app");
    assert_eq!(hop["verdict"], "weak", "{hop}");
    assert!(hop["reason"].as_str().unwrap().contains(reason), "{hop}");
    eventually("the reason in the access log", || {
        let log = std::fs::read_to_string(edge.folder.path().join("access.jsonl")).unwrap();
        (log.contains("upstream_failed") && log.contains(reason)).then_some(())
    });
    let output = edge.hermetic(&["hops"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn nginx_with_the_right_certificate_is_sealed() {
    let (edge, _nginx) = edge_before_nginx("app.internal", VALID, None);
    let (head, body) = get(&edge);
    assert!(
        head.starts_with("HTTP/2 200") && head.contains("strict-transport-security: max-age=31536000"),
        "{head}"
    );
    assert_eq!(body, "from nginx over TLSv1.3");
    let hop = edge.hop("edge", "app");
    assert_eq!((&hop["verdict"], &hop["evidence"]), (&"sealed".into(), &"negotiated".into()), "{hop}");
    let line = eventually("the access record", || {
        let log = std::fs::read_to_string(edge.folder.path().join("access.jsonl")).unwrap();
        log.lines().last().map(str::to_owned)
    });
    let record: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&record["kind"], &record["status"]), (&"request".into(), &200.into()), "{record}");
    assert_eq!(record["outbound"]["to"], "app", "{record}");
    assert_eq!(record["outbound"]["transport"]["tls"]["version"], "TLSv1.3", "{record}");
}

#[test]
fn an_upstream_with_the_wrong_name_is_refused() {
    let (edge, _nginx) = edge_before_nginx("other.internal", VALID, None);
    refused(&edge, "other.internal");
}

#[test]
fn an_upstream_with_an_expired_certificate_is_refused() {
    let (edge, _nginx) = edge_before_nginx("app.internal", (2024, 2025), None);
    refused(&edge, "expired");
}

#[test]
fn an_upstream_whose_authority_is_unknown_is_refused() {
    let (edge, _nginx) = edge_before_nginx("app.internal", VALID, Some("authority"));
    refused(&edge, "not trusted");
}

#[test]
fn an_upstream_that_is_not_there_is_unknown_and_the_edge_goes_on() {
    let edge = Hermetic::to("http://127.0.0.1:9");
    let (head, _) = get(&edge);
    assert!(head.starts_with("HTTP/2 502"), "{head}");
    assert_eq!(edge.hop("edge", "app")["verdict"], "unknown");
}

#[test]
fn a_request_that_meets_a_closed_connection_goes_over_another() {
    // Closes each connection after its first response, but only when the next request is there already:
    // unread bytes make the kernel reset it.
    let origin = Origin::acting(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        let _ = stream.peek(&mut [0]);
    });
    let edge = Hermetic::to(&origin.url());
    let url = format!("https://localhost:{}/", edge.ports.edge());
    for _ in 0..5 {
        assert_eq!(String::from_utf8(curl(&edge, &["--fail", &url]).stdout).unwrap(), "ok");
    }
}
