//! What rustls says about a failure, in our words and with the true reason.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, PeerIncompatible};
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
            HandshakeError::PeerCertificate(of_certificate(problem))
        }
        rustls::Error::NoCertificatesPresented => {
            HandshakeError::PeerCertificate(PeerCertificateProblem::Missing)
        }
        rustls::Error::AlertReceived(description) => {
            let number = u8::from(*description);
            let name = alert::registry_name(number);
            HandshakeError::PeerAlert(name.map_or_else(|| number.to_string(), str::to_owned))
        }
        rustls::Error::PeerIncompatible(problem) => nothing_in_common(problem),
        error => HandshakeError::Protocol(error.to_string()),
    }
}

fn of_certificate(problem: &CertificateError) -> PeerCertificateProblem {
    match problem {
        CertificateError::ExpiredContext { not_after, .. } => {
            PeerCertificateProblem::Expired(instant(*not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            PeerCertificateProblem::NotYetValid(instant(*not_before))
        }
        // Without a date: webpki says so of a certificate whose validity ends before it begins.
        CertificateError::Expired => PeerCertificateProblem::Other("it expired before it began".to_owned()),
        CertificateError::UnknownIssuer => PeerCertificateProblem::UnknownIssuer,
        CertificateError::Revoked => PeerCertificateProblem::Revoked,
        CertificateError::InvalidPurpose => PeerCertificateProblem::Purpose,
        // Our own verifier says it in our words already.
        CertificateError::Other(other) => other
            .0
            .downcast_ref::<PeerCertificateProblem>()
            .cloned()
            .unwrap_or_else(|| PeerCertificateProblem::Other(other.to_string())),
        other => PeerCertificateProblem::Other(other.to_string()),
    }
}

fn nothing_in_common(problem: &PeerIncompatible) -> HandshakeError {
    HandshakeError::NothingInCommon(match problem {
        PeerIncompatible::NoCipherSuitesInCommon => "cipher suite",
        PeerIncompatible::NoKxGroupsInCommon => "key-exchange group",
        PeerIncompatible::NoSignatureSchemesInCommon => "signature scheme",
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => "protocol version",
        other => return HandshakeError::Protocol(format!("nothing in common with the peer: {other:?}")),
    })
}

fn instant(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).to_string()
}
