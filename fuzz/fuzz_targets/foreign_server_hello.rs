//! Any answer to the probe's own ClientHello is read or refused, at once.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use hermetic_tls::{Foreign, ProtocolVersion, SystemRandomness, ask_foreign};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let randomness = SystemRandomness::default();
    for what in Foreign::ALL {
        let io = tokio::io::join(data, tokio::io::sink());
        let asking = pin!(ask_foreign(io, what, None, &randomness));
        let Poll::Ready(answer) = asking.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("everything was there to be read");
        };
        if let (Ok(server), true) = (answer, what != Foreign::Newest) {
            assert!(server.version <= ProtocolVersion::TLS1_2);
        }
    }
});
