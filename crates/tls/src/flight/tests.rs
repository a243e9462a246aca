//! Answers as they are met: of the TLS library itself, and written ones, right and wrong.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use super::{FLIGHT_LIMIT, FlightError, ServerChoice, ServerFlightReader, Standing};
use crate::hello::writer::{handshake, numbers, record, records, vector8, vector16};
use crate::testing::*;
use crate::{CipherSuite, ClientCertificates, ClientSettings, NamedGroup, ProtocolVersion, ServerSettings};

/// A ServerHello with these extensions.
pub(super) fn server_hello(
    version: u16,
    random: [u8; 32],
    suite: u16,
    extensions: &[(u16, Vec<u8>)],
) -> Vec<u8> {
    let block: Vec<u8> = extensions
        .iter()
        .flat_map(|(kind, body)| [kind.to_be_bytes().to_vec(), vector16(body)].concat())
        .collect();
    let parts = [
        numbers(&[version]),
        random.to_vec(),
        vector8(&[9; 32]),
        numbers(&[suite]),
        vec![0],
        vector16(&block),
    ];
    handshake(2, &parts.concat())
}

/// TLS 1.3 with this group, as most servers choose.
pub(super) fn of_tls13(group: u16) -> Vec<u8> {
    let share = [numbers(&[group]), vector16(&[7; 32])].concat();
    server_hello(0x0303, [1; 32], 0x1301, &[(43, numbers(&[0x0304])), (51, share)])
}

/// A HelloRetryRequest for this group.
pub(super) fn retry(group: u16) -> Vec<u8> {
    let random = crate::digest::sha256(b"HelloRetryRequest");
    server_hello(0x0303, random, 0x1301, &[(43, numbers(&[0x0304])), (51, numbers(&[group]))])
}

const CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 1];

fn read(bytes: &[u8]) -> (Result<Standing, FlightError>, Option<ServerChoice>) {
    let mut reader = ServerFlightReader::new();
    let standing = reader.push(bytes);
    (standing, reader.choice().cloned())
}

fn chosen(bytes: &[u8]) -> ServerChoice {
    let (standing, choice) = read(bytes);
    assert_eq!(standing, Ok(Standing::Complete));
    choice.unwrap()
}

fn refused(bytes: &[u8]) -> FlightError {
    read(bytes).0.expect_err("an answer that is none")
}

/// A transport whose written bytes are overheard.
struct Overheard(DuplexStream, Arc<Mutex<Vec<u8>>>);

impl AsyncRead for Overheard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Overheard {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.0).poll_write(cx, buf))?;
        self.1.lock().unwrap().extend_from_slice(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// What a real server says to a real client, and what both agreed on.
async fn overheard(server: ServerSettings, client_settings: ClientSettings) -> (Vec<u8>, crate::Negotiated) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (near, far) = tokio::io::duplex(1 << 16);
    let (server, client) = (crate::testing::server(server), client(client_settings));
    let (answered, connected) =
        tokio::join!(answer(&server, Overheard(near, heard.clone())), client.connect(far));
    let negotiated = connected.unwrap().negotiated().clone();
    drop(answered);
    let heard = heard.lock().unwrap().clone();
    (heard, negotiated)
}

#[tokio::test]
async fn of_tls_1_3_version_suite_and_group_are_seen() {
    let authority = Authority::new("ca");
    let settings = server_settings(authority.issue(&["shop.test"]));
    let (heard, negotiated) = overheard(settings, client_settings(authority.trust(), "shop.test")).await;
    let choice = chosen(&heard);
    assert_eq!((choice.version, choice.suite), (ProtocolVersion::TLS1_3, negotiated.suite));
    assert_eq!(choice.group, negotiated.group);
    assert_eq!((choice.chain, choice.asks_client, choice.resumed), (None, None, false));
}

#[tokio::test]
async fn of_tls_1_2_the_certificate_and_the_demand_for_one_are_seen_too() {
    let authority = Authority::new("ca");
    let older = policy("elb/ELBSecurityPolicy-TLS-1-2-2017-01");
    for clients in [ClientCertificates::None, ClientCertificates::Optional(authority.trust())] {
        let asks = !matches!(clients, ClientCertificates::None);
        let credential = authority.issue(&["shop.test"]);
        let leaf = credential.leaf().clone();
        let alpn = vec!["postgresql".to_owned()];
        let settings = ServerSettings { clients, alpn: alpn.clone(), ..server_settings(credential) };
        let client =
            ClientSettings { policy: older, alpn, ..client_settings(authority.trust(), "shop.test") };
        let (heard, negotiated) = overheard(settings, client).await;
        let choice = chosen(&heard);
        assert_eq!((choice.version, choice.suite), (ProtocolVersion::TLS1_2, negotiated.suite));
        assert_eq!(choice.group, negotiated.group);
        assert_eq!(choice.chain.unwrap().leaf(), &leaf);
        assert_eq!((choice.asks_client, choice.resumed), (Some(asks), false));
        assert_eq!(choice.alpn.as_deref(), Some("postgresql"));
    }
}

