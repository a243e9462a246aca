//! That every connection is counted, and held to what one target may have.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hermetic_probe::observe::Manners;

use super::scanned_by;
use crate::certificates::Authority;
use crate::servers::Nginx;

/// A relay to this port, and how many connections it has taken.
fn counting(to: u16) -> (u16, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, taken) = (listener.local_addr().unwrap().port(), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&taken);
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, Ordering::Relaxed);
            let far = TcpStream::connect(("127.0.0.1", to)).unwrap();
            let pairs = [(&near, &far), (&far, &near)];
            for (from, to) in pairs.map(|(from, to)| (from.try_clone().unwrap(), to.try_clone().unwrap())) {
                std::thread::spawn(move || {
                    let _ = io::copy(&mut &from, &mut &to);
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        }
    });
    (port, taken)
}

/// Waits until the relay has taken so many: one that was reset at once may be taken late.
fn assert_taken(taken: &AtomicU32, expected: u32) {
    let started = Instant::now();
    while taken.load(Ordering::Relaxed) != expected {
        assert!(started.elapsed() < Duration::from_secs(10), "{taken:?}, and not {expected}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn every_connection_of_a_full_scan_is_counted() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "");
    let (port, taken) = counting(nginx.port);
    let endpoint = format!("https://127.0.0.1:{port}");
    let scanned = scanned_by(Manners::default(), &endpoint, authority.trust(), "shop.test", |_| ());
    let of_observations = scanned.observed.as_ref().unwrap().as_ref().unwrap().connections;
    // The handshake, chains by kind of key and by name, and the page.
    assert!(scanned.connections >= of_observations + 7, "{} and {of_observations}", scanned.connections);
    assert!(scanned.beside.unwrap().web.unwrap().site.is_ok());
    assert_taken(&taken, scanned.connections);
}

#[test]
fn what_there_are_no_connections_left_for_is_not_asked_and_said_not_to_be() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "");
    let (port, taken) = counting(nginx.port);
    let endpoint = format!("https://127.0.0.1:{port}");
    let manners = Manners { most_connections: 12, ..Manners::default() };
    let scanned = scanned_by(manners, &endpoint, authority.trust(), "shop.test", |_| ());
    assert_eq!(scanned.connections, 12);
    assert_taken(&taken, 12);
    let beside = scanned.beside.unwrap();
    let unanswered = beside.certificates.unanswered;
    assert!(
        unanswered.iter().any(|it| it.reason.contains("all connections") && !it.refused),
        "{unanswered:?}"
    );
    assert!(beside.web.unwrap().site.unwrap_err().contains("all connections"));
}
