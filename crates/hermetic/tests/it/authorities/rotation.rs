//! Roll-overs by hand, beside an instance that goes on serving.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use serde_json::Value;

use super::{done, json, refused};
use crate::harness::{Hermetic, Origin, eventually, folder};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// A client that shakes hands again and again, believing what a file holds each time.
struct Client {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
    thread: JoinHandle<Vec<String>>,
}

impl Client {
    fn start(url: &str, roots: PathBuf) -> Self {
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (url, stopped, counted) = (url.to_owned(), stop.clone(), count.clone());
        let thread = std::thread::spawn(move || {
            let mut refused = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                if let Err(error) = asks(&url, &roots) {
                    refused.push(error);
                }
                counted.fetch_add(1, Ordering::Relaxed);
            }
            refused
        });
        Self { stop, count, thread }
    }

    /// Waits for handshakes that began after this.
    fn goes_on(&self) {
        let before = self.count.load(Ordering::Relaxed);
        eventually("two handshakes", || (self.count.load(Ordering::Relaxed) > before + 1).then_some(()));
    }

    /// Which handshakes were refused.
    fn end(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn asks(url: &str, roots: &Path) -> Result<(), String> {
    let curl = ["--silent", "--show-error", "--max-time", "15", "--cacert"];
    let output = Command::new("curl").args(curl).arg(roots).arg(url).output().unwrap();
    (output.stdout == b"ok").then_some(()).ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn generations(folder: &Path, name: &str) -> Vec<(i64, String)> {
    let list = json(folder, &["ca", "list"]);
    let of_name = list["authorities"].as_array().unwrap().iter().filter(|one| one["name"] == name);
    let shown =
        |one: &Value| (one["generation"].as_i64().unwrap(), one["stage"].as_str().unwrap().to_owned());
    of_name.map(shown).collect()
}

#[test]
fn root_and_intermediate_roll_over_without_one_refused_handshake() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::to(&format!("http://127.0.0.1:{}", origin.port));
    let here = edge.folder.path();
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let before = here.join("before.pem");
    std::fs::copy(edge.ca(), &before).unwrap();
    let clients = [Client::start(&url, edge.ca()), Client::start(&url, before.clone())];

    for name in ["root", "intermediate"] {
        let prepared = json(here, &["ca", "rotate", name]);
        assert_eq!(prepared["schema"], "hermetic.certificate-authority-rotation/1");
        assert_eq!(
            (&prepared["step"], &prepared["generation"]),
            (&"prepare".into(), &2.into()),
            "{prepared}"
        );
        // A running instance publishes what is prepared by itself, and at once.
        eventually("its publication", || {
            (generations(here, name)[1] == (2, "published".to_owned())).then_some(())
        });
        let told = refused(here, &["ca", "rotate", name]);
        assert!(told.contains("should not sign before") && told.contains("--step activate"), "{told}");
        clients.iter().for_each(Client::goes_on);
        let activated = done(here, &["ca", "rotate", name, "--step", "activate"]);
        assert!(activated.contains("signs from now on, and the one before has retired"), "{activated}");
        let stages = [(1, "retired".to_owned()), (2, "signing".to_owned())];
        assert_eq!(generations(here, name), stages);
        clients.iter().for_each(Client::goes_on);
    }

    let renewed = edge.hermetic(&["cert", "renew", "localhost"]);
    assert!(renewed.status.success(), "{renewed:?}");
    clients.iter().for_each(Client::goes_on);
    let new_root = here.join("new.pem");
    std::fs::write(&new_root, done(here, &["ca", "show", "root", "--format", "pem"])).unwrap();
    eventually("the new root alone to do", || asks(&url, &new_root).ok());
    asks(&url, &before).expect("who trusts only the old root finds the way to the new one");
    for client in clients {
        assert_eq!(client.end(), [] as [String; 0]);
    }
}

#[test]
fn steps_come_in_their_order_and_a_missing_one_is_told() {
    let folder = folder();
    done(folder.path(), &["ca", "create", "corp", "--root"]);
    let told = refused(folder.path(), &["ca", "rotate", "corp", "--step", "activate"]);
    assert!(told.contains("no other generation of `corp` is on its way"), "{told}");
    done(folder.path(), &["ca", "rotate", "corp"]);
    let told = refused(folder.path(), &["ca", "rotate", "corp", "--step", "activate"]);
    assert!(told.contains("is active and prepared; for this it must be active and published"), "{told}");
    let told = refused(folder.path(), &["ca", "rotate", "corp", "--step", "prepare"]);
    assert!(told.contains("generation 2 of `corp` is on its way"), "{told}");
    let published = json(folder.path(), &["ca", "rotate", "corp"]);
    assert_eq!(published["step"], "publish");
    assert!(published["activation_from"].is_string(), "{published}");
}

#[test]
fn the_next_generation_of_what_is_signed_elsewhere_waits_for_its_certificate() {
    let folder = folder();
    let here = folder.path();
    super::elsewhere::certified_by_openssl(here, "branch");
    done(here, &["ca", "rotate", "branch"]);
    let told = refused(here, &["ca", "rotate", "branch"]);
    assert!(told.contains("the roll-over waits") && told.contains("is pending_certificate"), "{told}");
    assert!(told.contains("hermetic ca csr branch --generation 2"), "{told}");
    let request = done(here, &["ca", "csr", "branch", "--generation", "2"]);
    assert!(request.starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{request}");
}

#[test]
fn roll_overs_are_left_to_somebody_and_taken_up_again() {
    let edge = Hermetic::configured(|_, _| String::new());
    let here = edge.folder.path();
    let off = json(here, &["ca", "rotate", "root", "--automatic", "off"]);
    assert_eq!((&off["by_itself"], &off["step"]), (&false.into(), &Value::Null), "{off}");
    assert_eq!(json(here, &["ca", "show", "root"])["rotation"]["by_itself"], false);
    let shown = String::from_utf8(edge.hermetic(&["ca", "show", "root"]).stdout).unwrap();
    assert!(shown.lines().any(|line| line.starts_with("roll-over") && line.ends_with("by hand")), "{shown}");
    let on = done(here, &["ca", "rotate", "root", "--automatic", "on"]);
    assert!(on.contains("generation 1 of root rolls over by itself"), "{on}");
    refused(here, &["ca", "rotate", "root", "--automatic", "perhaps"]);
}
