//! Hops that are not Hermetic's, looked at from here.

use crate::harness::{Hermetic, Nginx, Origin, Ports, eventually, folder, hermetic};

#[test]
fn a_hop_that_nobody_looked_at_is_unknown_and_a_probed_one_is_judged() {
    let folder = folder();
    let ports = Ports::reserve();
    let issued = hermetic(folder.path(), &["cert", "issue", "--name", "shop.internal"]);
    assert!(issued.status.success(), "{issued:?}");
    let (sound, clear, gone) = (ports.nth(1), ports.nth(2), ports.nth(3));
    let http = format!(
        "server {{ listen 127.0.0.1:{sound} ssl; ssl_protocols TLSv1.2 TLSv1.3; \
         ssl_certificate shop.internal.pem; ssl_certificate_key shop.internal-key.pem; }}\n\
         server {{ listen 127.0.0.1:{clear}; }}"
    );
    let _nginx = Nginx::start(folder.path(), &http, sound);
    let hop = |to: &str, port: u16, name: &str| {
        format!(
            "[[hop]]\nfrom = \"client\"\nto = \"{to}\"\nendpoint = \"https://127.0.0.1:{port}\"\n\
             tls = {{ trust = \"authority\", name = \"{name}\" }}\n"
        )
    };
    let text = hop("shop", sound, "shop.internal")
        + &hop("other", sound, "other.internal")
        + &hop("old", clear, "shop.internal")
        + &hop("gone", gone, "shop.internal")
        + "[[flow]]\nname = \"shop\"\npath = [\"client\", \"shop\"]\n";
    std::fs::write(folder.path().join("hermetic.toml"), text).unwrap();

    let report = |arguments: &[&str]| {
        let output = hermetic(folder.path(), &[&["check", "--format", "json"], arguments].concat());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report)
    };
    let (code, declared) = report(&[]);
    assert_eq!((code, &declared["hops"][0]["verdict"]), (Some(1), &"unknown".into()), "{declared}");
    let (code, probed) = report(&["--probe"]);
    assert_eq!(code, Some(1), "one is cleartext: {probed}");
    let verdicts: Vec<_> = probed["hops"].as_array().unwrap().iter().map(|hop| &hop["verdict"]).collect();
    assert_eq!(verdicts, ["sealed", "weak", "local", "unknown"], "{probed}");
    assert_eq!(probed["hops"][0]["evidence"], "probed");
    assert!(probed["hops"][1]["reason"].as_str().unwrap().contains("other.internal"), "{probed}");
    assert_eq!(probed["flows"][0]["verdict"], "sealed");
}

#[test]
fn up_looks_at_external_hops_beside_its_own_and_goes_on_when_one_vanishes() {
    let origin = Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let instance = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n\
             [[hop]]\nfrom = \"cdn\"\nto = \"edge\"\nendpoint = \"https://127.0.0.1:{}\"\n\
             tls = {{ trust = \"authority\", name = \"localhost\" }}\ninterval = \"1s\"\n\
             [[hop]]\nfrom = \"app\"\nto = \"gone\"\nendpoint = \"postgres://nowhere.invalid:5432\"\ninterval = \"1s\"\n",
            ports.edge(),
            origin.port,
            ports.edge()
        )
    });
    eventually("the probe of the edge", || {
        (instance.hop("cdn", "edge")["verdict"] == "sealed").then_some(())
    });
    let gone = eventually("the probe of what is not there", || {
        let gone = instance.hop("app", "gone");
        (!gone["reason"].as_str().unwrap().starts_with("no connection was seen")).then_some(gone)
    });
    assert_eq!(gone["verdict"], "unknown", "{gone}");
}

