//! The way to a server: a socket, and TLS over it where it leaves the host.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hermetic_tls::{
    Chain, ClientHandshake, ClientSettings, Credential, CredentialHandle, Expected, HandshakeError, Identity,
    PrivateKey, RevokedCertificates, SecurityPolicy, SystemClock, TrustAnchors,
};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use zeroize::Zeroizing;

use crate::connections::ConnectionOutcome;
use crate::postgres_url::{PostgresAddress, PostgresRoots, PostgresTransport, PostgresUrl};

/// A server that is gone without a word is noticed after this.
const SILENCE: Duration = Duration::from_secs(20);

/// What asks for TLS (PostgreSQL, frontend/backend protocol, `SSLRequest`): a length, and a code.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Bytes to and from a server.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// How to get to a server, with the certificates that it takes.
#[derive(Debug)]
pub(super) struct Way {
    address: PostgresAddress,
    tls: Option<ClientHandshake>,
}

/// Why a server can't be got to.
#[derive(Debug)]
pub(super) enum NoWay {
    /// It is there, but not as demanded.
    NotAsDemanded(String),
    /// It is not there, or would not have us.
    NotReached(String),
}

impl Way {
    /// Reads what the URL names; an error says which file can't be used.
    pub(super) fn of(url: &PostgresUrl) -> Result<Self, String> {
        let address = url.address().clone();
        let (roots, client) = match url.transport() {
            PostgresTransport::Local => return Ok(Self { address, tls: None }),
            PostgresTransport::VerifyFull { roots, client } => (roots, client),
        };
        let PostgresAddress::Tcp { identity, .. } = &address else {
            return Err("PostgreSQL speaks no TLS at a unix socket".to_owned());
        };
        let trust = match roots {
            PostgresRoots::System => TrustAnchors::system().map_err(|error| error.to_string())?,
            PostgresRoots::File(path) => read(path, TrustAnchors::from_pem)?,
        };
        let identity_of = |paths: &crate::PostgresClientCertificate| {
            let chain = read(&paths.cert, Chain::from_pem)?;
            let key = read_secret(&paths.key, PrivateKey::from_pem)?;
            let credential = Credential::new(chain, key).map_err(|error| error.to_string())?;
            Ok::<_, String>(CredentialHandle::new(credential))
        };
        let client = client.as_ref().map(identity_of).transpose()?;
        let tls = handshake(trust, identity.clone(), client)?;
        Ok(Self { address, tls: Some(tls) })
    }

    /// Goes it; gives with what, too.
    pub(super) async fn go(&self) -> Result<(Box<dyn Wire>, ConnectionOutcome), NoWay> {
        let unreachable = |error: io::Error| NoWay::NotReached(error.to_string());
        let (host, port) = match &self.address {
            PostgresAddress::Socket { folder, port } => {
                let path = folder.join(format!(".s.PGSQL.{port}"));
                let socket = UnixStream::connect(&path).await;
                let socket =
                    socket.map_err(|error| NoWay::NotReached(format!("{}: {error}", path.display())))?;
                return Ok((Box::new(socket), ConnectionOutcome::Local));
            }
            PostgresAddress::Tcp { host, port, .. } => (host.as_str(), *port),
        };
        let mut stream = TcpStream::connect((host, port)).await.map_err(unreachable)?;
        prepare(&stream).map_err(unreachable)?;
        let Some(tls) = &self.tls else { return Ok((Box::new(stream), ConnectionOutcome::Local)) };
        stream.write_all(&SSL_REQUEST).await.map_err(unreachable)?;
        // One byte and no more: what came behind it would be taken for the protected session's
        // (CVE-2021-23222).
        match stream.read_u8().await.map_err(unreachable)? {
            b'S' => {}
            b'N' => {
                let reason = "the server has no TLS; switch `ssl` on there";
                return Err(NoWay::NotAsDemanded(reason.to_owned()));
            }
            _ => return Err(NoWay::NotAsDemanded("this is no PostgreSQL server".to_owned())),
        }
        let stream = tls.connect(stream).await?;
        let outcome = ConnectionOutcome::Tls(Box::new(stream.negotiated().clone()));
        Ok((Box::new(stream), outcome))
    }
}

impl NoWay {
    /// What came of the connection then, to the server of this URL.
    pub(super) fn outcome(&self, url: &PostgresUrl) -> ConnectionOutcome {
        let told = |reason: &str| format!("{url}: {reason}");
        match self {
            Self::NotAsDemanded(reason) => ConnectionOutcome::NotAsDemanded(told(reason)),
            Self::NotReached(reason) => ConnectionOutcome::NotReached(told(reason)),
        }
    }

    /// The reason alone.
    pub(super) fn into_reason(self) -> String {
        match self {
            Self::NotAsDemanded(reason) | Self::NotReached(reason) => reason,
        }
    }
}

impl From<HandshakeError> for NoWay {
    fn from(error: HandshakeError) -> Self {
        match error {
            HandshakeError::Io(_) | HandshakeError::NoAnswer => Self::NotReached(error.to_string()),
            error => Self::NotAsDemanded(error.to_string()),
        }
    }
}

fn handshake(
    trust: TrustAnchors,
    expected: Identity,
    identity: Option<CredentialHandle>,
) -> Result<ClientHandshake, String> {
    let settings = ClientSettings {
        policy: SecurityPolicy::default_policy(),
        trust,
        expected: Expected(expected),
        pins: Vec::new(),
        revoked: RevokedCertificates::default(),
        identity,
        alpn: Vec::new(),
    };
    ClientHandshake::new(settings, Arc::new(SystemClock)).map_err(|error| error.to_string())
}

/// Reads a file that holds a private key, unless everybody can: libpq refuses it then, too.
fn read_secret<T, E: ToString>(path: &Path, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, String> {
    let mode = std::fs::metadata(path).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o007 != 0) {
        return Err(format!("{}: everybody on this host can read it; run `chmod 600` on it", path.display()));
    }
    read(path, parse)
}

fn read<T, E: ToString>(path: &Path, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| error.to_string());
    text.and_then(|text| parse(&text).map_err(|error| error.to_string()))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// A statement is small and is waited for; and a server that vanished must not be waited for long.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(SILENCE / 2).with_interval(SILENCE / 4))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENCE))?;
    Ok(())
}
