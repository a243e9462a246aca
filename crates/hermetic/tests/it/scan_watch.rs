//! `hermetic scan --watch`: what changes at an endpoint is told as it changes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{DEADLINE, Nginx, Ports, command, folder, self_signed};

/// A watch that is under way; killed when dropped.
struct Watching {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Watching {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = command(folder);
        command.args(["scan", "--watch=1s", "--format", "jsonl"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, errors) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, lines, errors }
    }

    /// Waits until it complains of this.
    fn complains(&self, of: &str) {
        let mut said = std::iter::repeat_with(|| self.errors.recv_timeout(4 * DEADLINE).unwrap());
        assert!(said.any(|line| line.contains(of)));
    }

    fn next(&self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(4 * DEADLINE).unwrap()).unwrap()
    }

    /// The next change in which this is added or removed. Between two states a scan may have seen another.
    fn until(&self, what: &str, fact: &str) -> Value {
        let has = |change: &Value| change[what].as_array().unwrap().iter().any(|it| it == fact);
        let change = std::iter::repeat_with(|| self.next()).take(5).find(has);
        change.unwrap_or_else(|| panic!("{fact} is not {what}"))
    }

    /// Interrupts it; gives how it ended.
    fn interrupt(mut self) -> Option<i32> {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

/// What is written there, line by line.
fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    let from = BufReader::new(from);
    std::thread::spawn(move || from.lines().map_while(Result::ok).try_for_each(|it| sender.send(it)));
    lines
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where an nginx is started again and again.
struct Place {
    folder: TempDir,
    port: u16,
    _ports: Ports,
}

impl Place {
    fn new() -> Self {
        let (folder, ports) = (folder(), Ports::reserve());
        self_signed(folder.path(), "shop", "localhost");
        Self { folder, port: ports.nth(1), _ports: ports }
    }

    fn serve(&self, versions: &str) -> Nginx {
        let (here, port) = (self.folder.path().display(), self.port);
        let server = format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {here}/shop.pem; ssl_certificate_key \
             {here}/shop.key; ssl_protocols {versions}; ssl_ciphers ECDHE+AESGCM; return 204; }}"
        );
        Nginx::start(self.folder.path(), &server, port)
    }

    fn watch(&self, more: &[&str]) -> Watching {
        let target = format!("https://localhost:{}", self.port);
        Watching::start(self.folder.path(), &[&[&target, "--trust", "shop.pem"], more].concat())
    }
}

#[test]
fn what_changes_at_an_endpoint_is_told_and_an_interruption_ends_it_as_the_last_scan_ended() {
    let place = Place::new();
    let nginx = place.serve("TLSv1.3");
    let watch = place.watch(&[]);
    let first = watch.next();
    assert_eq!(
        (&first["schema"], &first["protocols"][4]["support"]),
        (&"hermetic.scan/1".into(), &"no".into())
    );
    drop(nginx);
    let _nginx = place.serve("TLSv1.2 TLSv1.3");
    let change = watch.until("added", "speaks TLSv1.2");
    let target = format!("https://localhost:{}", place.port);
    assert_eq!((&change["schema"], &change["target"]), (&"hermetic.scan.change/1".into(), &target.into()));
    assert_eq!(watch.interrupt(), Some(1));
}

#[test]
fn an_outage_and_the_recovery_from_it_are_told() {
    let place = Place::new();
    let nginx = place.serve("TLSv1.3");
    let watch = place.watch(&["--fast"]);
    assert_eq!(watch.next()["verdict"], "sealed");
    drop(nginx);
    assert_eq!(watch.until("added", "verdict unknown")["removed"][0], "verdict sealed");
    let _nginx = place.serve("TLSv1.3");
    assert_eq!(watch.until("added", "verdict sealed")["verdict"], "sealed");
    assert_eq!(watch.interrupt(), Some(0));
}

#[test]
fn a_fast_watch_tells_what_is_gone() {
    let place = Place::new();
    let nginx = place.serve("TLSv1.2 TLSv1.3");
    let watch = place.watch(&["--fast"]);
    assert_eq!(watch.next()["protocols"][4]["support"], "yes");
    drop(nginx);
    let _nginx = place.serve("TLSv1.3");
    watch.until("removed", "speaks TLSv1.2");
}

#[test]
fn a_watch_that_is_interrupted_before_it_saw_anything_can_not_tell() {
    let folder = folder();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("tls://{}", silent.local_addr().unwrap());
    let watch = Watching::start(folder.path(), &[&target, "--timeout", "60"]);
    // By then it hears interruptions: it does from before it asks.
    let _asked = silent.accept().unwrap();
    assert_eq!(watch.interrupt(), Some(3));
}

#[test]
fn a_watch_outlives_a_list_that_is_being_rewritten_and_tells_who_left_it() {
    let place = Place::new();
    let _nginx = place.serve("TLSv1.3");
    let list = place.folder.path().join("targets.txt");
    let target = |scheme: &str| format!("{scheme}://localhost:{}\n", place.port);
    fs::write(&list, target("https")).unwrap();
    let watch =
        Watching::start(place.folder.path(), &["--targets", "targets.txt", "--trust", "shop.pem", "--fast"]);
    assert_eq!(watch.next()["verdict"], "sealed");
    fs::remove_file(&list).unwrap();
    watch.complains("the list of targets can't be read");
    fs::write(place.folder.path().join("new.txt"), target("tls")).unwrap();
    fs::rename(place.folder.path().join("new.txt"), &list).unwrap();
    assert_eq!(watch.until("added", "verdict sealed")["target"], target("tls").trim());
    let gone = watch.until("removed", "verdict sealed");
    assert_eq!((&gone["target"], &gone["verdict"]), (&target("https").trim().into(), &"unknown".into()));
    assert_eq!(watch.interrupt(), Some(0));
}

#[test]
fn a_watch_outlives_an_instance_that_does_not_take_what_it_saw() {
    let place = Place::new();
    let nginx = place.serve("TLSv1.2 TLSv1.3");
    let folder = place.folder.path();
    let configuration = format!(
        "data = \"data\"\n[[hop]]\nfrom = \"cdn\"\nto = \"shop\"\nendpoint = \"https://localhost:{}\"\n\
         tls = {{ trust = \"shop.pem\" }}\n",
        place.port
    );
    fs::write(folder.join("hermetic.toml"), configuration).unwrap();
    fs::create_dir(folder.join("data")).unwrap();
    let instance = UnixListener::bind(folder.join("data/admin.sock")).unwrap();
    std::thread::spawn(move || {
        for mut asked in instance.incoming().map_while(Result::ok) {
            let _ = asked.read(&mut [0; 64 * 1024]);
            let _ = asked.write_all(
                b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            );
        }
    });
    let watch = Watching::start(folder, &["hermetic.toml", "--fast"]);
    let first = watch.next();
    assert_eq!(first["protocols"][4]["support"], "yes", "{first}");
    watch.complains("the instance refused");
    drop(nginx);
    let _nginx = place.serve("TLSv1.3");
    let change = watch.until("removed", "speaks TLSv1.2");
    assert_eq!(change["hop"], "cdn → shop", "{change}");
    // What it could not hand over it could not do.
    assert_eq!(watch.interrupt(), Some(3));
}
