//! Reloads: what the files say takes the place of what was served, whole or not at all.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::harness::{
    Hermetic, Origin, Ports, Talking, curl, eventually, hermetic, openssl, python, read_head,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

fn listener(name: &str, port: u16, more: &str) -> String {
    format!(
        "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nnames = [\"localhost\"]\n{more}\
         [[route]]\nlistener = \"{name}\"\nto = \"app\"\n"
    )
}

fn upstream(origin: &Origin) -> String {
    format!("[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n", origin.port)
}

/// Where the metrics of an instance are.
fn metrics_at(ports: &Ports) -> String {
    format!("127.0.0.1:{}", ports.nth(9))
}

fn admin(ports: &Ports) -> String {
    format!("admin = \"{}\"\n", metrics_at(ports))
}

fn metric(hermetic: &Hermetic, name: &str) -> String {
    let url = format!("http://{}/metrics", metrics_at(&hermetic.ports));
    let text = String::from_utf8(curl(hermetic, &[&url]).stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

fn write(hermetic: &Hermetic, text: &str) {
    let folder = hermetic.folder.path();
    fs::write(folder.join("new.toml"), text).unwrap();
    fs::rename(folder.join("new.toml"), folder.join("hermetic.toml")).unwrap();
}

/// Reloads by the command, which must succeed; gives what became of the listeners.
fn reload(hermetic: &Hermetic) -> Value {
    let output = hermetic.hermetic(&["reload", "--format", "json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    answer["listeners"].clone()
}

fn url(hermetic: &Hermetic, n: u16) -> String {
    format!("https://localhost:{}/", hermetic.ports.nth(n))
}

fn serves(hermetic: &Hermetic, n: u16) -> bool {
    curl(hermetic, &[&url(hermetic, n)]).stdout == b"ok"
}

#[test]
fn listeners_come_and_go_and_what_did_not_change_stays() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured(|ports, _| {
        listener("one", ports.nth(1), "") + &listener("two", ports.nth(2), "") + &upstream(&origin)
    });
    assert!(serves(&hermetic, 1) && serves(&hermetic, 2));
    let (one, three) = (hermetic.ports.nth(1), hermetic.ports.nth(3));
    write(&hermetic, &(listener("one", one, "") + &listener("three", three, "") + &upstream(&origin)));
    let changes = reload(&hermetic);
    assert_eq!(changes, json!({"added": ["three"], "changed": [], "removed": ["two"], "kept": ["one"]}));
    assert!(serves(&hermetic, 1) && serves(&hermetic, 3));
    let gone = curl(&hermetic, &[&url(&hermetic, 2)]);
    assert_eq!(gone.status.code(), Some(7), "it is refused: {gone:?}");
    let hops = hermetic.hops();
    assert!(hops.to_string().contains("three") && !hops.to_string().contains("two"), "{hops}");
}

#[test]
fn a_change_of_the_file_is_noticed_and_a_wrong_one_changes_nothing_and_is_told() {
    let origin = Origin::answering(OK);
    let good = |ports: &Ports| admin(ports) + &listener("one", ports.nth(1), "") + &upstream(&origin);
    let hermetic = Hermetic::configured(|ports, _| good(ports));
    let wrong = good(&hermetic.ports).replace("names", "nmes");
    write(&hermetic, &wrong);
    eventually("a failed reload", || {
        (metric(&hermetic, "hermetic_reloads_total{result=\"failure\"}") == "1").then_some(())
    });
    assert_eq!(metric(&hermetic, "hermetic_configuration_stale"), "1");
    assert!(serves(&hermetic, 1));
    let log = hermetic.log();
    assert!(
        log.contains("hermetic.toml:5:1: unknown key `nmes` in [[listener]]; did you mean `names`?"),
        "{log}"
    );

    let told = hermetic.hermetic(&["reload"]);
    let error = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(2), "{error}");
    assert!(error.contains("hermetic.toml:5:1") && error.contains("did you mean `names`?"), "{error}");

    let (ports, second) = (&hermetic.ports, listener("two", hermetic.ports.nth(2), ""));
    write(&hermetic, &(good(ports) + &second));
    eventually("the second listener", || serves(&hermetic, 2).then_some(()));
    assert_eq!(metric(&hermetic, "hermetic_configuration_stale"), "0");
}

#[test]
fn sighup_reloads_and_goes_on_in_a_new_access_log() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured(|ports, _| {
        "access_log = \"access.log\"\n".to_owned() + &listener("one", ports.nth(1), "") + &upstream(&origin)
    });
    let here = |name: &str| hermetic.folder.path().join(name);
    let lines = |name: &str| fs::read_to_string(here(name)).unwrap_or_default().lines().count();
    assert!(serves(&hermetic, 1));
    eventually("a record", || (lines("access.log") == 1).then_some(()));
    fs::rename(here("access.log"), here("access.log.1")).unwrap();
    hermetic.signal("HUP");
    eventually("the new log", || here("access.log").exists().then_some(()));
    assert!(serves(&hermetic, 1));
    eventually("a record in the new log", || (lines("access.log") == 1).then_some(()));
    assert_eq!(lines("access.log.1"), 1);
}

#[test]
fn what_can_t_change_while_it_runs_is_told_and_changes_nothing() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured(|ports, _| listener("one", ports.nth(1), "") + &upstream(&origin));
    let rest = listener("one", hermetic.ports.nth(1), "")
        + &listener("two", hermetic.ports.nth(2), "")
        + &upstream(&origin);
    for (key, written) in [
        ("workers", "workers = 3\n"),
        ("store", "store = \"postgres://hermetic@127.0.0.1/hermetic\"\n"),
        ("encryption", "[keys]\nencryption = { file = \"another\" }\n"),
    ] {
        write(&hermetic, &(written.to_owned() + &rest));
        let told = hermetic.hermetic(&["reload"]);
        let error = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{error}");
        assert!(error.contains(&format!("`{key}` can't change while it runs")), "{error}");
        assert!(serves(&hermetic, 1) && !serves(&hermetic, 2));
    }
}

