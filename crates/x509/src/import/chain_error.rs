//! What can be wrong with a chain.

use hermetic_tls::Certificate;
use jiff::Timestamp;

use super::chain::{MOST_CERTIFICATE, MOST_CHAIN, MOST_LINKS};
use crate::certificate::AuthorityCertificateError;
use crate::constraints::ConstraintBreach;
use crate::material::called;

/// What is wrong with a certificate and those behind it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// A certificate is longer than AWS takes.
    #[error("the certificate `{certificate}` has {size} bytes as PEM; up to {MOST_CERTIFICATE} are taken")]
    LongCertificate {
        /// Which.
        certificate: String,
        /// Its size.
        size: usize,
    },
    /// The chain is longer than AWS takes.
    #[error("the chain has {0} bytes as PEM; up to {MOST_CHAIN} are taken")]
    LongChain(usize),
    /// The chain has more certificates than are looked through.
    #[error(
        "the chain has {0} certificates; up to {MOST_LINKS} are taken: leave out those that signed nothing here"
    )]
    ManyLinks(usize),
    /// A certificate is encoded in a way that is not understood, or says two things.
    #[error("the certificate `{certificate}` can't be read: {why}")]
    Unreadable {
        /// Which.
        certificate: String,
        /// What is wrong.
        why: String,
    },
    /// A certificate is of a version that has no extensions, so it says nothing of what it is for.
    #[error("the certificate `{certificate}` is of version {version}; 3 is needed")]
    Version {
        /// Which.
        certificate: String,
        /// Its version.
        version: u8,
    },
    /// The leaf stands in its own chain.
    #[error("the chain contains the certificate `{0}` itself; leave it out")]
    LeafInChain(String),
    /// All certificates that are needed are there, but in another order.
    #[error("the chain is in the wrong order; right is: {}", names(.right))]
    Order {
        /// The right order.
        right: Vec<Certificate>,
    },
    /// A certificate signed none of those before it.
    #[error("`{stranger}` did not sign `{last}`: that needs the certificate of `{needed}` behind it")]
    Stranger {
        /// The one that does not belong there.
        stranger: String,
        /// The last one whose signer is not there.
        last: String,
        /// The signer that it names.
        needed: String,
    },
    /// Who signed is no authority.
    #[error("`{certificate}` is signed by one that is not taken as an authority: {why}")]
    Authority {
        /// What it signed.
        certificate: String,
        /// Why it is none.
        why: AuthorityCertificateError,
    },
    /// More authorities stand below one than it allows.
    #[error("`{authority}` allows {most} authorities below it, and there are {count}")]
    PathLength {
        /// The one that allows fewer.
        authority: String,
        /// How many it allows.
        most: u8,
        /// How many there are.
        count: usize,
    },
    /// An authority may not certify a name.
    #[error("`{authority}` may not certify `{certificate}`: {breach}")]
    Names {
        /// The one that may not.
        authority: String,
        /// What is below it.
        certificate: String,
        /// The name.
        breach: ConstraintBreach,
    },
    /// A signature can be another certificate's as well.
    #[error("`{certificate}` is signed with {algorithm}, for which collisions are made; have it issued anew")]
    WeakSignature {
        /// Which.
        certificate: String,
        /// How it is signed.
        algorithm: &'static str,
    },
    /// A signature is made in a way that can't be verified here.
    #[error("`{certificate}` is signed in a way that is not verified here ({algorithm})")]
    UnknownSignature {
        /// Which.
        certificate: String,
        /// How it is signed, as an object identifier.
        algorithm: String,
    },
    /// A signature is not that of the certificate behind.
    #[error("the signature of `{certificate}` is not by the key of `{issuer}`")]
    Signature {
        /// Which.
        certificate: String,
        /// Who should have signed.
        issuer: String,
    },
    /// A certificate is not valid yet.
    #[error("the certificate `{certificate}` is valid only from {from}")]
    NotYetValid {
        /// Which.
        certificate: String,
        /// From when on.
        from: Timestamp,
    },
    /// A certificate is over.
    #[error("the certificate `{certificate}` expired at {at}")]
    Expired {
        /// Which.
        certificate: String,
        /// When.
        at: Timestamp,
    },
}

fn names(chain: &[Certificate]) -> String {
    let names: Vec<_> = chain.iter().map(|certificate| format!("`{}`", called(certificate))).collect();
    names.join(", ")
}
