//! Any text is a template or an error with its place; what is read is judged by every control without a panic.

#![no_main]

use hermetic_posture::cloudformation::{Given, read};
use hermetic_posture::{Files, Graph, PartId, audit, controls};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut files = Files::default();
    let file = files.add("template");
    match read(text, file, PartId(0), &Given::default()) {
        Ok(template) => {
            let controls: Vec<_> = controls::all().iter().collect();
            let graph = Graph::new(files, vec![template.part]);
            let _ = audit(&graph, &controls);
        }
        Err(error) => assert!((1..=lines(text)).contains(&(error.at.line as usize)), "{error}"),
    }
});

/// YAML ends a line at a carriage return that stands alone, too (YAML 1.2.2 section 5.4).
fn lines(text: &str) -> usize {
    text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 2
}
