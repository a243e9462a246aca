//! The wire of the tour, as relays on its hops see it.

use std::process::Output;

use crate::harness::{Hermetic, Postgres, curl};

const SECRET: &str = "correct horse battery staple";

fn wire(tour: &Hermetic, arguments: &[&str]) -> (Output, serde_json::Value) {
    let output = tour.hermetic(&[&["tour", "wire", "--format", "json"], arguments].concat());
    let seen = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, seen)
}

#[test]
fn the_secret_stands_readable_on_the_control_and_on_no_hop() {
    let tour = Hermetic::tour();
    let (output, seen) = wire(&tour, &["--secret", SECRET]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!((&seen["outcome"], &seen["status"]), (&"not_found".into(), &200.into()), "{seen}");
    let hops = seen["hops"].as_array().unwrap();
    let to: Vec<_> = hops.iter().map(|hop| hop["hop"]["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["edge", "balancer", "app"]);
    for hop in hops {
        let captured = &hop["captured"];
        assert_eq!((&hop["outcome"], &captured["found"]), (&"not_found".into(), &0.into()), "{hop}");
        assert!(captured["data_records"].as_u64().unwrap() > 0, "{hop}");
        assert!(captured["bytes"].as_u64().unwrap() > SECRET.len() as u64, "{hop}");
    }
    // There and back.
    assert_eq!((&seen["control"]["found"], &seen["control"]["records"]), (&2.into(), &0.into()), "{seen}");
}

#[test]
fn where_there_is_no_database_the_wire_shows_three_hops_and_says_why() {
    let tour = Hermetic::tour();
    let (_, seen) = wire(&tour, &[]);
    assert_eq!(seen["hops"].as_array().unwrap().len(), 3, "{seen}");
    assert_eq!(seen["no_database"], "$HERMETIC_TOUR_POSTGRES is `off`", "{seen}");
    let output = tour.hermetic(&["tour", "wire"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("no hop to a database: $HERMETIC_TOUR_POSTGRES is `off`"), "{text}");
}

#[test]
fn the_secret_goes_to_the_database_and_back_and_the_wire_shows_how_postgresql_comes_to_tls() {
    let tour = Hermetic::tour_in(|command| command);
    assert!(tour.line("tour: ").starts_with("tour: SEALED, 4 of 4 hops"), "{}", tour.log());
    let (output, seen) = wire(&tour, &["--secret", SECRET]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!((&seen["outcome"], &seen["no_database"]), (&"not_found".into(), &serde_json::Value::Null));
    let hop = &seen["hops"][3];
    assert_eq!((&hop["hop"]["to"], &hop["outcome"]), (&"database".into(), &"not_found".into()), "{hop}");
    let passages = hop["captured"]["passages"].as_array().unwrap();
    let kinds: Vec<_> = passages.iter().map(|passage| &passage["kind"]).collect();
    assert_eq!((kinds[0], kinds[1]), (&"ssl_request".into(), &"ssl_answer".into()), "{hop}");
    assert_eq!(passages[1]["bytes"], serde_json::json!([b'S']), "{hop}");
    assert!(kinds.iter().skip(2).all(|kind| kind.get("record").is_some()), "{hop}");
    let text = tour.hermetic(&["tour", "wire", "--secret", SECRET]).stdout;
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("from the client: PostgreSQL's SSLRequest"), "{text}");
    assert!(text.contains("from the server: the answer to SSLRequest: yes, TLS follows"), "{text}");
}

#[test]
fn the_database_has_the_secret_that_no_hop_shows() {
    let issuer = Hermetic::tour();
    let server = Postgres::start(&issuer);
    let tour = Hermetic::tour_with_database(&server.url(&issuer.ca()));
    assert!(tour.line("tour: ").starts_with("tour: SEALED, 4 of 4 hops"), "{}", tour.log());
    let (output, seen) = wire(&tour, &["--secret", SECRET]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(seen["hops"][3]["captured"]["found"], 0, "{seen}");
    assert_eq!(server.ask(&issuer.ca(), "select note from hermetic_visits"), SECRET);
}

#[test]
fn without_the_database_that_it_must_reach_a_secret_proves_nothing() {
    let issuer = Hermetic::tour();
    let server = Postgres::start(&issuer);
    let tour = Hermetic::tour_with_database(&server.url(&issuer.ca()));
    assert!(tour.line("tour: ").starts_with("tour: SEALED, 4 of 4 hops"), "{}", tour.log());
    drop(server);
    let (output, seen) = wire(&tour, &["--secret", SECRET]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!((&seen["outcome"], &seen["status"]), (&"inconclusive".into(), &503.into()), "{seen}");
}

#[test]
fn the_terminal_shows_records_with_their_types_and_the_readable_control() {
    let tour = Hermetic::tour();
    let output = tour.hermetic(&["tour", "wire", "--secret", "hunter2-hunter2"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("type 23 (application_data), version 03 03"), "{text}");
    assert!(text.contains("balancer → app: not found"), "{text}");
    assert!(text.contains("no TLS record") && text.contains("hunter2-hunter2\n"), "{text}");
}

#[test]
fn what_does_stand_on_the_wire_is_found() {
    let tour = Hermetic::tour();
    // The server name of the client's hello goes in clear, by the design of TLS.
    let (output, seen) = wire(&tour, &["--secret", "localhost"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!((&seen["outcome"], &seen["hops"][0]["outcome"]), (&"found".into(), &"found".into()), "{seen}");
}

#[test]
fn with_a_broken_hop_nothing_is_proven() {
    let tour = Hermetic::tour();
    for kind in ["expired", "cleartext"] {
        assert!(tour.hermetic(&["tour", "break", kind]).status.success());
        let (output, seen) = wire(&tour, &["--secret", SECRET]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert_eq!((&seen["outcome"], &seen["status"]), (&"inconclusive".into(), &502.into()), "{seen}");
        // Neither does the broken hop carry a byte of it: the relay on it has seen none.
        assert_eq!(seen["hops"][2]["captured"]["found"], 0, "{seen}");
        assert!(tour.hermetic(&["tour", "mend"]).status.success());
    }
    assert_eq!(wire(&tour, &[]).0.status.code(), Some(0));
}

#[test]
fn a_secret_that_chance_could_write_is_refused() {
    let tour = Hermetic::tour();
    let (output, _) = wire(&tour, &["--secret", "short"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("6 to 256"), "{output:?}");
}

#[test]
fn the_page_shows_the_wire_of_a_secret_that_is_typed_in() {
    let tour = Hermetic::tour();
    let url = |path: &str| format!("https://localhost:{}{path}", tour.ports.edge());
    let overview = String::from_utf8(curl(&tour, &[&url("/tour")]).stdout).unwrap();
    let (_, rest) = overview.split_once("name=\"token\" value=\"").unwrap();
    let form = format!("token={}&secret=%3Cb%3Ehunter+2", rest.split_once('"').unwrap().0);
    let page = String::from_utf8(curl(&tour, &["-d", &form, &url("/tour/wire")]).stdout).unwrap();
    assert!(page.contains("<h1>NOT FOUND</h1>"), "{page}");
    assert!(page.contains("&lt;b&gt;hunter 2") && !page.contains("<b>hunter"), "{page}");
    assert_eq!(page.matches("<em>not found</em>").count(), 3, "{page}");
    let forged =
        curl(&tour, &["-d", "secret=hunter22", "-w", "%{http_code}", "-o", "/dev/null", &url("/tour/wire")]);
    assert_eq!(String::from_utf8_lossy(&forged.stdout), "403");
}
