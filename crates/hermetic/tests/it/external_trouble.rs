//! External hops whose far ends or logs are trouble: each is told for what it is, goes on to be looked at,
//! and the rest is judged all the same.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::harness::{Hermetic, Nginx, Ports, eventually, folder, hermetic};

/// The reason of a hop once this is its verdict.
fn once(instance: &Hermetic, to: &str, verdict: &str) -> String {
    eventually(&format!("{to} to be {verdict}"), || {
        let hop = instance.hop("client", to);
        (hop["verdict"] == verdict).then(|| hop["reason"].as_str().unwrap().to_owned())
    })
}

/// A folder with an authority and certificates of it for these names.
fn issued(names: &[&str]) -> tempfile::TempDir {
    let folder = folder();
    for name in names {
        let issued = hermetic(folder.path(), &["cert", "issue", "--name", name]);
        assert!(issued.status.success(), "{issued:?}");
    }
    folder
}

/// nginx with the certificate for this name.
fn nginx(folder: &Path, name: &str, port: u16) -> Nginx {
    let http = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2 TLSv1.3; \
         ssl_certificate {name}.pem; ssl_certificate_key {name}-key.pem; }}"
    );
    Nginx::start(folder, &http, port)
}

/// A hop from the client to `to`, which is looked at every second.
fn hop(to: &str, endpoint: &str) -> String {
    format!(
        "[[hop]]\nfrom = \"client\"\nto = \"{to}\"\nendpoint = \"{endpoint}\"\n\
         tls = {{ trust = \"authority\", name = \"shop.internal\" }}\ninterval = \"1s\"\n\
         [[flow]]\nname = \"to-{to}\"\npath = [\"client\", \"{to}\"]\n"
    )
}

/// A line as nginx writes it in the format of the reference; cleartext where no version is named.
fn line(from: &str, version: &str) -> String {
    let (scheme, suite) = if version.is_empty() { ("http", "") } else { ("https", "TLS_AES_128_GCM_SHA256") };
    format!(
        "{{\"time\":\"{}\",\"from\":\"{from}\",\"connection\":\"1\",\"request\":\"1\",\
         \"scheme\":\"{scheme}\",\"version\":\"{version}\",\"suite\":\"{suite}\",\"resumed\":\".\"}}\n",
        jiff::Timestamp::now(),
    )
}

#[test]
fn a_far_end_that_flaps_has_the_verdict_of_how_it_is_now() {
    let folder = issued(&["shop.internal", "other.internal"]);
    let place = folder.path().to_owned();
    let instance = Hermetic::configured_in(folder, |ports, _| {
        hop("shop", &format!("https://127.0.0.1:{}", ports.nth(1)))
    });
    let port = instance.ports.nth(1);
    let sound = nginx(&place, "shop.internal", port);
    once(&instance, "shop", "sealed");
    drop(sound);
    assert!(once(&instance, "shop", "unknown").contains("refused"));
    let broken = nginx(&place, "other.internal", port);
    assert!(once(&instance, "shop", "weak").contains("other.internal"));
    assert_eq!(instance.hermetic(&["hops"]).status.code(), Some(1));
    drop(broken);
    let _sound = nginx(&place, "shop.internal", port);
    once(&instance, "shop", "sealed");
    assert_eq!(instance.hermetic(&["hops"]).status.code(), Some(0));
}

