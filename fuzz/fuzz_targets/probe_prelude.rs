//! Whatever a far end says before TLS, in any segments, gets a step, and none keeps us reading for ever.
//! The first byte chooses the protocol; each segment is as long as its own first byte says.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use hermetic_hop::Scheme;
use hermetic_probe::prelude::{LIMIT, Prelude, Step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, mut rest)) = data.split_first() else { return };
    let scheme = Scheme::ALL[usize::from(*choice) % Scheme::ALL.len()];
    let Some(mut prelude) = Prelude::of(scheme, IpAddr::V4(Ipv4Addr::LOCALHOST)) else { return };
    while let Some(size) = rest.first() {
        let (segment, behind) = rest.split_at(rest.len().min(usize::from(*size) + 1));
        if ended(&prelude.feed(segment)) {
            return;
        }
        rest = behind;
    }
    assert!(data.len() <= LIMIT + 1, "it reads beyond the limit");
});

fn ended(step: &Step) -> bool {
    match step {
        Step::Read => false,
        Step::Send(bytes) => {
            assert!(!bytes.is_empty() && bytes.ends_with(b"\r\n"));
            false
        }
        Step::Tls(bytes) => {
            assert!(bytes.is_empty() || bytes.len() == 36);
            true
        }
        Step::Cleartext(_) | Step::Refused(_) => true,
    }
}
