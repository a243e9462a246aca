//! Any text is a plan or a state of Terraform, or an error with its place; each resource that is read has a name and
//! a type, and stands within the text.

#![no_main]

use hermetic_posture::{Files, PartId, terraform};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut files = Files::default();
    let file = files.add("plan.json");
    let lines = u32::try_from(text.matches('\n').count() + 1).unwrap();
    match terraform::read(text, file, PartId(0)) {
        Ok(part) => {
            for resource in part.resources {
                assert!(!resource.kind.is_empty());
                assert!((1..=lines).contains(&resource.at.line));
            }
        }
        Err(error) => assert!(error.at.line <= lines),
    }
});
