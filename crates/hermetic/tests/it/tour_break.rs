//! One hop of the tour broken for real, each way, seen refused, and mended.

use std::process::Output;
use std::time::{Duration, Instant};

use crate::harness::{Hermetic, curl, eventually, hermetic};

/// What a request carries that must not be seen where it must not go.
const SECRET: &str = "marker-7d1c04e2";

fn url(tour: &Hermetic, path: &str) -> String {
    format!("https://localhost:{}{path}", tour.ports.edge())
}

/// The status of a request through the edge, and its body.
fn request(tour: &Hermetic, arguments: &[&str]) -> (String, String) {
    let url = url(tour, "/");
    let output = curl(tour, &[&["-w", "\n%{http_code}", &url], arguments].concat());
    assert!(output.status.success(), "{output:?}\n{}", tour.log());
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.to_owned(), body.to_owned())
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Breaks the hop while connections are pooled on it and sessions could be resumed; gives the hop.
fn broken(tour: &Hermetic, kind: &str) -> serde_json::Value {
    assert_eq!(request(tour, &[]).0, "200");
    let before = tour.hop("balancer", "app")["counts"].clone();
    let output = tour.hermetic(&["tour", "break", kind]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).contains(&format!("broken ({kind})")), "{output:?}");
    assert!(stdout(&output).contains("got 502"), "{output:?}");

    let (status, body) = request(tour, &["-d", SECRET]);
    assert_eq!(status, "502", "{body}");
    let hop = tour.hop("balancer", "app");
    for count in ["connections", "requests", "bytes_sent"] {
        assert_eq!(hop["counts"][count], before[count], "{count} over the broken hop: {hop}");
    }

    let hops = tour.hermetic(&["hops"]);
    assert_eq!(hops.status.code(), Some(1), "{hops:?}");
    let verdict = hop["verdict"].as_str().unwrap();
    let (flow, reason) = (&tour.hops()["flows"][0], hop["reason"].as_str().unwrap());
    assert_eq!((&flow["verdict"], &flow["weakest"]["to"]), (&hop["verdict"], &"app".into()), "{flow}");
    assert!(stdout(&hops).contains(&format!("balancer → app is {verdict}: {reason}")), "{hops:?}");
    assert!(reason.ends_with("requests are refused"), "{reason}");
    hop
}

