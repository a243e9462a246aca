//! A small world for tests: an authority, a clock that is told the time, and two ends that meet.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, DnType, IsCa, Issuer, KeyPair, SanType,
    date_time_ymd,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};

use crate::hello::{HelloReader, Progress};
use crate::*;

pub(crate) const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

/// Noon of a day in the middle of the validity of what [`Authority::issue`] makes.
pub(crate) const NOW: &str = "2026-06-15T12:00:00Z";

#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        let now: Timestamp = NOW.parse().unwrap();
        Arc::new(Self(AtomicI64::new(now.as_second())))
    }

    pub(crate) fn advance_hours(&self, hours: i64) {
        self.0.fetch_add(hours * 3600, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

pub(crate) struct Authority {
    pub(crate) issuer: Issuer<'static, KeyPair>,
    certificate: String,
    /// The certificates that its leaves are sent with.
    behind: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), certificate, behind: String::new() }
    }

    /// An intermediate authority whose certificate this one signs.
    pub(crate) fn intermediate(&self, name: &str) -> Self {
        self.intermediate_within(name, (2026, 1, 1), (2027, 1, 1))
    }

    pub(crate) fn intermediate_within(&self, name: &str, from: (i32, u8, u8), until: (i32, u8, u8)) -> Self {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(from.0, from.1, from.2);
        params.not_after = date_time_ymd(until.0, until.1, until.2);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        let behind = certificate.clone() + &self.behind;
        Self { issuer: Issuer::new(params, key), certificate, behind }
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Chain::from_pem(&self.certificate).unwrap().leaf().clone()
    }

    pub(crate) fn trust(&self) -> TrustAnchors {
        TrustAnchors::from_pem(&self.certificate).unwrap()
    }

    /// A credential for these names (host names, addresses, SPIFFE IDs), good for all of 2026.
    pub(crate) fn issue(&self, names: &[&str]) -> Credential {
        self.issue_within(names, (2026, 1, 1), (2027, 1, 1))
    }

    pub(crate) fn issue_within(
        &self,
        names: &[&str],
        from: (i32, u8, u8),
        until: (i32, u8, u8),
    ) -> Credential {
        self.signs(leaf(names, from, until))
    }

    /// The same, in a certificate that says that its CRL is at `list`.
    pub(crate) fn issue_listed_at(&self, names: &[&str], list: &str) -> Credential {
        let mut params = leaf(names, (2026, 1, 1), (2027, 1, 1));
        params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![list.to_owned()] }];
        self.signs(params)
    }

    fn signs(&self, params: CertificateParams) -> Credential {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        credential(&(certificate.pem() + &self.behind), &key)
    }
}

fn leaf(names: &[&str], from: (i32, u8, u8), until: (i32, u8, u8)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(until.0, until.1, until.2);
    params.subject_alt_names = names.iter().map(|name| alternative_name(name)).collect();
    params
}

pub(crate) fn self_signed(name: &str) -> Credential {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    credential(&params.self_signed(&key).unwrap().pem(), &key)
}

fn credential(certificate: &str, key: &KeyPair) -> Credential {
    let chain = Chain::from_pem(certificate).unwrap();
    Credential::new(chain, PrivateKey::from_pem(&key.serialize_pem()).unwrap()).unwrap()
}

fn alternative_name(name: &str) -> SanType {
    match name.parse::<IpAddr>() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) if name.contains("://") => SanType::URI(name.try_into().unwrap()),
        Err(_) => SanType::DnsName(name.try_into().unwrap()),
    }
}

pub(crate) fn policy(name: &str) -> &'static SecurityPolicy {
    SecurityPolicy::named(name).unwrap()
}

pub(crate) fn server_settings(credential: Credential) -> ServerSettings {
    ServerSettings {
        policy: SecurityPolicy::default_policy(),
        certificates: vec![CredentialHandle::new(credential)],
        unknown_sni: UnknownSni::Refuse,
        clients: ClientCertificates::None,
        revocations: Revocations::default(),
        alpn: Vec::new(),
    }
}

pub(crate) fn server(settings: ServerSettings) -> ServerHandshake {
    let clock = TestClock::new();
    ServerHandshake::new(settings, &ticket_keys(&clock), clock).unwrap()
}

pub(crate) fn ticket_keys(clock: &Arc<TestClock>) -> TicketKeys {
    TicketKeys::generate(Arc::clone(clock) as Arc<dyn Clock>, Arc::new(SystemRandomness::default())).unwrap()
}

pub(crate) fn client_settings(trust: TrustAnchors, expected: &str) -> ClientSettings {
    ClientSettings {
        policy: SecurityPolicy::default_policy(),
        trust,
        expected: Expected(expected.parse().unwrap()),
        pins: Vec::new(),
        revoked: crate::RevokedCertificates::default(),
        identity: None,
        alpn: Vec::new(),
    }
}

pub(crate) fn client(settings: ClientSettings) -> ClientHandshake {
    ClientHandshake::new(settings, TestClock::new()).unwrap()
}

pub(crate) type Outcome = Result<TlsStream<DuplexStream>, HandshakeError>;

/// Both ends of one connection: the server's outcome and the client's.
pub(crate) async fn meet(server: &ServerHandshake, client: &ClientHandshake) -> (Outcome, Outcome) {
    let (near, far) = tokio::io::duplex(1 << 16);
    tokio::join!(answer(server, near), client.connect(far))
}

/// What the gateway does with a connection: read the hello, select, accept.
pub(crate) async fn answer<IO>(server: &ServerHandshake, mut io: IO) -> Result<TlsStream<IO>, HandshakeError>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = HelloReader::new();
    let hello = read_hello(&mut reader, &mut io).await;
    match server.select(&hello, LOCAL) {
        Ok(credential) => server.accept(&hello, credential, reader.received(), io).await,
        Err(Refusal { alert, reason }) => {
            io.write_all(&alert.record()).await?;
            Err(HandshakeError::Refused { alert, reason })
        }
    }
}

pub(crate) async fn read_hello(reader: &mut HelloReader, io: &mut (impl AsyncRead + Unpin)) -> ClientHello {
    let mut bytes = [0; 512];
    loop {
        let length = io.read(&mut bytes).await.unwrap();
        assert_ne!(length, 0, "the client left before its hello was whole");
        if let Progress::Complete(hello) = reader.push(&bytes[..length]).unwrap() {
            return *hello;
        }
    }
}

/// Sends `text` one way and asserts that it arrives.
pub(crate) async fn say<A, B>(from: &mut A, to: &mut B, text: &str)
where
    A: AsyncWrite + Unpin,
    B: AsyncRead + Unpin,
{
    from.write_all(text.as_bytes()).await.unwrap();
    from.flush().await.unwrap();
    let mut heard = vec![0; text.len()];
    to.read_exact(&mut heard).await.unwrap();
    assert_eq!(heard, text.as_bytes());
}

/// A transport from which one byte comes at a time.
pub(crate) struct Drip(pub(crate) DuplexStream);

impl AsyncRead for Drip {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        std::task::ready!(Pin::new(&mut self.0).poll_read(cx, &mut one))?;
        buf.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Drip {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// What an open connection's next read fails with, in our words.
pub(crate) async fn failure_of<IO>(stream: &mut TlsStream<IO>) -> HandshakeError
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let error = stream.read_u8().await.unwrap_err();
    *error.into_inner().unwrap().downcast().unwrap()
}