#[test]
fn a_log_tells_of_a_hop_between_two_strangers() {
    let folder = folder();
    let ports = Ports::reserve();
    let issued = hermetic(folder.path(), &["cert", "issue", "--name", "localhost"]);
    assert!(issued.status.success(), "{issued:?}");
    let page = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/reference/log-evidence.md"),
    )
    .unwrap();
    let format = page.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let format = format.split_once("access_log").map_or(format, |(format, _)| format);
    let (tls, clear) = (ports.nth(1), ports.nth(2));
    let log = format!("access_log {}/tls.log hermetic;", folder.path().display());
    let http = format!(
        "{format}\n\
         server {{ {log} listen 127.0.0.1:{tls} ssl; ssl_protocols TLSv1.2 TLSv1.3; \
         ssl_certificate localhost.pem; ssl_certificate_key localhost-key.pem; return 200 'ok'; }}\n\
         server {{ {log} listen 127.0.0.1:{clear}; return 200 'ok'; }}"
    );
    let _nginx = Nginx::start(folder.path(), &http, tls);
    let hop =
        "[[hop]]\nfrom = \"client\"\nto = \"shop\"\nevidence = [{ log = \"tls.log\", format = \"nginx\" }]\n";
    std::fs::write(folder.path().join("hermetic.toml"), hop).unwrap();
    let ca = folder.path().join(".hermetic/ca.pem");
    let get = |url: &str| {
        let output = std::process::Command::new("curl").args(["-sS", "--cacert"]).arg(&ca).arg(url).output();
        assert_eq!(output.unwrap().stdout, b"ok");
    };
    let judged = || {
        let output = hermetic(folder.path(), &["check", "--probe", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["hops"][0].clone()
    };
    get(&format!("https://localhost:{tls}/"));
    let sealed = eventually("the log of the encrypted request", || {
        let hop = judged();
        (hop["evidence"] == "logged").then_some(hop)
    });
    assert_eq!(sealed["verdict"], "sealed", "{sealed}");
    get(&format!("http://localhost:{clear}/"));
    let mixed = eventually("the log of the cleartext request", || {
        let hop = judged();
        (hop["verdict"] != "sealed").then_some(hop)
    });
    // From loopback, so it could not leave the host.
    assert_eq!(mixed["verdict"], "local", "{mixed}");
    assert!(mixed["reason"].as_str().unwrap().contains("1 of 2 connections"), "{mixed}");
}

#[test]
fn a_far_end_whose_certificate_our_authority_revoked_is_believed_no_more() {
    let node = Hermetic::configured(|ports, _| {
        format!(
            "[[hop]]\nfrom = \"client\"\nto = \"shop\"\nendpoint = \"https://127.0.0.1:{}\"\n\
             tls = {{ trust = \"authority\", name = \"shop.internal\" }}\ninterval = \"1s\"\n",
            ports.nth(1)
        )
    });
    let issued = node.hermetic(&["cert", "issue", "--name", "shop.internal", "--format", "json"]);
    let issued: serde_json::Value = serde_json::from_slice(&issued.stdout).unwrap();
    let (here, port) = (node.folder.path(), node.ports.nth(1));
    let http = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate shop.internal.pem; \
         ssl_certificate_key shop.internal-key.pem; }}"
    );
    let _nginx = Nginx::start(here, &http, port);
    let looked = || {
        let output = node.hermetic(&["check", "--probe", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["hops"][0].clone()
    };
    eventually("a look at the hop", || (node.hop("client", "shop")["verdict"] == "sealed").then_some(()));
    assert_eq!(looked()["verdict"], "sealed");

    let revoked = node.hermetic(&["cert", "revoke", issued["serial"].as_str().unwrap()]);
    assert!(revoked.status.success(), "{revoked:?}");
    eventually("another look", || (node.hop("client", "shop")["verdict"] == "weak").then_some(()));
    for hop in [node.hop("client", "shop"), looked()] {
        assert_eq!(hop["verdict"], "weak", "{hop}");
        assert!(hop["reason"].as_str().unwrap().contains("revoked"), "{hop}");
    }
    let scan = node.hermetic(&["scan", "hermetic.toml", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_slice(&scan.stdout).unwrap();
    let report = &list["scans"][0];
    assert_eq!((scan.status.code(), &report["verdict"]), (Some(1), &"weak".into()), "{report}");
    let findings = report["findings"].as_array().unwrap();
    let told = |it: &&serde_json::Value| it["control"] == "certificate-not-accepted";
    let reason = findings.iter().find(told).unwrap()["reason"].as_str().unwrap();
    assert!(reason.contains("revoked"), "{reason}");
}