#[test]
fn a_port_that_somebody_else_has_keeps_all_as_it_was() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured(|ports, _| listener("one", ports.nth(1), "") + &upstream(&origin));
    let taken = TcpListener::bind(("127.0.0.1", hermetic.ports.nth(2))).unwrap();
    let text = listener("one", hermetic.ports.nth(1), "idle_timeout = \"7s\"\n")
        + &listener("two", taken.local_addr().unwrap().port(), "")
        + &upstream(&origin);
    write(&hermetic, &text);
    let told = hermetic.hermetic(&["reload"]);
    let error = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(3), "{error}");
    assert!(error.contains("in use by process"), "{error}");
    assert!(serves(&hermetic, 1));
    let hops = hermetic.hermetic(&["hops", "--format", "json"]);
    assert!(!String::from_utf8_lossy(&hops.stdout).contains("two"), "{hops:?}");
}

/// A client that asks twice on one connection; between, it says so and waits for a line.
const ASKS_TWICE: &str = r#"
import http.client, ssl, sys
port, root = sys.argv[1:]
connection = http.client.HTTPSConnection("localhost", int(port), context=ssl.create_default_context(cafile=root))
for turn in range(2):
    connection.request("GET", "/")
    response = connection.getresponse()
    response.read()
    print(response.status, response.getheader("connection"), connection.sock is not None, flush=True)
    sys.stdin.readline()
"#;

#[test]
fn a_client_of_a_listener_that_changed_is_asked_to_come_back_and_loses_nothing() {
    let origin = Origin::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let hermetic = Hermetic::configured(|ports, _| listener("one", ports.nth(1), "") + &upstream(&origin));
    let (port, root) = (hermetic.ports.nth(1).to_string(), hermetic.ca());
    let mut client = Talking::start(python().args(["-c", ASKS_TWICE, &port]).arg(root));
    assert_eq!(client.hear(), "200 None True");
    let changed = listener("one", hermetic.ports.nth(1), "idle_timeout = \"7s\"\n");
    write(&hermetic, &(changed + &upstream(&origin)));
    assert_eq!(reload(&hermetic)["changed"], json!(["one"]));
    client.say("again");
    assert_eq!(client.hear(), "200 close False", "the connection was good for the next request");
}

