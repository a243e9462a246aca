//! Why a gateway can't start.

use std::net::SocketAddr;
use std::path::PathBuf;

use hermetic_config::StoredCertificate;
use hermetic_hop::PartyName;
use hermetic_tls::{CertificateError, RevocationListError, SettingsError};

use crate::sockets::Holder;

/// Why a gateway can't start, or a configuration can't become its snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// Somebody else listens there.
    #[error(
        "listener {listener}: {address} is in use by {holder}; stop it, or choose other ports (`bind`, or --port-base)"
    )]
    AddressInUse {
        /// The listener.
        listener: PartyName,
        /// The address that it wants.
        address: SocketAddr,
        /// Who has it.
        holder: Holder,
    },
    /// The address can't be listened on.
    #[error("listener {listener}: can't listen on {address}: {source}")]
    Bind {
        /// The listener.
        listener: PartyName,
        /// The address that it wants.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A listener's or upstream's TLS settings make no handshake.
    #[error("{party}: {source}")]
    Settings {
        /// The listener or upstream.
        party: PartyName,
        /// Why.
        source: SettingsError,
    },
    /// The CRLs of a listener's clients can't be used.
    #[error("{party}: {source}")]
    ClientCrl {
        /// The listener.
        party: PartyName,
        /// Why.
        source: RevocationListError,
    },
    /// The system's trust anchors can't be read.
    #[error("{party}: the system's trust anchors can't be used: {source}")]
    SystemTrust {
        /// The listener or upstream.
        party: PartyName,
        /// Why.
        source: CertificateError,
    },
    /// No certificate was given for a party that needs one of the authority.
    #[error("{party}: the authority gave no certificate for it")]
    NoCredential {
        /// The party.
        party: PartyName,
    },
    /// A listener names a certificate that is not in the store, or has run out.
    #[error(
        "{party}: no valid certificate in the store is `{which}`; bring it by `hermetic cert import`, or name another"
    )]
    NotStored {
        /// The listener.
        party: PartyName,
        /// What it names.
        which: StoredCertificate,
    },
    /// A route leads to an upstream that is not there.
    #[error("listener {listener}: no upstream is called {name}")]
    NoUpstream {
        /// The listener.
        listener: PartyName,
        /// The upstream that its route names.
        name: PartyName,
    },
    /// The access log can't be written.
    #[error("access log {}: {source}", path.display())]
    AccessLog {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A worker thread could not be started.
    #[error("a worker thread could not be started: {0}")]
    Worker(std::io::Error),
}
