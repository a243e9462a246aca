//! `hermetic scan --watch`: what changes at an endpoint is told as it changes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use serde_json::Value;

use crate::harness::{DEADLINE, Nginx, Ports, command, folder, self_signed};

#[test]
fn what_changes_at_an_endpoint_is_told_and_an_interruption_ends_it_as_the_last_scan_ended() {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "shop", "localhost");
    let (here, port) = (folder.path().display(), ports.nth(1));
    let serve = |versions: &str| {
        let server = format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {here}/shop.pem; ssl_certificate_key \
             {here}/shop.key; ssl_protocols {versions}; ssl_ciphers ECDHE+AESGCM; return 204; }}"
        );
        Nginx::start(folder.path(), &server, port)
    };
    let nginx = serve("TLSv1.3");
    let target = format!("https://localhost:{port}");
    let arguments = ["scan", &target, "--trust", "shop.pem", "--watch=1s", "--format", "jsonl"];
    let mut watch =
        command(folder.path()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (sender, lines) = mpsc::channel();
    let output = BufReader::new(watch.stdout.take().unwrap());
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let next = || -> Value { serde_json::from_str(&lines.recv_timeout(4 * DEADLINE).unwrap()).unwrap() };
    let first = next();
    assert_eq!(
        (&first["schema"], &first["protocols"][4]["support"]),
        (&"hermetic.scan/1".into(), &"no".into())
    );

    drop(nginx);
    let _nginx = serve("TLSv1.2 TLSv1.3");
    // Between the one and the other a scan may have seen nothing.
    let is_spoken =
        |change: &Value| change["added"].as_array().unwrap().iter().any(|fact| fact == "speaks TLSv1.2");
    let change = std::iter::repeat_with(next).take(5).find(is_spoken).expect("the new version is told");
    assert_eq!((&change["schema"], &change["target"]), (&"hermetic.scan.change/1".into(), &target.into()));
    Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap();
    assert_eq!(watch.wait().unwrap().code(), Some(1));
}
