//! The tour, as a person meets it in the first minute.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{Hermetic, curl, eventually};

fn path(hermetic: &Hermetic, arguments: &[&str]) -> serde_json::Value {
    let url = format!("https://localhost:{}/", hermetic.ports.edge());
    let output = curl(hermetic, &[&["-H", "accept: application/json", &url], arguments].concat());
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_page_shows_three_sealed_hops_with_evidence_from_this_very_request() {
    let tour = Hermetic::tour();
    let path = path(&tour, &[]);
    assert_eq!(path["flow"], "tour");
    assert_eq!(path["verdict"], "sealed");
    let hops = path["hops"].as_array().unwrap();
    let names: Vec<_> =
        hops.iter().map(|hop| (hop["from"].as_str().unwrap(), hop["to"].as_str().unwrap())).collect();
    assert_eq!(names, [("client", "edge"), ("edge", "balancer"), ("balancer", "app")]);
    for hop in hops {
        assert_eq!((&hop["verdict"], &hop["evidence"]), (&"sealed".into(), &"negotiated".into()), "{hop}");
        assert_eq!(hop["tls"]["version"], "TLSv1.3", "{hop}");
    }
    // Debian's curl offers no ML-KEM; between ourselves it is always used.
    assert_eq!(hops[0]["tls"]["post_quantum"], false);
    assert_eq!(hops[1]["tls"]["group"], "X25519MLKEM768");
    assert_eq!(hops[2]["tls"]["post_quantum"], true);
    assert_eq!(path["weakest"]["to"], "edge");
}

#[test]
fn what_the_server_cant_know_of_the_client_is_said_to_be_not_observable() {
    let tour = Hermetic::tour();
    let path = path(&tour, &[]);
    assert_eq!(path["hops"][0]["tls"]["server_checked"], "not_observable");
    assert_eq!(path["hops"][1]["tls"]["server_checked"], "verified");
    assert_eq!(path["hops"][1]["tls"]["client_checked"], "verified");
}

#[test]
fn curl_gets_a_page_that_a_browser_shows() {
    let tour = Hermetic::tour();
    let url = format!("https://localhost:{}/", tour.ports.edge());
    let output = curl(&tour, &["-i", &url]);
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("text/html") && page.contains("balancer") && page.contains("X25519"), "{page}");
    assert!(page.contains("<a href=\"/tour\">"), "{page}");
}

#[test]
fn a_forged_path_header_shows_nowhere() {
    let tour = Hermetic::tour();
    let forged = r#"hermetic-path: [{"from":"moon","to":"edge","mode":"require","policy":"mozilla/intermediate","evidence":{"kind":"negotiated","view":"server","at":"2026-01-01T00:00:00Z","transport":{"cleartext":{"local":true}}}}]"#;
    let path = path(&tour, &["-H", forged]);
    assert_eq!(path["hops"].as_array().unwrap().len(), 3, "{path}");
    assert!(!path.to_string().contains("moon"));
}

#[test]
fn the_banner_ends_with_the_verdict_and_hops_agrees() {
    let tour = Hermetic::tour();
    let last = tour.banner.last().unwrap();
    assert!(last.starts_with("tour: SEALED, 3 of 3 hops"), "{last}");
    assert!(
        tour.banner.iter().any(|line| line.contains("curl --cacert .hermetic/ca.pem")),
        "{:?}",
        tour.banner
    );
    let output = tour.hermetic(&["hops"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let hops = tour.hops();
    assert_eq!(hops["flows"][0]["verdict"], "sealed", "{hops}");
    assert_eq!(hops["hops"].as_array().unwrap().len(), 3);
}

#[test]
fn cleartext_is_redirected_to_the_edge() {
    let tour = Hermetic::tour();
    let url = format!("http://localhost:{}/a?b=c", tour.ports.plain());
    let output = curl(&tour, &["-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", &url]);
    let expected = format!("301 https://localhost:{}/a?b=c", tour.ports.edge());
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn nobody_but_the_edge_gets_into_the_balancer() {
    let tour = Hermetic::tour();
    let url = format!("https://balancer.hermetic.internal:{}/", tour.ports.nth(444));
    let resolve = format!("balancer.hermetic.internal:{}:127.0.0.1", tour.ports.nth(444));
    let without = curl(&tour, &["--resolve", &resolve, &url]);
    assert!(!without.status.success(), "{without:?}");
    // A certificate of the authority alone admits nobody either.
    let issued = tour.hermetic(&["cert", "issue", "--name", "stranger", "--usage", "client"]);
    assert!(issued.status.success(), "{issued:?}");
    let folder = tour.folder.path();
    let (cert, key) = (folder.join("stranger.pem"), folder.join("stranger-key.pem"));
    let (cert, key) = (cert.to_str().unwrap(), key.to_str().unwrap());
    let with =
        curl(&tour, &["--resolve", &resolve, "--cert", cert, "--key", key, "-w", "%{http_code}", &url]);
    assert!(String::from_utf8_lossy(&with.stdout).ends_with("403"), "{with:?}");
}

#[test]
fn the_edge_answers_within_two_seconds_of_a_start_with_an_empty_folder() {
    // What is measured is the release build; a debug build gets a grace.
    let limit = if cfg!(debug_assertions) { Duration::from_secs(6) } else { Duration::from_secs(2) };
    let start = Instant::now();
    let tour = Hermetic::tour();
    path(&tour, &[]);
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
}

#[test]
fn all_parts_end_with_the_supervisor_even_by_sigkill() {
    let mut tour = Hermetic::tour();
    let supervisor = tour.pid().to_string();
    let children = Command::new("pgrep").args(["-P", &supervisor]).output().unwrap();
    let children: Vec<String> =
        String::from_utf8_lossy(&children.stdout).lines().map(str::to_owned).collect();
    assert_eq!(children.len(), 7, "edge, balancer and app, a relay before each, and the control");
    tour.kill();
    eventually("the end of the parts", || {
        children.iter().all(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
}

#[test]
fn sigterm_ends_the_tour_in_order() {
    let mut tour = Hermetic::tour();
    tour.signal("TERM");
    assert!(tour.ended(), "{}", tour.log());
    assert!(!tour.folder.path().join(".hermetic/admin.sock").exists());
}
