//! What `hermetic up` scans by itself: the verdict of a hop follows what its far end accepts.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Hermetic, Nginx, Ports, curl, eventually, folder, self_signed};

/// What a browser of today has in common with everybody.
const MENDED: &str =
    "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM; ssl_ecdh_curve X25519:prime256v1;";
const WEAK: &str =
    "ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; ssl_ecdh_curve X25519:prime256v1;";

fn found(hop: &Value, control: &str) -> bool {
    hop["scan"]["findings"].as_array().is_some_and(|all| all.iter().any(|it| it["control"] == control))
}

fn nginx(folder: &Path, port: u16, lines: &str) -> Nginx {
    let server = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {0}/shop.pem; ssl_certificate_key {0}/shop.key; \
         {lines} return 204; }}",
        folder.display()
    );
    Nginx::start(folder, &server, port)
}

#[test]
fn a_far_end_that_takes_less_from_others_makes_its_hop_weak_until_it_is_mended() {
    let folder = folder();
    self_signed(folder.path(), "shop", "localhost");
    let (here, far_ports) = (folder.path().to_owned(), Ports::reserve());
    let far = far_ports.nth(1);
    let serve = |lines: &str| nginx(&here, far, lines);
    let nginx = serve(WEAK);
    let instance = Hermetic::configured_in(folder, |ports, _| {
        format!(
            "admin = \"127.0.0.1:{}\"\n[scan]\ninterval = \"2s\"\n\
             [[hop]]\nfrom = \"cdn\"\nto = \"shop\"\nendpoint = \"https://localhost:{far}\"\ninterval = \"1s\"\n\
             tls = {{ trust = \"shop.pem\" }}\n",
            ports.nth(2)
        )
    });
    let weak = eventually("the hop is weak", || {
        Some(instance.hop("cdn", "shop")).filter(|hop| hop["verdict"] == "weak")
    });
    assert_eq!(weak["evidence"], "probed", "{weak}");
    let reason = weak["reason"].as_str().unwrap();
    assert!(reason.starts_with("it also accepts TLSv1.1") && reason.contains("as a scan saw"), "{reason}");
    assert!(found(&weak, "tls1.1"), "{weak}");
    let metrics = || {
        let place = format!("http://127.0.0.1:{}/metrics", instance.ports.nth(2));
        String::from_utf8(curl(&instance, &[&place]).stdout).unwrap()
    };
    let labels = "hermetic_hop_scan_findings{from=\"cdn\",to=\"shop\",severity=\"medium\"}";
    let of_medium = |text: &str| text.lines().find(|line| line.starts_with(labels)).map(str::to_owned);
    let before = of_medium(&metrics()).expect("what a scan found is a metric");
    assert!(!before.ends_with(" 0"), "{before}");
    let page = String::from_utf8(instance.hermetic(&["hops"]).stdout).unwrap();
    assert!(page.contains("tls1.1 (medium)"), "{page}");

    drop(nginx);
    let _nginx = serve(MENDED);
    let sealed = eventually("the hop is sealed again", || {
        Some(instance.hop("cdn", "shop")).filter(|hop| hop["verdict"] == "sealed" && !found(hop, "tls1.1"))
    });
    assert!(sealed["scan"]["at"].as_str() > weak["scan"]["at"].as_str(), "{sealed}");
    assert_ne!(of_medium(&metrics()), Some(before));
}

#[test]
fn our_own_listeners_and_upstreams_are_scanned_too() {
    let folder = folder();
    self_signed(folder.path(), "shop", "localhost");
    let (here, far_ports) = (folder.path().to_owned(), Ports::reserve());
    let far = far_ports.nth(1);
    let _nginx = nginx(&here, far, WEAK);
    let instance = Hermetic::configured_in(folder, |ports, _| {
        format!(
            "[scan]\ninterval = \"2s\"\n\
             [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
             [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"localhost:{far}\"]\n\
             tls = {{ trust = \"shop.pem\", name = \"localhost\" }}\n",
            ports.edge()
        )
    });
    let app = eventually("the application is scanned", || {
        Some(instance.hop("edge", "app")).filter(|hop| found(hop, "tls1.1") && hop["verdict"] == "weak")
    });
    assert!(app["reason"].as_str().unwrap().starts_with("it also accepts TLSv1.1"), "{app}");
    let edge = eventually("the listener is scanned", || {
        Some(instance.hop("client", "edge")).filter(|hop| hop["scan"].is_object())
    });
    assert_eq!((&edge["verdict"], &edge["scan"]["accepts"]), (&"sealed".into(), &Value::Null), "{edge}");
}
