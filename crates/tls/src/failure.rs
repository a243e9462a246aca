//! What rustls says about a failure, in our words and with the true reason.

mod certificate;
mod protocol;

use std::io;
use std::time::Duration;

use rustls::PeerIncompatible;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::alert;
use crate::error::{HandshakeError, PeerCertificateProblem};

/// How long a refused client may take to read why.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Ends a transport whose handshake failed: the alert that rustls wrote goes out, and the peer sees
/// the end. The failure itself is what counts, so an error here changes nothing.
pub(crate) async fn close<IO: AsyncWrite + Unpin>(mut io: IO) {
    if io.flush().await.is_ok() {
        io.shutdown().await.ok();
    }
}

/// The same towards a client, which may be sending already: bytes that nobody read would make the kernel
/// reset the connection, and the reset overtakes the alert (RFC 9112 9.6 tells the same of responses).
pub(crate) async fn close_heard<IO: AsyncRead + AsyncWrite + Unpin>(mut io: IO) {
    let farewell = async {
        io.flush().await?;
        io.shutdown().await?;
        let mut buffer = [0; 1024];
        while io.read(&mut buffer).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // Whether the client hears it is its own affair; the connection ends either way.
    let _ = timeout(LAST_WORDS, farewell).await;
}

/// The reason in an error that the handshake ended with.
pub(crate) fn of_handshake(error: io::Error) -> HandshakeError {
    match inner(&error) {
        Some(reason) => of_rustls(reason),
        None => HandshakeError::Io(error),
    }
}

/// The same for an error in an open connection, which stays an [`io::Error`] of its kind.
pub(crate) fn of_stream(error: io::Error) -> io::Error {
    match inner(&error) {
        Some(reason) => io::Error::new(error.kind(), of_rustls(reason)),
        None => error,
    }
}

/// What a verifier said against a certificate.
pub(crate) fn of_verification(error: &rustls::Error) -> PeerCertificateProblem {
    match of_rustls(error) {
        HandshakeError::PeerCertificate(problem) => problem,
        other => PeerCertificateProblem::Other(other.to_string()),
    }
}

fn inner(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn of_rustls(error: &rustls::Error) -> HandshakeError {
    match error {
        rustls::Error::InvalidCertificate(problem) => {
            HandshakeError::PeerCertificate(certificate::of_certificate(problem))
        }
        rustls::Error::NoCertificatesPresented => {
            HandshakeError::PeerCertificate(PeerCertificateProblem::Missing)
        }
        rustls::Error::AlertReceived(description) => {
            let number = u8::from(*description);
            let name = alert::registry_name(number);
            HandshakeError::PeerAlert(name.map_or_else(|| number.to_string(), str::to_owned))
        }
        rustls::Error::PeerIncompatible(problem) => nothing_in_common(problem, error),
        error => HandshakeError::Protocol(protocol::of_protocol(error)),
    }
}

fn nothing_in_common(problem: &PeerIncompatible, error: &rustls::Error) -> HandshakeError {
    HandshakeError::NothingInCommon(match problem {
        PeerIncompatible::NoCipherSuitesInCommon => "cipher suite",
        PeerIncompatible::NoKxGroupsInCommon => "key-exchange group",
        PeerIncompatible::NoSignatureSchemesInCommon => "signature scheme",
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => "protocol version",
        _ => return HandshakeError::Protocol(protocol::of_protocol(error)),
    })
}
