//! Whatever a server says to the client that renegotiates comes to an end: before its session stands, and within
//! it. An even first byte puts a first flight before the rest, so that the session is reached.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hermetic_tls::SystemRandomness;
use hermetic_tls::trial::renegotiate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let before = if choice % 2 == 0 { first_flight() } else { Vec::new() };
    let said = [before.as_slice(), rest].concat();
    let randomness = SystemRandomness::default();
    let io = tokio::io::join(said.as_slice(), tokio::io::sink());
    let asking = pin!(renegotiate(io, None, &randomness));
    let Poll::Ready(answer) = asking.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing is there to wait for");
    };
    // Nobody has the keys but the two.
    assert!(answer.is_err());
});

/// A ServerHello with AES-128-GCM, an exchange over X25519, and its end, in a record.
fn first_flight() -> Vec<u8> {
    let hello = [&[3, 3][..], &[7; 32], &[0, 0xC0, 0x2F, 0]].concat();
    let exchange = [&[3, 0, 29, 32][..], &[9; 32], &[8, 4, 0, 0]].concat();
    let messages: Vec<u8> = [(2, hello), (12, exchange), (14, Vec::new())]
        .into_iter()
        .flat_map(|(kind, body): (u8, Vec<u8>)| [&[kind, 0, 0, body.len() as u8][..], &body].concat())
        .collect();
    [&[22, 3, 3, 0, messages.len() as u8][..], &messages].concat()
}
