//! Upgrades: the program on the disk takes over with all sockets, or the old one goes on.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

use crate::harness::{DEADLINE, Hermetic, Origin, Page, Ports, curl, eventually, hermetic, openssl};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

const PROGRAM: &str = env!("CARGO_BIN_EXE_hermetic");

fn edge(ports: &Ports, origin: &Origin) -> String {
    format!(
        "drain = \"2m\"\n[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:{}\"\nnames = [\"localhost\"]\n\
         [[route]]\nlistener = \"edge\"\nto = \"app\"\n\
         [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n",
        ports.edge(),
        origin.port
    )
}

fn serves(hermetic: &Hermetic) -> bool {
    curl(hermetic, &[&format!("https://localhost:{}/", hermetic.ports.edge())]).stdout == b"ok"
}

/// A request by openssl, with the session of a file or into one.
fn request(hermetic: &Hermetic, session: &[&str]) -> String {
    let address = format!("127.0.0.1:{}", hermetic.ports.edge());
    let common = ["s_client", "-connect", &address, "-servername", "localhost", "-ign_eof"];
    let output = openssl(
        &[&common[..], session].concat(),
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn tickets_counts_and_the_hold_on_the_folder_outlive_the_process() {
    let origin = Origin::answering(OK);
    let mut hermetic = Hermetic::replaceable(|ports, _| edge(ports, &origin));
    let session = hermetic.folder.path().join("session");
    let session = session.to_str().unwrap();
    assert!(request(&hermetic, &["-sess_out", session]).contains("New, TLS"));
    hermetic.replace_program(Path::new(PROGRAM));
    let successor = hermetic.upgrade();
    assert_ne!(successor, hermetic.pid());
    assert!(hermetic.ended(), "nothing held it back");
    assert!(request(&hermetic, &["-sess_in", session]).contains("Reused, TLS"));
    let counts = hermetic.hop("client", "edge")["counts"].clone();
    assert_eq!((&counts["connections"], &counts["resumed"]), (&2.into(), &1.into()), "{counts}");
    let second = crate::harness::hermetic(hermetic.folder.path(), &["up"]);
    let error = String::from_utf8_lossy(&second.stderr);
    assert!(error.contains(&successor.to_string()), "who holds the port is told: {error}");
    let issued = hermetic.hermetic(&["cert", "issue", "--name", "db.internal"]);
    assert!(issued.status.success(), "{issued:?}");
}

#[test]
fn a_program_that_ends_at_once_leaves_the_old_one_serving() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::replaceable(|ports, _| edge(ports, &origin));
    let script = hermetic.folder.path().join("broken");
    std::fs::write(&script, "#!/bin/sh\nexit 7\n").unwrap();
    Command::new("chmod").arg("+x").arg(&script).status().unwrap();
    hermetic.replace_program(&script);
    let told = hermetic.hermetic(&["upgrade"]);
    let error = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(3), "{error}");
    assert!(error.contains("ended before it served: exit status: 7"), "{error}");
    assert!(serves(&hermetic));
    // It issues certificates again, and a good program can take over.
    assert!(hermetic.hermetic(&["cert", "issue", "--name", "db.internal"]).status.success());
    hermetic.replace_program(Path::new(PROGRAM));
    hermetic.upgrade();
    assert!(serves(&hermetic));
}

#[test]
fn a_configuration_that_is_wrong_is_told_as_check_tells_it_and_the_old_one_serves() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::replaceable(|ports, _| edge(ports, &origin));
    let path = hermetic.folder.path().join("hermetic.toml");
    let wrong = std::fs::read_to_string(&path).unwrap().replace("names", "nmes");
    std::fs::write(&path, wrong).unwrap();
    let told = hermetic.hermetic(&["upgrade", "--data", ".hermetic"]);
    let error = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(2), "{error}");
    assert!(error.contains("hermetic.toml:5:1") && error.contains("did you mean `names`?"), "{error}");
    assert!(serves(&hermetic));
    let hops = hermetic.hermetic(&["hops", "--data", ".hermetic"]);
    assert_eq!(hops.status.code(), Some(0), "{hops:?}");
}

/// Puts a program in the place of the one that runs which says its number and goes on as the real one once
/// there is a file `go`.
fn slow(hermetic: &Hermetic) {
    let folder = hermetic.folder.path();
    let script = folder.join("slow");
    let text = format!(
        "#!/bin/sh\necho $$ >begun.new; mv begun.new begun\nuntil [ -e go ]; do sleep 0.05; done\n\
         exec {PROGRAM} \"$@\"\n"
    );
    std::fs::write(&script, text).unwrap();
    Command::new("chmod").arg("+x").arg(&script).status().unwrap();
    hermetic.replace_program(&script);
}

/// Waits for the number of that program.
fn begun(hermetic: &Hermetic) -> u32 {
    let path = hermetic.folder.path().join("begun");
    let pid = eventually("the new program", || std::fs::read_to_string(&path).ok());
    let pid = pid.trim().parse().unwrap();
    hermetic.succeeded_by(pid);
    pid
}

