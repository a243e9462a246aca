//! A relay that is as unkind to a ClientHello as TCP and TLS allow: whatever the client sends arrives
//! in the smallest pieces, behind anything that a proxy would say first.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// How a ClientHello arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragmentation {
    /// As the client sent it.
    None,
    /// One byte a packet.
    Packets,
    /// One byte a record, and a record a packet.
    Records,
    /// In the same packet as what comes before it, cut in its middle.
    Halves,
}

/// A relay to `port` on this host, which says `before` first; gives the port to connect to.
pub fn fragmenting(port: u16, before: &[u8], how: Fragmentation) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap().port();
    let before = before.to_vec();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let before = before.clone();
            std::thread::spawn(move || relay(client, port, &before, how));
        }
    });
    here
}

fn relay(mut client: TcpStream, port: u16, before: &[u8], how: Fragmentation) -> std::io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    server.set_nodelay(true)?;
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut answers, &mut back);
        back.shutdown(Shutdown::Write)
    });
    let mut header = [0; 5];
    client.read_exact(&mut header)?;
    let mut fragment = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    client.read_exact(&mut fragment)?;
    let hello = [&header[..], &fragment].concat();
    match how {
        Fragmentation::None => server.write_all(&[before, &hello].concat())?,
        Fragmentation::Packets => {
            for byte in before.iter().chain(&hello) {
                server.write_all(&[*byte])?;
            }
        }
        Fragmentation::Records => {
            server.write_all(before)?;
            for byte in &fragment {
                server.write_all(&[header[0], header[1], header[2], 0, 1, *byte])?;
            }
        }
        Fragmentation::Halves => {
            let all = [before, &hello].concat();
            // Once inside of what comes before, once inside of the hello.
            let (first, rest) = all.split_at(before.len() / 2);
            let (second, third) = rest.split_at(rest.len() - hello.len() / 2);
            for part in [first, second, third] {
                server.write_all(part)?;
            }
        }
    }
    std::io::copy(&mut client, &mut server)?;
    server.shutdown(Shutdown::Write)
}