#[test]
fn a_server_that_wants_another_hello_is_seen_to_choose_after_it() {
    let bytes = [record(&retry(0x0018)), CHANGE_CIPHER_SPEC.to_vec(), record(&of_tls13(0x0018))].concat();
    let choice = chosen(&bytes);
    assert!(choice.retried);
    assert_eq!(choice.group, Some(NamedGroup::SECP384R1));
    assert_eq!(read(&record(&retry(0x0018))), (Ok(Standing::Open), None));
    let twice = [record(&retry(0x0018)), record(&retry(0x0017))].concat();
    assert_eq!(refused(&twice), FlightError::Malformed("a second HelloRetryRequest"));
}

#[test]
fn a_session_that_goes_on_is_seen_in_either_version() {
    let older = server_hello(0x0303, [1; 32], 0xC02B, &[]);
    let ticket = handshake(4, &[0; 40]);
    let choice = chosen(&[record(&older), record(&ticket), CHANGE_CIPHER_SPEC.to_vec()].concat());
    assert!(choice.resumed && choice.version == ProtocolVersion::TLS1_2);
    let share = [numbers(&[29]), vector16(&[7; 32])].concat();
    let psk = [(43, numbers(&[0x0304])), (51, share), (41, numbers(&[0]))];
    assert!(chosen(&record(&server_hello(0x0303, [1; 32], 0x1301, &psk))).resumed);
}

#[test]
fn what_an_old_server_chooses_is_seen_as_it_is() {
    let bytes = record(&server_hello(0x0301, [1; 32], 0x002F, &[]));
    let (standing, choice) = read(&bytes);
    assert_eq!(standing, Ok(Standing::Chosen));
    let choice = choice.unwrap();
    assert_eq!((choice.version, choice.suite), (ProtocolVersion::TLS1_0, CipherSuite(0x002F)));
}

#[test]
fn an_alert_is_told_by_its_name_and_a_warning_ends_nothing() {
    let fatal = [21, 3, 3, 0, 2, 2, 40];
    assert_eq!(read(&fatal).0, Ok(Standing::Refused("handshake_failure".to_owned())));
    // Old servers warn of a name that they don't know, and go on.
    let warned = [&[21, 3, 1, 0, 2, 1, 112][..], &record(&of_tls13(29))].concat();
    assert_eq!(chosen(&warned).group, Some(NamedGroup::X25519));
    assert_eq!(read(&[21, 3, 3, 0, 2, 1, 0]).0, Ok(Standing::Refused("close_notify".to_owned())));
}

#[test]
fn what_is_no_tls_is_told_as_what_it_is() {
    assert_eq!(refused(b"HTTP/1.1 400 Bad Request\r\n"), FlightError::CleartextHttp);
    assert_eq!(read(b"HTT").0, Ok(Standing::Open));
    assert_eq!(refused(b"220 mail ESMTP\r\n"), FlightError::NotTls);
    assert_eq!(refused(&[22, 2, 0, 0, 1]), FlightError::NotTls);
}

#[test]
fn answers_that_break_the_rules_are_refused() {
    let hello = of_tls13(29);
    for wrong in [
        record(&handshake(2, &[&hello[4..], &[0]].concat())),
        record(&[1, 0xFF, 0, 0]),
        record(&handshake(1, &hello[4..])),
        record(&handshake(2, &hello[4..hello.len() - 1])),
        record(&[]),
        CHANGE_CIPHER_SPEC.to_vec(),
        [record(&hello[..20]), CHANGE_CIPHER_SPEC.to_vec()].concat(),
        vec![22, 3, 3, 0xFF, 0xFF],
        [record(&retry(29)), vec![23, 3, 3, 0, 1, 0]].concat(),
        record(&server_hello(0x0303, [1; 32], 0x1301, &[(43, numbers(&[0x0304])), (43, numbers(&[0x0304]))])),
        record(&server_hello(0x0303, [1; 32], 0x1301, &[(43, numbers(&[0x0304, 0x0303]))])),
    ] {
        assert!(matches!(refused(&wrong), FlightError::Malformed(_) | FlightError::NotTls), "{wrong:?}");
    }
}

#[test]
fn what_has_no_end_is_looked_at_no_further_than_the_limit() {
    let endless = records(&handshake(2, &vec![0; FLIGHT_LIMIT]), &[1 << 14]);
    assert_eq!(refused(&endless), FlightError::TooLong);
    let certificates = handshake(11, &vec![0; FLIGHT_LIMIT]);
    let older = server_hello(0x0303, [1; 32], 0xC02B, &[]);
    let choice = chosen(&[record(&older), records(&certificates, &[1 << 14])].concat());
    assert_eq!((choice.suite, choice.chain), (CipherSuite(0xC02B), None));
}
