//! Any bytes are an OCSP response or refused, and none is believed that says what was at an instant before its signer
//! was made. Any bytes are a list of log timestamps or none.

#![no_main]

use hermetic_x509::log_timestamps;
use hermetic_x509::ocsp::Response;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

const LEAF: &[u8] = include_bytes!("../seeds/ocsp_response/leaf.der");
const ISSUER: &[u8] = include_bytes!("../seeds/ocsp_response/authority.der");

fuzz_target!(|data: &[u8]| {
    let _ = log_timestamps(data);
    let Ok(response) = Response::read(data) else { return };
    assert!(response.says_of(LEAF, ISSUER, Timestamp::UNIX_EPOCH).is_err());
});
