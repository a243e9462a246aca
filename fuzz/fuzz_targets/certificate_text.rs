//! Any bytes are shown and described as a certificate, request or revocation list, or refused.

#![no_main]

use hermetic_x509::{certificate_text, describe, request_text, revocation_list_text, weaknesses};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let shown = certificate_text(data).is_ok();
    assert_eq!(describe(data).is_ok(), shown);
    assert_eq!(weaknesses(data, Timestamp::UNIX_EPOCH).is_ok(), shown);
    for text in [certificate_text(data), request_text(data), revocation_list_text(data)].into_iter().flatten()
    {
        assert!(text.ends_with('\n'));
    }
});
