//! A tap on the wire: passes bytes on as they come, and keeps them.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A relay to a port of this host.
#[derive(Debug)]
pub struct Tap {
    pub port: u16,
    passed: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    /// Stands before this port.
    pub fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap().port();
        let passed = Arc::new(Mutex::new(Vec::new()));
        let kept = passed.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                pass(client.try_clone().unwrap(), server.try_clone().unwrap(), kept.clone());
                pass(server, client, kept.clone());
            }
        });
        Self { port: here, passed }
    }

    /// Whether these bytes stand in what has passed either way.
    pub fn has(&self, bytes: &[u8]) -> bool {
        self.passed.lock().unwrap().windows(bytes.len()).any(|window| window == bytes)
    }

    /// What has passed either way.
    pub fn captured(&self) -> Vec<u8> {
        self.passed.lock().unwrap().clone()
    }

    /// How many bytes have passed.
    pub fn len(&self) -> usize {
        self.passed.lock().unwrap().len()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, kept: Arc<Mutex<Vec<u8>>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            kept.lock().unwrap().extend_from_slice(&buffer[..read]);
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
