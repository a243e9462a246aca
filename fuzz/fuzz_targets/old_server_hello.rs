//! Any answer to the probe's own ClientHello is read or refused, at once.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hermetic_tls::{ProtocolVersion, SystemRandomness, ask_old};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let io = tokio::io::join(data, tokio::io::sink());
    let randomness = SystemRandomness::default();
    let asking = pin!(ask_old(io, ProtocolVersion::TLS1_2, None, &randomness));
    let Poll::Ready(answer) = asking.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("everything was there to be read");
    };
    if let Ok(server) = answer {
        assert!(server.version <= ProtocolVersion::TLS1_2);
    }
});
