//! What survives a crash, and what a second instance may not do.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use crate::harness::{DEADLINE, Hermetic, Ports, eventually, folder, hermetic};

#[test]
fn a_second_instance_on_the_same_data_folder_is_told_who_holds_it() {
    let tour = Hermetic::tour();
    let other = Ports::reserve();
    let output = hermetic(tour.folder.path(), &["up", "--port-base", &other.base().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("in use by") && error.contains(&tour.pid().to_string()), "{error}");
    assert_eq!(tour.hops()["flows"][0]["verdict"], "sealed");
}

#[test]
fn a_second_instance_on_the_same_port_is_told_who_has_it() {
    let tour = Hermetic::tour();
    let output = hermetic(folder().path(), &["up", "--port-base", &tour.ports.base().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains(&tour.ports.edge().to_string()) && error.contains("(hermetic)"), "{error}");
}

/// Asks the instance for a certificate; `None` when it is gone before it acknowledged.
fn issued(socket: &Path, name: &str) -> Option<()> {
    let body = format!(r#"{{"subject":"{name}","names":["dns:{name}"],"profile":"server"}}"#);
    let mut stream = UnixStream::connect(socket).ok()?;
    let length = body.len();
    write!(stream, "POST /v1/certificates HTTP/1.1\r\nhost: admin\r\ncontent-length: {length}\r\n\r\n{body}")
        .ok()?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).ok()?;
    status.contains(" 200 ").then_some(())
}

#[test]
fn kill_9_in_mid_issuance_loses_nothing_that_was_acknowledged() {
    let mut first = Hermetic::tour();
    let socket = first.folder.path().join(".hermetic/admin.sock");
    let (acknowledge, acknowledged) = std::sync::mpsc::channel();
    let issuing = std::thread::spawn(move || {
        for n in 0.. {
            let name = format!("n{n}.internal");
            match issued(&socket, &name) {
                Some(()) => acknowledge.send(name).unwrap(),
                None => return,
            }
        }
    });
    let mut names: Vec<String> = (0..10).map(|_| acknowledged.recv_timeout(DEADLINE).unwrap()).collect();
    first.kill();
    issuing.join().unwrap();
    names.extend(acknowledged.try_iter());

    let base = first.ports.base().to_string();
    eventually("the end of the parts and their relays", || first.ports.are_free().then_some(()));
    let again = Hermetic::up_again(first, &["--port-base", &base]);
    assert_eq!(again.hops()["flows"][0]["verdict"], "sealed");
    let list = again.hermetic(&["cert", "list", "--format", "json"]);
    let list = String::from_utf8(list.stdout).unwrap();
    for name in &names {
        assert!(list.contains(name.as_str()), "{name} was acknowledged and is lost");
    }
    assert!(!list.contains("\"intended\""), "an intent was left unsettled: {list}");
}
