//! What is odd about a chain as it was sent.

/// What is odd about a chain. Places count from the first certificate that was sent, which is 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// A certificate that can't be read.
    #[error("certificate {place} can't be read: {why}")]
    Unreadable {
        /// Which.
        place: usize,
        /// Why.
        why: String,
    },
    /// More certificates than are read.
    #[error("{0} certificates were sent; {most} are read", most = super::MOST_LINKS)]
    Long(usize),
    /// The order is another than from each certificate to its issuer. TLS 1.2 demands that one (RFC 5246 section
    /// 7.4.2), and some clients still do.
    #[error("the order is wrong; it should be {right:?}")]
    Order {
        /// The right order, as places.
        right: Vec<usize>,
    },
    /// A certificate twice.
    #[error("certificate {place} was sent before")]
    Duplicate {
        /// Which.
        place: usize,
    },
    /// A certificate that is of no use on the way up.
    #[error("certificate {place} is of no use for this leaf")]
    Extra {
        /// Which.
        place: usize,
    },
    /// The root: whoever trusts it has it, and others can't.
    #[error("certificate {place} is the root, which clients have already")]
    Root {
        /// Which.
        place: usize,
    },
    /// Certificates that issued each other.
    #[error("the certificates go round in a circle and lead to no root")]
    Loop,
    /// A certificate of the issuer's name whose key did not sign.
    #[error("certificate {place} has the issuer's name, and did not sign")]
    Namesake {
        /// Which.
        place: usize,
    },
    /// The issuer of the last on the way was not sent, and nobody has it as a root.
    #[error("the certificate of {issuer} is missing")]
    Missing {
        /// Whose.
        issuer: String,
    },
}