/// A service that gives back each line.
fn echo() -> u16 {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = service.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in service.incoming().map_while(Result::ok) {
            std::thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
        }
    });
    port
}

#[test]
fn a_connection_of_a_listener_that_is_gone_may_finish_within_the_drain_and_no_longer() {
    let service = echo();
    let door = |ports: &Ports, name: &str, n: u16| {
        format!(
            "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"tcp\"\n\
             [[route]]\nlistener = \"{name}\"\nto = \"echo\"\n",
            ports.nth(n)
        )
    };
    let upstream = format!("[[upstream]]\nname = \"echo\"\nendpoints = [\"127.0.0.1:{service}\"]\n");
    let hermetic = Hermetic::configured(|ports, _| {
        "drain = \"2s\"\n".to_owned() + &door(ports, "stays", 1) + &door(ports, "goes", 2) + &upstream
    });
    let connect = |n| TcpStream::connect(("127.0.0.1", hermetic.ports.nth(n)));
    let echoed = |stream: &TcpStream| {
        let (mut there, mut back) = (stream, [0; 4]);
        there.write_all(b"ping").and_then(|()| there.read_exact(&mut back)).is_ok() && back == *b"ping"
    };
    let [stays, goes] = [1, 2].map(|n| connect(n).unwrap());
    assert!(echoed(&stays) && echoed(&goes));
    write(&hermetic, &("drain = \"2s\"\n".to_owned() + &door(&hermetic.ports, "stays", 1) + &upstream));
    assert_eq!(reload(&hermetic)["removed"], json!(["goes"]));
    assert!(echoed(&goes), "it goes on for a while");
    assert!(connect(2).is_err(), "nobody comes in any more");
    eventually("its end", || (!echoed(&goes)).then_some(()));
    assert!(echoed(&stays));
}

#[test]
fn asked_a_second_time_to_stop_it_waits_for_no_connection() {
    let service = echo();
    let mut hermetic = Hermetic::configured(|ports, _| {
        format!(
            "drain = \"10m\"\n[[listener]]\nname = \"door\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"tcp\"\n\
             [[route]]\nlistener = \"door\"\nto = \"echo\"\n\
             [[upstream]]\nname = \"echo\"\nendpoints = [\"127.0.0.1:{service}\"]\n",
            ports.nth(1)
        )
    });
    let address = ("127.0.0.1", hermetic.ports.nth(1));
    let mut stream = TcpStream::connect(address).unwrap();
    let mut echoed = || stream.write_all(b"ping").and_then(|()| stream.read_exact(&mut [0; 4])).is_ok();
    assert!(echoed());
    hermetic.signal("TERM");
    eventually("the end of accepting", || TcpStream::connect(address).err());
    assert!(echoed(), "the first time it waits");
    hermetic.signal("TERM");
    assert!(hermetic.ended());
    assert!(hermetic.log().contains("connections that are still open are cut"));
}

/// A certificate of openssl's making for `localhost`, with its key.
fn certificate(folder: &Path, name: &str) {
    let here = |end: &str| folder.join(format!("{name}.{end}")).to_str().unwrap().to_owned();
    let (key, pem) = (here("key"), here("pem"));
    let made = openssl(
        &[
            &["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"][..],
            &["-keyout", &key, "-out", &pem, "-days", "9", "-subj", &format!("/CN={name}")],
            &["-addext", "subjectAltName=DNS:localhost"],
        ]
        .concat(),
        b"",
    );
    assert!(made.status.success(), "{made:?}");
}

/// The common name of the certificate that is served.
fn served(hermetic: &Hermetic) -> String {
    let address = format!("127.0.0.1:{}", hermetic.ports.nth(1));
    let shown = openssl(&["s_client", "-connect", &address, "-servername", "localhost"], b"");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    let subject = text.lines().find_map(|line| line.strip_prefix("subject=")).unwrap_or_default();
    subject.rsplit('=').next().unwrap_or_default().trim().to_owned()
}

