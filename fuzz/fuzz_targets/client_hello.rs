//! Any bytes, in any segments, get one answer; a hello that is read can be read again from its raw bytes,
//! and has a fingerprint.

#![no_main]

use hermetic_tls::hello::{ClientHello, HelloError, HelloReader, Ja4, Progress};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let whole = HelloReader::new().push(data);
    assert!(in_segments(data) == whole);
    if let Ok(Progress::Complete(hello)) = whole {
        assert!(data.starts_with(&hello.raw));
        reads_again(&hello);
        let ja4 = Ja4::of(&hello);
        assert!(ja4.as_str().parse() == Ok(ja4));
    }
});

/// Feeds the bytes in segments whose sizes are the bytes themselves, so that inputs stay plain hellos.
fn in_segments(data: &[u8]) -> Result<Progress, HelloError> {
    let mut reader = HelloReader::new();
    let mut progress = Progress::Partial;
    let mut rest = data;
    for size in data {
        let (segment, behind) = rest.split_at(rest.len().min(usize::from(*size) + 1));
        progress = reader.push(segment)?;
        rest = behind;
    }
    assert_eq!(reader.received(), data);
    Ok(progress)
}

fn reads_again(hello: &ClientHello) {
    let again = HelloReader::new().push(&hello.raw);
    assert!(again == Ok(Progress::Complete(Box::new(hello.clone()))));
    let cut = &hello.raw[..hello.raw.len() - 1];
    assert!(HelloReader::new().push(cut) == Ok(Progress::Partial));
}
