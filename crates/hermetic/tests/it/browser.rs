//! The tour in a real browser, which trusts the authority because it was told to, and checks every
//! certificate as it always does.

use std::process::Output;

use crate::harness::{Hermetic, folder, python};

/// Opens the tour, sends a secret, breaks and mends each way. Forms are submitted as a person would.
const SCRIPT: &str = include_str!("browser.py");

fn drive(tour: &Hermetic, home: &str) -> Output {
    let base = format!("https://localhost:{}", tour.ports.edge());
    let profile = format!("{home}/profile");
    python().args(["-c", SCRIPT, &base, home, &profile]).output().unwrap()
}

#[test]
fn a_browser_sees_the_tour_sends_a_secret_and_breaks_and_mends_each_way() {
    let tour = Hermetic::tour_in(|command| command);
    assert!(tour.line("tour: ").starts_with("tour: SEALED, 4 of 4 hops"), "{}", tour.log());
    let home = folder();
    let path = home.path().to_str().unwrap();

    let strange = drive(&tour, path);
    assert!(!strange.status.success(), "a browser that was not told to trust it must refuse it");
    let refusal = String::from_utf8_lossy(&strange.stderr).into_owned();
    assert!(refusal.contains("ERR_CERT_AUTHORITY_INVALID"), "{refusal}");

    let trusted = tour.hermetic_at_home(path, &["ca", "trust"]);
    assert!(trusted.status.success(), "{trusted:?}");
    let driven = drive(&tour, path);
    assert_eq!(
        String::from_utf8_lossy(&driven.stdout).trim(),
        "done",
        "{}",
        String::from_utf8_lossy(&driven.stderr)
    );
}