/// Mends it; requests pass and the hop is sealed again within a second.
fn mended(tour: &Hermetic) {
    let start = Instant::now();
    let output = tour.hermetic(&["tour", "mend"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // What is promised is the release build's; a debug build gets a grace.
    let limit = if cfg!(debug_assertions) { 3 } else { 1 };
    assert!(start.elapsed() < Duration::from_secs(limit), "{:?}", start.elapsed());
    assert!(stdout(&output).contains("got 200"), "{output:?}");
    assert_eq!(request(tour, &[]).0, "200");
    assert_eq!(tour.hop("balancer", "app")["verdict"], "sealed");
    assert_eq!(tour.hermetic(&["hops"]).status.code(), Some(0));
}

fn reason(hop: &serde_json::Value) -> (&str, &str) {
    (hop["verdict"].as_str().unwrap(), hop["reason"].as_str().unwrap())
}

#[test]
fn an_expired_certificate_is_refused_and_told_with_how_long_ago() {
    let tour = Hermetic::tour();
    let hop = broken(&tour, "expired");
    let told = "the certificate of app expired 2 days ago; requests are refused";
    assert_eq!(reason(&hop), ("weak", told));
    mended(&tour);
}

#[test]
fn a_certificate_of_our_authority_for_somebody_else_is_refused() {
    let tour = Hermetic::tour();
    let hop = broken(&tour, "wrong-name");
    let (verdict, told) = reason(&hop);
    assert_eq!(verdict, "weak");
    assert!(told.starts_with("the certificate of app is for "), "{told}");
    assert!(told.contains("billing") && told.contains("not for spiffe://hermetic.internal/app"), "{told}");
    mended(&tour);
}

#[test]
fn a_certificate_of_an_authority_that_nobody_knows_is_refused_and_the_authority_is_gone() {
    let tour = Hermetic::tour();
    let hop = broken(&tour, "untrusted");
    let told =
        "the certificate of app is signed by an authority that is not trusted here; requests are refused";
    assert_eq!(reason(&hop), ("weak", told));
    assert!(!tour.folder.path().join(".hermetic/tour-stranger").exists());
    mended(&tour);
}

#[test]
fn a_port_that_accepts_no_version_above_tls_1_1_is_refused() {
    let tour = Hermetic::tour();
    let hop = broken(&tour, "old-tls");
    let told = "app accepts none of our TLS versions (alert protocol_version); requests are refused";
    assert_eq!(reason(&hop), ("weak", told));
    mended(&tour);
}

#[test]
fn a_port_that_speaks_cleartext_makes_the_hop_clear_and_gets_no_request() {
    let tour = Hermetic::tour();
    let hop = broken(&tour, "cleartext");
    assert_eq!(reason(&hop), ("clear", "app speaks cleartext HTTP, not TLS; requests are refused"));
    // It really does: whoever asks it in cleartext is answered.
    let direct = format!("http://127.0.0.1:{}/", tour.ports.nth(445));
    let output = curl(&tour, &[&direct]);
    assert_eq!(stdout(&output), "This answer came in cleartext.\n");
    mended(&tour);
}

#[test]
fn what_was_counted_before_a_stand_in_took_over_is_not_forgotten() {
    let tour = Hermetic::tour();
    let count = || {
        let hop = tour.hop("balancer", "app");
        hop["counts"]["connections"].as_u64().unwrap()
    };
    let before = count();
    broken(&tour, "cleartext");
    mended(&tour);
    assert!(count() > before);
}

#[test]
fn breaking_twice_and_mending_what_is_sound_are_told_and_change_nothing() {
    let tour = Hermetic::tour();
    let nothing = tour.hermetic(&["tour", "mend"]);
    assert_eq!(nothing.status.code(), Some(2), "{nothing:?}");
    assert!(stderr(&nothing).contains("nothing is broken"), "{nothing:?}");
    broken(&tour, "expired");
    for kind in ["expired", "cleartext"] {
        let again = tour.hermetic(&["tour", "break", kind]);
        assert_eq!(again.status.code(), Some(2), "{again:?}");
        assert!(stderr(&again).contains("broken already (expired)"), "{again:?}");
    }
    assert!(tour.hop("balancer", "app")["reason"].as_str().unwrap().contains("expired"));
    mended(&tour);
}

#[test]
fn an_unknown_way_is_wrong_usage_and_names_the_known_ones() {
    let tour = Hermetic::tour();
    let unknown = tour.hermetic(&["tour", "break", "everything"]);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
    assert!(stderr(&unknown).contains("wrong-name"), "{unknown:?}");
}

#[test]
fn only_the_tour_can_be_broken() {
    let app = crate::harness::Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let edge = Hermetic::to(&app.url());
    let refused = edge.hermetic(&["tour", "break", "expired"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(stderr(&refused).contains("not the tour"), "{refused:?}");
    let nobody = hermetic(crate::harness::folder().path(), &["tour", "mend"]);
    assert_eq!(nobody.status.code(), Some(3), "{nobody:?}");
}

/// The token in a page's form.
fn token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap_or_else(|| panic!("{page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

const BROWSER: [&str; 2] = ["-H", "accept: text/html,*/*;q=0.8"];

#[test]
fn the_page_breaks_and_the_page_of_the_502_mends() {
    let tour = Hermetic::tour();
    let overview = stdout(&curl(&tour, &[&url(&tour, "/tour")]));
    assert!(overview.contains("<h1>SEALED</h1>") && overview.contains("old-tls"), "{overview}");
    let form = format!("kind=expired&token={}", token(&overview));
    let origin = format!("origin: https://localhost:{}", tour.ports.edge());
    let sent = curl(&tour, &["-i", "-H", &origin, "-d", &form, &url(&tour, "/tour/break")]);
    assert!(stdout(&sent).to_lowercase().contains("location: /tour\r\n"), "{sent:?}");

    let (status, page) = request(&tour, &BROWSER);
    assert_eq!(status, "502");
    assert!(page.contains("<b>balancer → app</b>"), "{page}");
    assert!(page.contains("the certificate of app expired 2 days ago"), "{page}");
    assert!(page.contains("action=\"/tour/mend\"") && !page.contains("<script"), "{page}");
    // Programs get no page in place of the answer.
    let (_, plain) = request(&tour, &[]);
    assert!(plain.starts_with("502 Bad Gateway"), "{plain}");

    let form = format!("token={}", token(&page));
    curl(&tour, &["-d", &form, &url(&tour, "/tour/mend")]);
    eventually("the mended hop", || (request(&tour, &[]).0 == "200").then_some(()));
}

#[test]
fn a_form_of_another_site_breaks_nothing() {
    let tour = Hermetic::tour();
    let overview = stdout(&curl(&tour, &[&url(&tour, "/tour")]));
    let form = format!("kind=expired&token={}", token(&overview));
    let post = |arguments: &[&str]| {
        let to = url(&tour, "/tour/break");
        stdout(&curl(&tour, &[&["-o", "/dev/null", "-w", "%{http_code}", &to], arguments].concat()))
    };
    assert_eq!(post(&["-d", &form, "-H", "origin: https://evil.example"]), "403");
    assert_eq!(post(&["-d", &form, "-H", "sec-fetch-site: cross-site"]), "403");
    assert_eq!(post(&["-d", "kind=expired"]), "403");
    assert_eq!(post(&["-d", &form.replace("expired", "everything")]), "400");
    assert_eq!(post(&[]), "405");
    assert_eq!(request(&tour, &[]).0, "200");
}

#[test]
fn a_far_end_in_cleartext_gets_a_hello_and_no_byte_of_the_request() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut bytes = vec![0; 64 * 1024];
            let first = stream.read(&mut bytes).unwrap();
            bytes.truncate(first);
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            stream.read_to_end(&mut bytes).unwrap();
            sender.send(bytes).unwrap();
        }
    });
    let edge = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"https\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n\
             tls = {{ trust = \"authority\", name = \"app.internal\" }}\n",
            ports.edge()
        )
    });
    let (status, _) = request(&edge, &["-d", SECRET]);
    assert_eq!(status, "502");
    let bytes = heard.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(bytes.first(), Some(&22), "a TLS record of type handshake");
    assert!(!String::from_utf8_lossy(&bytes).contains(SECRET));
    assert_eq!(
        reason(&edge.hop("edge", "app")),
        ("clear", "app speaks cleartext HTTP, not TLS; requests are refused")
    );
}

#[test]
fn the_picture_of_the_flows_is_drawn_anew_and_shows_what_is_broken() {
    let tour = Hermetic::tour();
    let url = format!("https://localhost:{}/tour/flows", tour.ports.edge());
    let page = |tour: &Hermetic| String::from_utf8(curl(tour, &[&url]).stdout).unwrap();
    let whole = page(&tour);
    assert!(
        whole.contains("<svg") && whole.contains("http-equiv=\"refresh\"") && whole.contains("balancer"),
        "{whole}"
    );
    assert!(tour.hermetic(&["tour", "break", "untrusted"]).status.success());
    let broken = page(&tour);
    assert!(broken.contains("<body class=\"weak\">") && broken != whole, "{broken}");
}
