//! That every connection is counted, and held to what one target may have.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use hermetic_probe::observe::{Manners, Observations, Ranking};
use hermetic_probe::way::Command;

use super::{patient, scanned_by};
use crate::certificates::Authority;
use crate::servers::Nginx;

/// A relay to this port, and who tells of each connection that it takes.
fn counting(to: u16) -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taking, taken) = channel();
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let _ = taking.send(());
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

/// The relay takes so many, and no more: one that was reset at once may be taken late.
fn assert_taken(taken: &Receiver<()>, expected: u64) {
    for number in 1..=expected {
        let one = taken.recv_timeout(Duration::from_secs(10));
        assert!(one.is_ok(), "number {number} of {expected} does not come");
    }
    assert!(taken.try_recv().is_err(), "more than {expected}");
}

#[test]
fn every_connection_of_a_full_scan_is_counted() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "");
    let (port, taken) = counting(nginx.port);
    let endpoint = format!("https://127.0.0.1:{port}");
    let scanned = scanned_by(patient(), &endpoint, authority.trust(), "shop.test", |_| ());
    let of_observations = scanned.observed.as_ref().unwrap().as_ref().unwrap().connections;
    let opened = scanned.connections;
    let beside = [Command::Handshake, Command::Certificates, Command::Web].map(|command| opened.of(command));
    // The handshake; three kinds of key that it does not have, two other names; the page.
    assert_eq!(beside, [1, 5, 1], "{opened:?}");
    assert_eq!(opened.total(), u64::from(of_observations) + 7, "{opened:?}");
    assert!(scanned.beside.unwrap().web.unwrap().site.is_ok());
    assert_taken(&taken, opened.total());
}

#[test]
fn what_there_are_no_connections_left_for_is_not_asked_and_said_not_to_be() {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "");
    let (port, taken) = counting(nginx.port);
    let endpoint = format!("https://127.0.0.1:{port}");
    let manners = Manners { most_connections: 12, ..patient() };
    let scanned = scanned_by(manners, &endpoint, authority.trust(), "shop.test", |_| ());
    assert_eq!(scanned.connections.total(), 12);
    assert_taken(&taken, 12);
    let beside = scanned.beside.unwrap();
    let unanswered = beside.certificates.unanswered;
    assert!(
        unanswered.iter().any(|it| it.reason.contains("all connections") && !it.refused),
        "{unanswered:?}"
    );
    assert!(beside.web.unwrap().site.unwrap_err().contains("all connections"));
}

#[test]
fn each_command_opens_the_connections_that_it_says_it_needs() {
    let authority = Authority::new();
    let nginx = Nginx::tls(
        &authority.issue("shop.test"),
        "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:1m;",
    );
    let endpoint = format!("tls://127.0.0.1:{}", nginx.port);
    let scanned = scanned_by(patient(), &endpoint, authority.trust(), "shop.test", |_| ());
    let (opened, seen) = (scanned.connections, scanned.observed.unwrap().unwrap());
    assert_eq!((opened.of(Command::Ssl2), opened.of(Command::Sessions)), (1, 7), "{opened:?}");
    assert_eq!(opened.of(Command::Suites), of_suites(&seen), "{opened:?}");
    assert!(
        opened.of(Command::Features) <= 8 + seen.features.application_protocols.len() as u64,
        "{opened:?}"
    );
}

/// One a suite and one that is refused, in each version; and one for the order.
fn of_suites(seen: &Observations) -> u64 {
    let of = |ranking: &Ranking<_>| {
        let one_more_for_order = u64::from(ranking.accepted.len() > 1);
        let again = ranking.classes.iter().map(Vec::len).sum::<usize>() as u64;
        ranking.accepted.len() as u64 + 1 + one_more_for_order + again
    };
    seen.versions.iter().map(|observed| of(&observed.suites)).sum()
}
