//! Any answer to the scanner's own hello is heard alike, in whatever segments it comes.

#![no_main]

use hermetic_tls::answer::{AnswerError, AnswerReader, Heard, read_ssl2};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let whole = AnswerReader::new().push(data);
    assert!(in_segments(data) == whole);
    // What is whole of SSL 2.0 stays what it is, whatever comes behind it.
    if let Ok(Some(answer)) = read_ssl2(data) {
        assert!(read_ssl2(&[data, &[0]].concat()) == Ok(Some(answer)));
    }
});

/// Reads the bytes in segments whose sizes are the bytes themselves.
fn in_segments(data: &[u8]) -> Result<Heard, AnswerError> {
    let mut reader = AnswerReader::new();
    let mut rest = data;
    for size in data {
        let (segment, behind) = rest.split_at(rest.len().min(usize::from(*size) + 1));
        match reader.push(segment)? {
            Heard::Part => {}
            heard => return Ok(heard),
        }
        rest = behind;
    }
    Ok(Heard::Part)
}
