//! What passed a relay, as text: TLS records with type, version and length, and the bytes in hex
//! beside the characters that they would be.

use std::fmt::Write as _;

use crate::part::protocol::{Captured, Passage, PassageKind, RecordHeader};

/// Bytes in a row.
const ROW: usize = 16;

/// What there is to say of a capture in one line.
pub fn summary(captured: &Captured) -> String {
    let Captured { bytes, records, data_records, lost, found, .. } = captured;
    let lost = if *lost { "; older bytes were dropped" } else { "" };
    format!(
        "{bytes} bytes, {records} TLS records, {data_records} of them data; found {found} time{}{lost}",
        if *found == 1 { "" } else { "s" }
    )
}

/// A passage: a line for what it is, and its first bytes, those of the `rows` first rows.
pub fn passage(passage: &Passage, rows: usize) -> String {
    let whose = if passage.from_client { "client" } else { "server" };
    let what = match &passage.kind {
        PassageKind::Record(header) => record(header),
        PassageKind::SslRequest => "PostgreSQL's SSLRequest: TLS, please".to_owned(),
        PassageKind::SslAnswer => answer(passage.bytes.first()),
        PassageKind::Plain => format!("no TLS record, {} bytes", passage.length),
    };
    let mut text = format!("connection {}, from the {whose}: {what}\n", passage.connection);
    for (number, row) in passage.bytes.chunks(ROW).take(rows).enumerate() {
        let hex: String = row.iter().map(|byte| format!("{byte:02x} ")).collect();
        let shown: String = row.iter().map(|byte| visible(*byte)).collect();
        let _ = writeln!(text, "  {:04x}  {hex:<width$} {shown}", number * ROW, width = 3 * ROW);
    }
    text
}

/// What a server says to an `SSLRequest`.
fn answer(byte: Option<&u8>) -> String {
    match byte {
        Some(b'S') => "the answer to SSLRequest: yes, TLS follows".to_owned(),
        Some(b'N') => "the answer to SSLRequest: no TLS here".to_owned(),
        _ => "an answer to SSLRequest that is none".to_owned(),
    }
}

fn record(header: &RecordHeader) -> String {
    let kind = match header.kind {
        20 => "change_cipher_spec",
        21 => "alert",
        22 => "handshake",
        23 => "application_data",
        24 => "heartbeat",
        _ => "unassigned",
    };
    let RecordHeader { kind: number, version: (major, minor), length } = header;
    format!("TLS record, type {number} ({kind}), version {major:02x} {minor:02x}, length {length}")
}

fn visible(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '.' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_marked_and_its_bytes_stand_beside_their_characters() {
        let header = RecordHeader { kind: 23, version: (3, 3), length: 18 };
        let bytes = b"\x00secret\x1b[2J1234567".to_vec();
        let kind = PassageKind::Record(header);
        let shown = Passage { connection: 2, from_client: true, kind, length: 18, bytes };
        insta::assert_snapshot!(passage(&shown, 8), @r"
        connection 2, from the client: TLS record, type 23 (application_data), version 03 03, length 18
          0000  00 73 65 63 72 65 74 1b 5b 32 4a 31 32 33 34 35  .secret.[2J12345
          0010  36 37                                            67
        ");
    }

    #[test]
    fn how_postgresql_comes_to_tls_is_told_for_what_it_is() {
        let request = Passage {
            connection: 1,
            from_client: true,
            kind: PassageKind::SslRequest,
            length: 8,
            bytes: vec![0, 0, 0, 8, 4, 210, 22, 47],
        };
        let answer = Passage {
            from_client: false,
            kind: PassageKind::SslAnswer,
            length: 1,
            bytes: b"S".to_vec(),
            ..request.clone()
        };
        insta::assert_snapshot!(passage(&request, 8) + &passage(&answer, 8), @r"
        connection 1, from the client: PostgreSQL's SSLRequest: TLS, please
          0000  00 00 00 08 04 d2 16 2f                          ......./
        connection 1, from the server: the answer to SSLRequest: yes, TLS follows
          0000  53                                               S
        ");
    }
}
