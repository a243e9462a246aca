//! Whatever a server says to the client that looks beside the certificates of TLS 1.3 comes to an end: before its keys
//! are agreed on, and behind them. An even first byte puts a ServerHello before the rest.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hermetic_tls::SystemRandomness;
use hermetic_tls::trial::certificate_entries;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let before = if choice % 2 == 0 { server_hello() } else { Vec::new() };
    let said = [before.as_slice(), rest].concat();
    let randomness = SystemRandomness::default();
    let io = tokio::io::join(said.as_slice(), tokio::io::sink());
    let asking = pin!(certificate_entries(io, None, Vec::new(), &randomness));
    let Poll::Ready(answer) = asking.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing is there to wait for");
    };
    // Nobody has the keys but the two.
    assert!(answer.is_err());
});

/// A ServerHello of TLS 1.3 with AES-128-GCM and a share of X25519, in a record.
fn server_hello() -> Vec<u8> {
    let share = [&[0, 51, 0, 36, 0, 29, 0, 32][..], &[9; 32]].concat();
    let extensions = [&share[..], &[0, 43, 0, 2, 3, 4]].concat();
    let hello = [&[3, 3][..], &[7; 32], &[0, 0x13, 0x01, 0, 0, extensions.len() as u8], &extensions].concat();
    let message = [&[2, 0, 0, hello.len() as u8][..], &hello].concat();
    [&[22, 3, 3, 0, message.len() as u8][..], &message].concat()
}
