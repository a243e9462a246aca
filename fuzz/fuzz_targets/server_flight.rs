//! Any answer to a ClientHello is seen alike, in whatever segments it passes.

#![no_main]

use hermetic_tls::flight::{FlightError, ServerChoice, ServerFlightReader, Standing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut reader = ServerFlightReader::new();
    let whole = (reader.push(data), reader.choice().cloned());
    assert!(in_segments(data) == whole);
    // What was said for good is said again.
    if !matches!(whole.0, Ok(Standing::Open | Standing::Chosen)) {
        assert!((reader.push(data), reader.choice().cloned()) == whole);
    }
});

/// Looks at the bytes in segments whose sizes are the bytes themselves.
fn in_segments(data: &[u8]) -> (Result<Standing, FlightError>, Option<ServerChoice>) {
    let mut reader = ServerFlightReader::new();
    let mut standing = reader.push(&[]);
    let mut rest = data;
    for size in data {
        let (segment, behind) = rest.split_at(rest.len().min(usize::from(*size) + 1));
        standing = reader.push(segment);
        rest = behind;
    }
    (standing, reader.choice().cloned())
}
