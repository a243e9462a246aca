//! What `hermetic up` scans by itself: the verdict of a hop follows what its far end accepts.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};

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

/// A relay that lets some connections pass at once, and the others when it is opened.
struct Gate {
    port: u16,
    open: Arc<(Mutex<bool>, Condvar)>,
    /// Whoever has to wait.
    waiting: Receiver<()>,
}

impl Gate {
    fn before(far: u16, at_once: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new((Mutex::new(false), Condvar::new()));
        let ((sender, waiting), gate) = (channel(), Arc::clone(&open));
        std::thread::spawn(move || {
            for (number, near) in listener.incoming().map_while(Result::ok).enumerate() {
                let (gate, sender) = (Arc::clone(&gate), sender.clone());
                std::thread::spawn(move || {
                    if number >= at_once {
                        wait(&gate, &sender);
                    }
                    let far = TcpStream::connect(("127.0.0.1", far)).unwrap();
                    pass(near.try_clone().unwrap(), far.try_clone().unwrap());
                    pass(far, near);
                });
            }
        });
        Self { port, open, waiting }
    }

    fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }
}

fn wait((open, opened): &(Mutex<bool>, Condvar), waiting: &Sender<()>) {
    let _ = waiting.send(());
    drop(opened.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

#[test]
fn a_hop_that_a_reload_leads_elsewhere_during_a_scan_gets_nothing_of_what_that_saw() {
    let folder = folder();
    self_signed(folder.path(), "shop", "localhost");
    let (here, far_ports) = (folder.path().to_owned(), Ports::reserve());
    let far = far_ports.nth(1);
    let _nginx = nginx(&here, far, WEAK);
    let gate = Gate::before(far, 3);
    let hop = |name: &str, port: u16| {
        format!(
            "[[hop]]\nfrom = \"cdn\"\nto = \"{name}\"\nendpoint = \"https://localhost:{port}\"\ninterval = \"1h\"\n\
             tls = {{ trust = \"shop.pem\" }}\n"
        )
    };
    let of = |interval: &str, shop: u16| {
        format!("[scan]\ninterval = \"{interval}\"\n{}{}", hop("shop", shop), hop("desk", far))
    };
    let instance = Hermetic::configured_in(folder, |_, _| of("1s", gate.port));
    gate.waiting.recv().unwrap();
    fs::write(here.join("hermetic.toml"), of("1h", far)).unwrap();
    let reloaded = instance.hermetic(&["reload"]);
    assert!(reloaded.status.success(), "{reloaded:?}");
    gate.open();
    // Both are of one scan, and it is the last for an hour.
    let desk = eventually("the scan is over", || {
        Some(instance.hop("cdn", "desk")).filter(|hop| hop["scan"].is_object())
    });
    assert!(found(&desk, "tls1.1"), "{desk}");
    assert_eq!(instance.hop("cdn", "shop")["scan"], Value::Null);
}
