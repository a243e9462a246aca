//! Endpoints that lose hellos which do not fit into one packet, as post-quantum ones do not: they are met by a small
//! one, and it is told that they break.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use hermetic_hop::{Evidence, Transport};
use hermetic_probe::judge::PostQuantum;
use hermetic_probe::observe::Manners;
use hermetic_probe::{Outcome, Scanned};
use socket2::SockRef;

use crate::beside::scanned_by;
use crate::certificates::Authority;
use crate::servers::Nginx;

/// What a packet holds over Ethernet.
const PACKET: usize = 1460;

/// A box before a real server that reads a hello by its first packet alone, and does this with those that have more.
fn boxed(to: u16, lose: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut near in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut first = [0; 32 * 1024];
                let Ok(length @ 1..) = near.read(&mut first) else { return };
                if length > PACKET {
                    return lose(near);
                }
                let mut far = TcpStream::connect(("127.0.0.1", to)).unwrap();
                far.write_all(&first[..length]).unwrap();
                pass(near.try_clone().unwrap(), far.try_clone().unwrap());
                pass(far, near);
            });
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn reset(near: TcpStream) {
    SockRef::from(&near).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Until the client is tired of it.
fn swallow(mut near: TcpStream) {
    let _ = std::io::copy(&mut near, &mut std::io::sink());
}

fn assert_met_and_broken(lose: fn(TcpStream)) {
    let authority = Authority::new();
    let nginx = Nginx::tls(&authority.issue("shop.test"), "ssl_protocols TLSv1.3;");
    let port = boxed(nginx.port, lose);
    // What is swallowed is waited for so long.
    let manners = Manners { answer: Duration::from_secs(3), ..Manners::default() };
    let seen: Scanned =
        scanned_by(manners, &format!("tls://127.0.0.1:{port}"), authority.trust(), "shop.test", |_| ());
    let Outcome::Seen(Evidence { transport: Transport::Tls(facts), .. }) = &seen.outcome else {
        panic!("{seen:?}")
    };
    assert!(
        facts.problem.is_none() && facts.group.is_some_and(|group| !group.is_post_quantum()),
        "{facts:?}"
    );
    let observed = seen.observed.unwrap().unwrap();
    assert!(matches!(PostQuantum::of(&observed), PostQuantum::BreaksOnIt(_)), "{:?}", observed.features);
}

#[test]
fn one_that_resets_them_is_met_by_a_small_hello() {
    assert_met_and_broken(reset);
}

#[test]
fn one_that_swallows_them_is_met_by_a_small_hello() {
    assert_met_and_broken(swallow);
}
