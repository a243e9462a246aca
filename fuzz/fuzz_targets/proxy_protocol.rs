//! Any bytes, in any segments, get one answer; a header that is read is written and read again.

#![no_main]

use hermetic_gateway::proxy_protocol::{Header, HeaderError, Progress, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let whole = read(data);
    assert!(in_segments(data) == whole);
    if let Ok(Progress::Complete { header, length }) = whole {
        assert!(length <= data.len());
        assert!(read(&data[..length - 1]) == Ok(Progress::Partial));
        reads_again(&header);
    }
});

/// Reads ever more of the bytes, by steps that are the bytes themselves, so that inputs stay plain
/// headers.
fn in_segments(data: &[u8]) -> Result<Progress, HeaderError> {
    let mut received = 0;
    for size in data {
        received = data.len().min(received + usize::from(*size) + 1);
        let progress = read(&data[..received])?;
        if progress != Progress::Partial {
            return Ok(progress);
        }
    }
    read(data)
}

fn reads_again(header: &Header) {
    // A name that is no UTF-8 is written longer than it came.
    let Ok(written) = header.version2() else { return };
    let Ok(Progress::Complete { header: again, length }) = read(&written) else { panic!("{header:?}") };
    assert!(length == written.len() && *again == *header);
}
