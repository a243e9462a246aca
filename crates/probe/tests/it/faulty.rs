//! A server that does one thing wrong, on a port of its own.
#![expect(clippy::indexing_slicing, reason = "what breaks off here ends a thread of the faulty server")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It takes connections and says nothing.
    Silence,
    /// It hears the hello, begins an answer, and falls silent in the middle of it.
    HalfAnAnswer,
    /// It says what is no TLS.
    Garbage,
    /// It sends without an end what could be a very long answer.
    Flood,
    /// It answers by a reset.
    Reset,
    /// It hangs up without a word.
    HangUp,
    /// It answers a byte at a time, and never comes to the end.
    Tarpit,
    /// It sends one warning after the other.
    AlertStorm,
    /// It asks for another hello, again and again.
    HelloRetryLoop,
    /// It takes no connection, and refuses none.
    Filtered,
}

impl Fault {
    pub const ALL: [Self; 10] = [
        Self::Silence,
        Self::HalfAnAnswer,
        Self::Garbage,
        Self::Flood,
        Self::Reset,
        Self::HangUp,
        Self::Tarpit,
        Self::AlertStorm,
        Self::HelloRetryLoop,
        Self::Filtered,
    ];
}

/// The server; its threads end with the test's process.
pub struct Faulty {
    pub address: SocketAddr,
    /// How many bytes it could get rid of.
    pub sent: Arc<AtomicU64>,
    _held: Vec<TcpStream>,
}

impl Faulty {
    pub fn start(fault: Fault) -> Self {
        let sent = Arc::new(AtomicU64::new(0));
        if fault == Fault::Filtered {
            return Self::filtered(sent);
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let counted = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sent = Arc::clone(&counted);
                std::thread::spawn(move || serve(fault, stream, &sent));
            }
        });
        Self { address, sent, _held: Vec::new() }
    }

    /// Its queue is full, and so the kernel says nothing to whoever comes.
    fn filtered(sent: Arc<AtomicU64>) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let soon = Duration::from_millis(200);
        let held = (0..4).filter_map(|_| TcpStream::connect_timeout(&address, soon).ok()).collect();
        std::mem::forget(socket);
        Self { address, sent, _held: held }
    }
}

fn serve(fault: Fault, mut stream: TcpStream, sent: &AtomicU64) {
    let mut hello = [0; 16 * 1024];
    let Ok(length) = stream.read(&mut hello) else { return };
    let hello = &hello[..length];
    let hold = |stream: TcpStream| std::mem::forget(stream);
    match fault {
        Fault::Silence | Fault::Filtered => hold(stream),
        Fault::HalfAnAnswer => {
            let _ = stream.write_all(&[22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3, 7, 7]);
            hold(stream);
        }
        Fault::Garbage => drop(stream.write_all(&[0xA5; 700])),
        Fault::Flood => {
            // Records of a handshake message that claims to have 16 MiB.
            let mut record = vec![22, 3, 3, 0x40, 0];
            record.extend([11, 0xFF, 0xFF, 0xFF]);
            record.resize(5 + 0x4000, 0);
            while stream.write_all(&record).is_ok() {
                sent.fetch_add(record.len() as u64, Ordering::Relaxed);
            }
        }
        Fault::Reset => drop(SockRef::from(&stream).set_linger(Some(Duration::ZERO))),
        Fault::HangUp => {}
        Fault::Tarpit => {
            for byte in [22, 3, 3, 0x40, 0, 2, 0, 0x30, 0].into_iter().chain(std::iter::repeat(0)) {
                if stream.write_all(&[byte]).is_err() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(30));
            }
        }
        Fault::AlertStorm => while stream.write_all(&[21, 3, 3, 0, 2, 1, 90].repeat(100)).is_ok() {},
        Fault::HelloRetryLoop => {
            // What comes next may be a change_cipher_spec alone; the session id is that of the first hello.
            let mut next = [0; 16 * 1024];
            while stream.write_all(&retry(hello)).is_ok() && matches!(stream.read(&mut next), Ok(1..)) {}
        }
    }
}

/// A HelloRetryRequest for P-384 (RFC 8446 section 4.1.4), with the session id of the hello.
pub fn retry(hello: &[u8]) -> Vec<u8> {
    const RANDOM: [u8; 32] = [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
        0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ];
    let id = hello.get(43).map_or(&[][..], |length| &hello[44..44 + usize::from(*length)]);
    let extensions = [0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 24];
    let length = [id.len() as u8];
    let body = [&[3, 3][..], &RANDOM, &length, id, &[0x13, 1, 0, 0, 12], &extensions].concat();
    let head = [22, 3, 3, 0, body.len() as u8 + 4, 2, 0, 0, body.len() as u8];
    [&head[..], &body].concat()
}
