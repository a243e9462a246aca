//! Whatever a client of PostgreSQL begins with is read or refused, however its bytes are cut, and nothing
//! behind a packet is read along. What follows is read as messages of a login.

#![no_main]

use hermetic_gateway::postgres::message::{Head, Message};
use hermetic_gateway::postgres::startup::{Packet, Progress, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut come = 0;
    let rest = loop {
        match read(&data[..come]) {
            Ok(Progress::Read(more)) => {
                assert!(more > 0, "it waits for nothing");
                come += more;
                if come > data.len() {
                    return;
                }
            }
            Ok(Progress::Whole(packet)) => {
                assert!(packet == Packet::Tls || packet.length() == come, "it read beyond the packet");
                break &data[come..];
            }
            Err(error) => {
                assert_eq!(read(data).as_ref(), Err(&error), "more bytes made it another mistake");
                return;
            }
        }
    };
    messages(rest);
});

fn messages(mut rest: &[u8]) {
    while let Some((head, behind)) = rest.split_first_chunk() {
        let Ok(head) = Head::read(*head) else { return };
        let Some((body, behind)) = behind.split_at_checked(head.length) else { return };
        let message = Message { kind: head.kind, body: body.to_vec() };
        assert_eq!(message.bytes(), rest[..Head::LENGTH + head.length]);
        let _ = (message.authentication(), message.sasl_initial(), message.error_fields().count());
        rest = behind;
    }
}
