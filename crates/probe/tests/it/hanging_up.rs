//! A box before a server that hangs up on clients without a word, at one moment of TLS 1.2.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

/// When it hangs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// As soon as a client begins a handshake within a session.
    AnotherBegins,
    /// As soon as the first handshake is over.
    TheFirstIsOver,
}

/// Its address; its threads end with the test's process.
pub fn before(server: SocketAddr, when: When) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(server).unwrap();
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            // Behind the change of cipher comes the Finished, and then another hello.
            std::thread::spawn(move || {
                pass(from, to, |sealed| when == When::AnotherBegins && sealed == 2, false)
            });
            std::thread::spawn(move || {
                pass(server, client, |sealed| when == When::TheFirstIsOver && sealed == 1, true)
            });
        }
    });
    address
}

/// Passes records on until `is_end` says so of the number of sealed handshake messages; `last` is whether that one goes
/// through.
fn pass(mut from: TcpStream, mut to: TcpStream, is_end: impl Fn(u32) -> bool, last: bool) {
    let (mut is_sealed, mut sealed) = (false, 0);
    while let Some(record) = record(&mut from) {
        is_sealed |= record[0] == 20;
        sealed += u32::from(is_sealed && record[0] == 22);
        let ends = is_end(sealed);
        if (!ends || last) && to.write_all(&record).is_err() {
            break;
        }
        if ends {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// The next record, or, where what comes is no TLS (an HTTP request, a hello of SSL 2.0), as much as has come: who held
/// that back would keep a server that serves one client at a time from all others.
fn record(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut record = vec![0; 5];
    let came = from.read(&mut record).ok().filter(|came| *came > 0)?;
    if !(20..=24).contains(&record[0]) {
        record.truncate(came);
        return Some(record);
    }
    from.read_exact(&mut record[came..]).ok()?;
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(5 + length, 0);
    from.read_exact(&mut record[5..]).ok()?;
    Some(record)
}
