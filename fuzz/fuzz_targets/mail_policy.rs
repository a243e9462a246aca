//! Any bytes are a policy of mail or an error, and a policy covers what it names.

#![no_main]

use hermetic_probe::mail_policy::{Mode, Policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(policy) = Policy::read(data) else { return };
    assert!(policy.mode == Mode::None || !policy.exchangers.is_empty(), "somebody is named");
    for pattern in &policy.exchangers {
        let host = pattern.as_str().replacen("*.", "mx.", 1);
        assert!(policy.covers(&host), "{host} is covered");
    }
});
