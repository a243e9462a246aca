//! `hermetic scan` of several places: on a terminal it is told how far it is, and IPv6 is an address like any other.

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Nginx, Ports, command, folder, hermetic, self_signed};

#[test]
fn on_a_terminal_a_line_tells_how_far_a_scan_is_and_is_gone_at_its_end() {
    let folder = folder();
    // Its answer is waited for longer than until the line is drawn.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let list = format!("tls://{}\ntls://127.0.0.2:1\n", silent.local_addr().unwrap());
    std::fs::write(folder.path().join("targets.txt"), list).unwrap();
    let program = command(folder.path()).get_program().to_str().unwrap().to_owned();
    let typed = format!("{program} scan --targets targets.txt --timeout 2 --format jsonl > reports.jsonl");
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &typed, "/dev/null"]).current_dir(folder.path());
    let output = terminal.output().expect("script is needed, of Debian's bsdutils");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        shown.contains("\r\u{1b}[2K━━━━━━━━━━━━──────────── ") && shown.contains(" 50%  1 of 2, "),
        "{shown:?}"
    );
    assert!(shown.trim_end().ends_with("\r\u{1b}[2K"), "{shown:?}");
    let reports = std::fs::read_to_string(folder.path().join("reports.jsonl")).unwrap();
    assert!(reports.lines().count() == 2 && !reports.contains('━'), "{reports}");
}

#[test]
fn a_far_end_behind_ipv6_is_scanned_at_its_address() {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "shop", "localhost");
    let (here, port) = (folder.path().display(), ports.nth(1));
    let server = format!(
        "server {{ listen 127.0.0.1:{port} ssl; listen [::1]:{port} ssl; ssl_certificate {here}/shop.pem; \
         ssl_certificate_key {here}/shop.key; ssl_protocols TLSv1.3; return 204; }}"
    );
    let _nginx = Nginx::start(folder.path(), &server, port);
    let target = format!("https://[::1]:{port}");
    let arguments =
        ["scan", &target, "--ip", "all", "--sni", "localhost", "--trust", "shop.pem", "--format", "json"];
    let output = hermetic(folder.path(), &arguments);
    let list: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let [report] = list["scans"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!(
        (&report["target"], &report["address"]),
        (&target.clone().into(), &format!("[::1]:{port}").into())
    );
    assert_eq!(report["handshake"]["version"], "TLSv1.3", "{report}");
    assert_eq!(report["certificates"][0]["trust"][0]["trusted"], true, "{report}");
}

#[test]
fn a_list_without_a_target_is_no_scan_that_found_nothing() {
    let folder = folder();
    std::fs::write(folder.path().join("targets.txt"), "# shop.test\n\n").unwrap();
    for arguments in [["scan", "@targets.txt"], ["scan", "-"]] {
        let output = hermetic(folder.path(), &arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("there is no target in what was given"), "{said}");
    }
}
