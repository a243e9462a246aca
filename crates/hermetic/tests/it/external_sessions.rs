//! The sessions of a real PostgreSQL, asked for from the command line.

use serde_json::Value;

use crate::harness::{Hermetic, Postgres, hermetic};

/// What `check --probe` says of the only hop, and its exit status.
fn judged(folder: &std::path::Path) -> (Option<i32>, Value) {
    let output = hermetic(folder, &["check", "--probe", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code(), report["hops"][0].clone())
}

#[test]
fn sessions_in_clear_and_over_tls_are_told_apart_by_check() {
    let issuer = Hermetic::tour();
    let server = Postgres::start_admitting_cleartext(&issuer);
    let folder = crate::harness::folder();
    let text = format!(
        "[[hop]]\nfrom = \"app\"\nto = \"db\"\ntls = {{ trust = \"{}\" }}\n\
         evidence = [{{ pg_stat_ssl = \"postgres://web@localhost:{}/postgres\" }}]\n",
        issuer.ca().display(),
        server.port()
    );
    std::fs::write(folder.path().join("hermetic.toml"), text).unwrap();

    let (code, nobody) = judged(folder.path());
    assert_eq!((code, &nobody["verdict"]), (Some(1), &"unknown".into()), "{nobody}");

    let sealed = server.session("require");
    let (code, hop) = judged(folder.path());
    assert_eq!((code, &hop["verdict"], &hop["evidence"]), (Some(0), &"sealed".into(), &"logged".into()));
    assert_eq!((&hop["view"], &hop["tls"]["version"]), (&"server".into(), &"TLSv1.3".into()), "{hop}");

    let clear = server.session("disable");
    let (_, hop) = judged(folder.path());
    // From loopback, so it could not leave the host.
    assert_eq!(hop["verdict"], "local", "{hop}");
    let reason = hop["reason"].as_str().unwrap();
    assert!(reason.ends_with("1 of 2 connections open at that time"), "{reason}");
    drop(sealed);
    drop(clear);

    // Who is to be asked is verified first, and a server that nobody vouches for is told nothing.
    let stranger = Hermetic::tour();
    let text = std::fs::read_to_string(folder.path().join("hermetic.toml")).unwrap();
    let text = text.replace(&issuer.ca().display().to_string(), &stranger.ca().display().to_string());
    std::fs::write(folder.path().join("hermetic.toml"), text).unwrap();
    let (code, hop) = judged(folder.path());
    assert_eq!((code, &hop["verdict"]), (Some(1), &"unknown".into()), "{hop}");
    let reason = hop["reason"].as_str().unwrap();
    assert!(reason.contains("signed by an authority that is not trusted here"), "{reason}");
}