#[test]
fn a_name_that_vanishes_is_unknown_until_it_is_back_and_the_rest_is_judged_all_the_same() {
    let folder = issued(&["shop.internal"]);
    let place = folder.path().to_owned();
    // Names are read anew when the file has changed, by the clock of whole seconds.
    let mut changed = SystemTime::now();
    let mut resolve = |name: &str| {
        changed += Duration::from_secs(2);
        let hosts = place.join("hosts");
        fs::write(&hosts, format!("127.0.0.1 localhost\n127.0.0.1 {name}\n")).unwrap();
        File::options().write(true).open(&hosts).unwrap().set_modified(changed).unwrap();
    };
    resolve("shop.test");
    let ports = Ports::reserve();
    let port = ports.nth(1);
    let text = hop("shop", &format!("https://shop.test:{port}"))
        + &hop("other", &format!("https://127.0.0.1:{port}"));
    fs::write(place.join("hermetic.toml"), text).unwrap();
    let _nginx = nginx(&place, "shop.internal", port);
    let instance = Hermetic::up_in(ports, folder, |command| {
        command.env("LD_PRELOAD", "libnss_wrapper.so").env("NSS_WRAPPER_HOSTS", place.join("hosts"))
    });
    once(&instance, "shop", "sealed");
    resolve("another.test");
    let reason = once(&instance, "shop", "unknown");
    assert!(reason.contains("shop.test"), "{reason}");
    assert_eq!(instance.hop("client", "other")["verdict"], "sealed");
    resolve("shop.test");
    once(&instance, "shop", "sealed");
}

#[test]
fn a_far_end_that_hangs_in_the_handshake_is_unknown_and_holds_up_no_other() {
    let folder = issued(&["shop.internal"]);
    let ports = Ports::reserve();
    // The kernel accepts, and nobody ever reads.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let text = hop("hanging", &format!("https://{}", hanging.local_addr().unwrap()))
        + &hop("shop", &format!("https://127.0.0.1:{}", ports.nth(1)));
    fs::write(folder.path().join("hermetic.toml"), text).unwrap();
    let _nginx = nginx(folder.path(), "shop.internal", ports.nth(1));
    let output = hermetic(folder.path(), &["check", "--probe", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let verdicts: Vec<_> = report["hops"].as_array().unwrap().iter().map(|hop| &hop["verdict"]).collect();
    assert_eq!(verdicts, ["unknown", "sealed"], "{report}");
    let reason = report["hops"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("10 s"), "{reason}");
    // Looked at on an interval, the one is judged while the other still hangs.
    let instance = Hermetic::up(ports, folder, &[]);
    once(&instance, "shop", "sealed");
}

#[test]
fn a_log_that_rotates_and_is_cut_in_mid_line_is_read_on_and_the_rest_is_judged_all_the_same() {
    let folder = issued(&["shop.internal"]);
    let log = folder.path().join("tls.log");
    let append = |text: &str| {
        let mut file = File::options().append(true).create(true).open(&log).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let logged = |to: &str, file: &str| {
        format!(
            "[[hop]]\nfrom = \"client\"\nto = \"{to}\"\ninterval = \"1s\"\n\
             evidence = [{{ log = \"{file}\", format = \"nginx\" }}]\n"
        )
    };
    append(&line("203.0.113.7", "TLSv1.3"));
    let instance = Hermetic::configured_in(folder, |ports, _| {
        logged("shop", "tls.log")
            + &logged("silent", "none.log")
            + &hop("gone", &format!("https://127.0.0.1:{}", ports.nth(1)))
    });
    let connections = |count: u64, verdict: &str| {
        eventually(&format!("{count} connections, {verdict}"), || {
            let hop = instance.hop("client", "shop");
            let (seen, reason) = (&hop["counts"]["connections"], hop["reason"].as_str().unwrap());
            (*seen == count && hop["verdict"] == verdict).then(|| reason.to_owned())
        })
    };
    connections(1, "sealed");
    // Half a line says nothing, and its rest may never come.
    let clear = line("203.0.113.9", "");
    append(clear.split_at(clear.len() / 2).0);
    fs::rename(&log, log.with_extension("log.1")).unwrap();
    append(&line("203.0.113.8", "TLSv1.3"));
    connections(2, "sealed");
    append(&clear);
    let reason = connections(3, "clear");
    assert!(reason.contains("1 of 3 connections") && reason.contains("203.0.113.9 (1)"), "{reason}");
    let silent = instance.hop("client", "silent");
    assert_eq!(silent["verdict"], "unknown", "{silent}");
    assert!(silent["reason"].as_str().unwrap().contains("none.log"), "{silent}");
    assert_eq!(instance.hop("client", "gone")["verdict"], "unknown");
}
