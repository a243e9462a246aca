//! Any bytes get one answer by every log format, and cleartext is claimed only of a line that says so.

#![no_main]

use hermetic_hop::View;
use hermetic_trail::{LogEntry, LogFormat, LoggedTransport};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    for format in [LogFormat::Nginx, LogFormat::Envoy, LogFormat::Haproxy] {
        for view in [View::Client, View::Server] {
            let read = format.read(line, view);
            assert!(read == format.read(line, view));
            let Ok(LogEntry::Connection(connection)) = read else { continue };
            if let LoggedTransport::Cleartext { local } = connection.transport {
                assert!(local == connection.address.is_some_and(|address| address.is_local()));
                assert!(names_a_field(line, format));
            }
        }
    }
});

/// Cleartext is never concluded from silence: the field that would tell of TLS is there. JSON may
/// write its name with escapes.
fn names_a_field(line: &[u8], format: LogFormat) -> bool {
    let field: &[u8] = if format == LogFormat::Haproxy { b"tls" } else { b"version" };
    line.contains(&b'\\') || line.windows(field.len()).any(|window| window == field)
}
