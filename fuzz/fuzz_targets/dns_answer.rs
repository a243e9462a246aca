//! Any bytes are an answer of DNS or an error, and any record is one of its type or none.

#![no_main]

use hermetic_probe::dns::{Authorization, Binding, Message, Service};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(message) = Message::read(data) else { return };
    for record in &message.answers {
        assert!(record.name.len() < 1024, "names are short");
        let _ = (Authorization::of(record), Binding::of(record), Service::of(record));
    }
});
