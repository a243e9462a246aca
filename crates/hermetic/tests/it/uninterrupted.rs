//! Nothing is lost: requests in flight, WebSockets and database sessions across reloads and upgrades.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::harness::{Hermetic, Ports, Postgres, Talking, curl, eventually, python};

const ORIGIN: &str = include_str!("uninterrupted_origin.py");
const WEBSOCKETS: &str = include_str!("uninterrupted_websockets.py");

/// How many of each are held open.
const REQUESTS: usize = 1000;
const SOCKETS: usize = 50;
const SESSIONS: usize = 50;

/// How many come at once. On a busy machine a listener refuses handshakes that wait for two seconds.
const OF_ONE_CURL: usize = 50;

/// A program that may have as many files open as the scenario needs.
fn with_files(program: &Command) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 8192; exec \"$0\" \"$@\""]).arg(program.get_program());
    command
}

fn configuration(ports: &Ports, rest: &str) -> String {
    let (edge, requests, sockets) = (ports.edge(), ports.nth(1), ports.nth(2));
    format!(
        "drain = \"5m\"\n\
         [[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{edge}\"\nnames = [\"localhost\"]\n\
         [[route]]\nlistener = \"edge\"\npath = \"/socket\"\nto = \"sockets\"\n\
         [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
         [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{requests}\"]\nresponse_timeout = \"5m\"\n\
         [[upstream]]\nname = \"sockets\"\nendpoints = [\"127.0.0.1:{sockets}\"]\n{rest}"
    )
}

/// Two ways to a database: one by TLS that ends here and begins anew, one for bytes whose TLS goes from end
/// to end.
fn database(ports: &Ports, postgres: &Postgres) -> String {
    let (sealed, passed, port) = (ports.nth(3), ports.nth(5), postgres.port());
    format!(
        "[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{sealed}\"\nprotocol = \"postgres\"\n\
         names = [\"localhost\"]\nbinding = \"none\"\n\
         [[route]]\nlistener = \"db\"\nto = \"postgres\"\n\
         [[upstream]]\nname = \"postgres\"\nendpoints = [\"localhost:{port}\"]\n\
         tls = {{ trust = \"authority\", name = \"localhost\" }}\n\
         [[listener]]\nname = \"bytes\"\nbind = \"127.0.0.1:{passed}\"\nprotocol = \"tcp\"\n\
         [[route]]\nlistener = \"bytes\"\nto = \"server\"\n\
         [[upstream]]\nname = \"server\"\nendpoints = [\"127.0.0.1:{port}\"]\n"
    )
}

/// Another listener, and another idle time of the edge, so that both it and the list of listeners change.
fn changed(text: &str, ports: &Ports, turn: usize) -> String {
    let text = text.replacen("names =", &format!("idle_timeout = \"{}s\"\nnames =", 300 + turn), 1);
    match turn % 2 {
        0 => text,
        _ => {
            let extra = ports.nth(4);
            text + &format!(
                "[[listener]]\nname = \"extra\"\nbind = \"127.0.0.1:{extra}\"\nnames = [\"localhost\"]\n\
                 [[route]]\nlistener = \"extra\"\nto = \"app\"\n"
            )
        }
    }
}

fn session(hermetic: &Hermetic, number: usize) -> Talking {
    let port = hermetic.ports.nth(if number.is_multiple_of(2) { 3 } else { 5 });
    let place = format!("host=localhost port={port} user=web dbname=postgres");
    let trust = format!("sslmode=verify-full sslrootcert={}", hermetic.ca().display());
    Talking::start(Command::new("psql").args(["-w", "-At", "-d", &format!("{place} {trust}")]))
}

fn ask_all(sessions: &mut [Talking], turn: usize) {
    for session in &mut *sessions {
        session.say(&format!("select {turn};"));
    }
    let answers: Vec<String> = sessions.iter_mut().map(Talking::hear).collect();
    assert!(answers.iter().all(|answer| *answer == turn.to_string()), "{turn}: {answers:?}");
}

/// Requests that are held open: over HTTP/1.1 each on its connection, or as streams of one of HTTP/2.
fn requests(hermetic: &Hermetic, number: usize) -> JoinHandle<usize> {
    let url = |n| format!("https://localhost:{}/slow/{n}", hermetic.ports.edge());
    let version = if number.is_multiple_of(2) { "--http1.1" } else { "--http2" };
    let mut command = with_files(&Command::new("curl"));
    command.args(["--silent", "--show-error", version, "--parallel", "--no-progress-meter"]);
    command.args(["--parallel-max", &OF_ONE_CURL.to_string(), "--max-time", "120", "--cacert"]);
    command.arg(hermetic.ca()).args(["--write-out", "%{http_code}\n"]);
    command.args((0..OF_ONE_CURL).flat_map(|n| [url(n), "-o".to_owned(), "/dev/null".to_owned()]));
    std::thread::spawn(move || {
        let output = command.output().expect("curl is needed; `cargo xtask test` installs it");
        let answers = String::from_utf8_lossy(&output.stdout).lines().filter(|code| *code == "200").count();
        assert_eq!(answers, OF_ONE_CURL, "{}", String::from_utf8_lossy(&output.stderr));
        answers
    })
}

/// A client that comes again and again on new connections; gives how often, all of them answered.
fn newcomer(hermetic: &Hermetic, go_on: &Arc<AtomicBool>) -> JoinHandle<usize> {
    let (url, ca) = (format!("https://localhost:{}/", hermetic.ports.edge()), hermetic.ca());
    let go_on = go_on.clone();
    std::thread::spawn(move || {
        let mut count = 0;
        while go_on.load(Ordering::Relaxed) {
            let output =
                Command::new("curl").args(["-sS", "-m", "15", "--cacert"]).arg(&ca).arg(&url).output();
            let output = output.unwrap();
            assert_eq!(output.stdout, b"ok", "{}", String::from_utf8_lossy(&output.stderr));
            count += 1;
        }
        count
    })
}

fn origin(folder: &Path, ports: &Ports) -> Talking {
    let script = folder.join("origin.py");
    std::fs::write(&script, ORIGIN).unwrap();
    let (requests, sockets) = (ports.nth(1).to_string(), ports.nth(2).to_string());
    let mut origin = Talking::start(with_files(&python()).arg(script).args([requests, sockets]));
    assert_eq!(origin.hear(), "ready");
    origin
}

#[test]
fn a_thousand_requests_fifty_websockets_and_fifty_sessions_outlive_twenty_reloads_and_two_upgrades() {
    let mut hermetic = Hermetic::replaceable(|ports, _| configuration(ports, ""));
    let ports = &hermetic.ports;
    let _origin = origin(hermetic.folder.path(), ports);
    let postgres = Postgres::start(&hermetic);
    let text = configuration(ports, &database(ports, &postgres));
    let path = hermetic.folder.path().join("hermetic.toml");
    let reload = |turn: usize| {
        let new = path.with_extension("new");
        std::fs::write(&new, changed(&text, ports, turn)).unwrap();
        std::fs::rename(new, &path).unwrap();
        let output = hermetic.hermetic(&["reload"]);
        assert!(output.status.success(), "{turn}: {output:?}");
    };
    reload(0);
    let at_edge = |path: &str| format!("localhost:{}{path}", ports.edge());
    let ask = |path: &str| {
        let answer = curl(&hermetic, &[&format!("https://{}", at_edge(path))]);
        String::from_utf8_lossy(&answer.stdout).into_owned()
    };
    let mut sockets = Talking::start(
        python()
            .args(["-c", WEBSOCKETS, &format!("wss://{}", at_edge("/socket"))])
            .arg(hermetic.ca())
            .arg(SOCKETS.to_string()),
    );
    assert_eq!(sockets.hear(), "ready");
    let mut sessions: Vec<Talking> = (0..SESSIONS).map(|number| session(&hermetic, number)).collect();
    ask_all(&mut sessions, 0);
    let go_on = Arc::new(AtomicBool::new(true));
    let newcomer = newcomer(&hermetic, &go_on);
    let at_origin = |count: usize| (ask("/waiting") == count.to_string()).then_some(());
    let requests: Vec<_> = (1..=REQUESTS / OF_ONE_CURL)
        .map(|number| {
            let some = requests(&hermetic, number);
            eventually("the requests at the origin", || at_origin(number * OF_ONE_CURL));
            some
        })
        .collect();

    for turn in 1..=20 {
        reload(turn);
        if turn % 10 == 0 {
            hermetic.replace_program(Path::new(env!("CARGO_BIN_EXE_hermetic")));
            hermetic.upgrade();
        }
        if turn % 5 == 0 {
            sockets.say(&format!("turn {turn}"));
            assert_eq!(sockets.hear(), format!("echoed {SOCKETS}"), "{turn}");
            ask_all(&mut sessions, turn);
        }
    }
    assert_eq!(ask("/waiting"), REQUESTS.to_string(), "all of them still wait");
    assert_eq!(ask("/release"), "released");
    let answered: usize = requests.into_iter().map(|answers| answers.join().unwrap()).sum();
    assert_eq!(answered, REQUESTS);
    go_on.store(false, Ordering::Relaxed);
    assert!(newcomer.join().unwrap() > 20);
    sockets.say("the last");
    assert_eq!(sockets.hear(), format!("echoed {SOCKETS}"));
    ask_all(&mut sessions, 99);
    drop((sockets, sessions));
    assert!(hermetic.ended(), "the first process ends with its last connection");
}
