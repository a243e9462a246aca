//! Sessions: whether a server gives them, for how long, and whether it really goes on with them.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls12Resumption, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, HandshakeKind, NamedGroup};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Credulous, configuration, connect, dialled, part};
use crate::error::HandshakeError;
use crate::{DnsName, SignatureScheme};

/// How a session is gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionForm {
    /// By an id of TLS 1.2: the server remembers (RFC 5246 section 7.4.1.2).
    Id,
    /// By a ticket of TLS 1.2: the server remembers nothing (RFC 5077).
    Ticket,
    /// By a ticket of TLS 1.3 (RFC 8446 section 2.2).
    Psk,
}

/// Handshakes, each of which would go on with the session of one before. Nobody is verified by them.
#[derive(Debug)]
pub struct SessionTrial {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
    kept: Arc<Kept>,
    farewell: &'static [u8],
}

/// What one of them showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSeen {
    /// Whether the server went on with the session of an earlier one.
    pub resumed: bool,
    /// The sessions that it gave for later: at most one before TLS 1.3.
    pub given: Vec<TicketSeen>,
}

/// A session that was given for later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TicketSeen {
    /// For how long, by the server's word; `None` where it does not say. No more than seven days is ever used
    /// (RFC 8446 section 4.6.1), nor told here.
    pub lifetime: Option<Duration>,
    /// How many bytes may come before the handshake is over: 0-RTT, which others can replay (RFC 8446 section 8).
    pub early_data: u32,
}

/// The schemes that the TLS library knows by number: it ends a handshake of TLS 1.2 that is signed by another.
const SCHEMES: [u16; 13] =
    [0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];

impl SessionTrial {
    /// Goes on with sessions in this form, and says `farewell` within each connection.
    pub fn new(
        form: SessionForm,
        server_name: Option<&DnsName>,
        farewell: &'static [u8],
    ) -> Result<Self, HandshakeError> {
        let kept = Arc::new(Kept::default());
        let resumption = Resumption::store(Arc::clone(&kept) as Arc<dyn ClientSessionStore>);
        let (version, resumption) = match form {
            SessionForm::Id => {
                (&rustls::version::TLS12, resumption.tls12_resumption(Tls12Resumption::SessionIdOnly))
            }
            SessionForm::Ticket => {
                (&rustls::version::TLS12, resumption.tls12_resumption(Tls12Resumption::SessionIdOrTickets))
            }
            SessionForm::Psk => (&rustls::version::TLS13, resumption),
        };
        let verifier = Credulous::new(SCHEMES.map(SignatureScheme).to_vec());
        let config = Arc::new(configuration(version, verifier, resumption)?);
        Ok(Self { config, server_name: dialled(server_name), kept, farewell })
    }

    /// Completes one handshake over `io`. There is no deadline for it in here.
    pub async fn handshake<IO>(&self, io: IO) -> Result<SessionSeen, HandshakeError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.kept.lock().given.clear();
        let mut stream = connect(Arc::clone(&self.config), self.server_name.clone(), io).await?;
        let resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
        part(&mut stream, self.farewell).await;
        Ok(SessionSeen { resumed, given: std::mem::take(&mut self.kept.lock().given) })
    }
}

/// The sessions of one trial.
#[derive(Debug, Default)]
struct Kept(Mutex<Sessions>);

#[derive(Debug, Default)]
struct Sessions {
    tls12: Option<Tls12ClientSessionValue>,
    tls13: VecDeque<Tls13ClientSessionValue>,
    given: Vec<TicketSeen>,
}

/// As many tickets as are kept of one server.
const KEPT: usize = 8;

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientSessionStore for Kept {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        let mut sessions = self.lock();
        sessions.given.push(TicketSeen { lifetime: lifetime(&*value), early_data: 0 });
        sessions.tls12 = Some(value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.lock().tls12.clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.lock().tls12 = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        let mut sessions = self.lock();
        if sessions.tls13.len() < KEPT {
            let early_data = value.max_early_data_size();
            sessions.given.push(TicketSeen { lifetime: lifetime(&*value), early_data });
            sessions.tls13.push_back(value);
        }
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.lock().tls13.pop_front()
    }
}

/// The lifetime of a session. The library tells it in its description alone, and a test holds it to that.
fn lifetime(session: &impl Debug) -> Option<Duration> {
    let described = format!("{session:?}");
    let (_, behind) = described.split_once("lifetime_secs: ")?;
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
    let seconds = digits.parse().ok().filter(|seconds| *seconds > 0)?;
    Some(Duration::from_secs(seconds))
}