#[test]
fn a_certificate_whose_link_is_swapped_is_served_and_one_without_its_key_never() {
    let folder = crate::harness::folder();
    let origin = Origin::answering(OK);
    for name in ["first", "second", "third"] {
        certificate(folder.path(), name);
    }
    // As Kubernetes lays a secret out: names that stay, through a link that is swapped.
    let lay = |folder: &Path, cert: &str, key: &str| {
        let version = format!("{cert}-{key}");
        fs::create_dir_all(folder.join(&version)).unwrap();
        fs::copy(folder.join(format!("{cert}.pem")), folder.join(&version).join("tls.pem")).unwrap();
        fs::copy(folder.join(format!("{key}.key")), folder.join(&version).join("tls.key")).unwrap();
        symlink(&version, folder.join("next")).unwrap();
        fs::rename(folder.join("next"), folder.join("secret")).unwrap();
    };
    lay(folder.path(), "first", "first");
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        let files = "certificate = { cert = \"secret/tls.pem\", key = \"secret/tls.key\" }\n";
        admin(ports) + &listener("one", ports.nth(1), files) + &upstream(&origin)
    });
    assert_eq!(served(&hermetic), "first");
    lay(hermetic.folder.path(), "second", "second");
    eventually("the second certificate", || (served(&hermetic) == "second").then_some(()));

    lay(hermetic.folder.path(), "third", "second");
    eventually("a failed reload", || {
        (metric(&hermetic, "hermetic_configuration_stale") == "1").then_some(())
    });
    assert_eq!(served(&hermetic), "second");
    let log = hermetic.log();
    assert_eq!(log.matches("does not belong to the certificate").count(), 1, "{log}");

    lay(hermetic.folder.path(), "third", "third");
    eventually("the third certificate", || (served(&hermetic) == "third").then_some(()));
}

/// An origin that keeps its connections; gives its port, and how many are open.
fn keeping() -> (u16, Arc<AtomicUsize>) {
    let (socket, open) = (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(AtomicUsize::new(0)));
    let (port, counted) = (socket.local_addr().unwrap().port(), open.clone());
    std::thread::spawn(move || {
        for mut stream in socket.incoming().map_while(Result::ok) {
            let open = counted.clone();
            open.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                while !read_head(&mut stream).is_empty() {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                }
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (port, open)
}

#[test]
fn connections_to_an_upstream_that_is_configured_anew_are_closed_in_every_worker() {
    let (port, open) = keeping();
    let upstream = format!("[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{port}\"]\n");
    let text = |ports: &Ports| "workers = 2\n".to_owned() + &listener("one", ports.nth(1), "") + &upstream;
    let hermetic = Hermetic::configured(|ports, _| text(ports));
    // The kernel deals connections out; each worker keeps one of its own.
    eventually("a connection of each worker", || {
        assert!(serves(&hermetic, 1));
        (open.load(Ordering::SeqCst) == 2).then_some(())
    });
    write(&hermetic, &(text(&hermetic.ports) + "response_timeout = \"7s\"\n"));
    assert_eq!(reload(&hermetic)["changed"], json!(["one"]));
    eventually("their end", || (open.load(Ordering::SeqCst) == 0).then_some(()));
}

#[test]
fn a_reload_goes_on_when_whoever_asked_for_it_is_gone() {
    let origin = Origin::answering(OK);
    let text = |ports: &Ports| {
        // So much that it takes its time.
        let route = |n| format!("[[route]]\nlistener = \"one\"\npath = \"/{n}\"\nto = \"app\"\n");
        let routes: String = (0..3000).map(route).collect();
        admin(ports) + &routes + &listener("one", ports.nth(1), "") + &upstream(&origin)
    };
    let hermetic = Hermetic::configured(|ports, _| text(ports));
    let mut asker = UnixStream::connect(hermetic.folder.path().join(".hermetic/admin.sock")).unwrap();
    asker.write_all(b"POST /v1/reload HTTP/1.1\r\nhost: hermetic\r\n\r\n").unwrap();
    drop(asker);
    eventually("the reload", || {
        (metric(&hermetic, "hermetic_reloads_total{result=\"success\"}") == "1").then_some(())
    });
}

#[test]
fn the_tour_has_no_configuration_to_reload() {
    let tour = Hermetic::tour();
    let told = hermetic(tour.folder.path(), &["reload"]);
    let error = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(2), "{error}");
    assert!(error.contains("the tour has no configuration to reload"), "{error}");
}