#[test]
fn an_upgrade_whose_asker_leaves_comes_to_its_end() {
    let origin = Origin::answering(OK);
    let mut hermetic = Hermetic::replaceable(|ports, _| edge(ports, &origin));
    slow(&hermetic);
    let socket = hermetic.folder.path().join(".hermetic/admin.sock");
    let mut asker = Command::new("curl");
    asker.arg("--unix-socket").arg(socket).args(["-s", "-X", "POST", "http://hermetic/v1/upgrade"]);
    let mut asker = asker.spawn().unwrap();
    begun(&hermetic);
    asker.kill().unwrap();
    asker.wait().unwrap();
    // The old process has seen the asker leave once it answers somebody who came later.
    hermetic.hops();
    std::fs::write(hermetic.folder.path().join("go"), "").unwrap();
    assert!(hermetic.ended(), "the old process leaves");
    assert!(serves(&hermetic));
}

#[test]
fn a_process_that_is_asked_to_stop_while_it_upgrades_leaves_none_behind() {
    let origin = Origin::answering(OK);
    let mut hermetic = Hermetic::replaceable(|ports, _| edge(ports, &origin));
    slow(&hermetic);
    hermetic.signal("USR2");
    let pid = begun(&hermetic);
    hermetic.signal("TERM");
    assert!(hermetic.ended());
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "the new process was stopped, too");
}

#[test]
fn the_tour_can_t_be_upgraded() {
    let tour = Hermetic::tour();
    let told = hermetic(tour.folder.path(), &["upgrade"]);
    let error = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(2), "{error}");
    assert!(error.contains("the tour can't be upgraded"), "{error}");
}

/// What systemd hears of a service next.
fn heard(systemd: &UnixDatagram) -> String {
    let mut state = [0; 128];
    let read = systemd.recv(&mut state).unwrap();
    String::from_utf8_lossy(&state[..read]).into_owned()
}

#[test]
fn systemd_hears_when_it_serves_and_which_process_is_the_service_after_an_upgrade() {
    let origin = Origin::answering(OK);
    let notices = crate::harness::folder();
    let path = notices.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(DEADLINE)).unwrap();
    let hermetic = Hermetic::configured_by(
        |ports, _| edge(ports, &origin),
        |_, _| {
            let mut command = Command::new(PROGRAM);
            command.arg("up").env("NOTIFY_SOCKET", &path);
            command
        },
    );
    assert_eq!(heard(&systemd), "READY=1");
    let successor = hermetic.upgrade();
    assert_eq!(heard(&systemd), format!("MAINPID={successor}"));
    let status = Command::new("kill").args(["-s", "TERM", &successor.to_string()]).status().unwrap();
    assert!(status.success());
    assert_eq!(heard(&systemd), "STOPPING=1");
}

/// The program as systemd's own tool starts it, which listens on this address and waits until somebody
/// connects.
fn activated(address: String) -> Command {
    let mut command = Command::new("systemd-socket-activate");
    command.args(["--listen", &address, "--fdname=edge", PROGRAM, "up"]).env("NO_COLOR", "1");
    std::thread::spawn(move || {
        eventually("systemd's socket", || std::net::TcpStream::connect(&address).ok())
    });
    command
}

#[test]
fn a_socket_that_systemd_listens_with_is_served_and_handed_over() {
    let origin = Origin::answering(OK);
    let hermetic = Hermetic::configured_by(
        |ports, _| edge(ports, &origin),
        |ports, _| activated(format!("127.0.0.1:{}", ports.edge())),
    );
    assert!(serves(&hermetic));
    hermetic.upgrade();
    assert!(serves(&hermetic));
}

#[test]
fn a_socket_of_systemd_that_no_listener_wants_is_an_error() {
    let origin = Origin::answering(OK);
    let (ports, folder) = (Ports::reserve(), crate::harness::folder());
    std::fs::write(folder.path().join("hermetic.toml"), edge(&ports, &origin)).unwrap();
    let mut command = activated(format!("127.0.0.1:{}", ports.nth(7)));
    let output = command.current_dir(folder.path()).output();
    let output = output.expect("systemd-socket-activate is needed; `cargo xtask test` installs it");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains(&format!("listens on 127.0.0.1:{}", ports.nth(7))), "{error}");
}

#[test]
fn the_page_on_upgrades_reloads_and_upgrades_and_says_what_is_printed() {
    let origin = Origin::answering(OK);
    let page = Page::how_to("zero-downtime-upgrade");
    let hermetic = Hermetic::replaceable(|ports, _| {
        let here = [
            ("0.0.0.0:443", &*format!("127.0.0.1:{}", ports.edge())),
            ("shop.example.com", "localhost"),
            ("127.0.0.1:3000", &format!("127.0.0.1:{}", origin.port)),
        ];
        page.configuration("drain = ", &here)
    });
    let printed = |arguments: &[&str]| String::from_utf8(hermetic.hermetic(arguments).stdout).unwrap();
    assert_eq!(hermetic.hermetic(&["check"]).status.code(), Some(0));
    let reload = page.other("$ hermetic reload");
    assert!(reload.ends_with(&printed(&["reload"])), "{reload}");
    hermetic.replace_program(Path::new(PROGRAM));
    let upgraded = page.other("$ hermetic upgrade");
    let pid = hermetic.upgrade();
    assert!(
        upgraded.replace("4711", &pid.to_string()).contains(&format!("upgraded; process {pid} serves\n"))
    );
    let url = format!("https://localhost:{}/", hermetic.ports.edge());
    assert_eq!(curl(&hermetic, &[&url]).stdout, b"ok");
}
