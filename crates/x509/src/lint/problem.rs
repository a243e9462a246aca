//! What the linter finds.

use const_oid::ObjectIdentifier;
use const_oid::db::DB;

use crate::constraints::ConstraintBreach;
use crate::profile::ProfileBreach;
use crate::subject::SubjectFault;
use crate::weak_key::WeakKey;

/// One reason not to sign. The sections are those of RFC 5280.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The bytes are not those of a certificate.
    #[error("it can't be read: {0}")]
    Unreadable(String),
    /// The bytes would be encoded otherwise.
    #[error("it is not DER")]
    NotDer,
    /// Section 4.1.2.1.
    #[error("its version is not 3")]
    Version,

    /// Section 4.1.2.2.
    #[error("its serial number is zero")]
    SerialZero,
    /// Section 4.1.2.2.
    #[error("its serial number is negative")]
    SerialNegative,
    /// Section 4.1.2.2.
    #[error("its serial number is longer than 20 bytes")]
    SerialLong,
    /// 64 bits of chance (CA/Browser Forum BR 7.1), without which signatures over a broken hash could be
    /// moved to other certificates (MD5, 2008).
    #[error("its serial number is too short to be random")]
    SerialShort,
    /// It is not the recorded one.
    #[error("its serial number is not the intended one")]
    SerialOther,

    /// Section 4.2: an extension that certificates of this kind do not have.
    #[error("it has the extension {}, which does not belong there", name(.0))]
    ExtensionUnexpected(ObjectIdentifier),
    /// An extension that certificates of this kind have.
    #[error("it lacks the extension {}", name(.0))]
    ExtensionMissing(ObjectIdentifier),
    /// Section 4.2.
    #[error("it has the extension {} twice", name(.0))]
    ExtensionTwice(ObjectIdentifier),
    /// The content of an extension is not what it should be.
    #[error("its extension {} can't be read", name(.0))]
    ExtensionUnreadable(ObjectIdentifier),
    /// An extension is critical, or not, against the rule.
    #[error("its extension {} must {}be critical", name(.oid), if *.critical { "" } else { "not " })]
    Criticality {
        /// Which.
        oid: ObjectIdentifier,
        /// What it must be.
        critical: bool,
    },

    /// Section 4.1.2.4: it points at nobody.
    #[error("its issuer has no name")]
    IssuerEmpty,
    /// Section 4.1.2.4: byte for byte.
    #[error("its issuer is not the one that signs")]
    IssuerOther,
    /// Section 4.1.2.6.
    #[error("it is an authority without a name")]
    SubjectEmpty,
    /// It is not the intended one.
    #[error("its subject is not the intended one")]
    SubjectOther,
    /// Nobody vouches for it, and it does not say so.
    #[error("it is self-signed, and not marked as for tests only")]
    Unmarked,
    /// It looks like a renewal of its issuer.
    #[error("its subject is its issuer's")]
    SubjectIsIssuer,
    /// An attribute of the subject is not one that may be written.
    #[error(transparent)]
    Subject(#[from] SubjectFault),
    /// Section 4.2.1.6.
    #[error("its alternative names are empty")]
    NamesEmpty,
    /// They are not the intended ones.
    #[error("its alternative names are not the intended ones")]
    NamesOther,
    /// One name, twice.
    #[error("one of its alternative names is there twice")]
    NamesTwice,
    /// Section 4.2.1.10.
    #[error("{authority}: {breach}")]
    NameConstraint {
        /// Whose constraints.
        authority: String,
        /// How they are broken.
        breach: ConstraintBreach,
    },
    /// The profile does not allow it.
    #[error("profile `{profile}`: {breach}")]
    Profile {
        /// Which profile.
        profile: String,
        /// What it does not allow.
        breach: ProfileBreach,
    },

    /// Section 4.2.1.9.
    #[error("it is a leaf with the basic constraints of an authority")]
    AuthorityInLeaf,
    /// Section 4.2.1.9.
    #[error("it is an authority whose basic constraints do not say so")]
    NotAnAuthority,
    /// It is not the intended one.
    #[error("its path length is not the intended one")]
    PathLengthOther,
    /// Section 4.2.1.9.
    #[error("`{0}` allows no such authority, or leaf, at this depth: its path length")]
    PathLength(String),
    /// Section 4.2.1.10.
    #[error("it is a leaf with name constraints")]
    ConstraintsInLeaf,
    /// They are not the intended ones.
    #[error("its name constraints are not the intended ones")]
    ConstraintsOther,
    /// Only RSA keys encipher keys (RFC 8813 section 3, RFC 9295 section 3, RFC 9881 section 5).
    #[error("its key usage has keyEncipherment, which its key can't do")]
    KeyUsageOfKey,
    /// Section 4.2.1.3.
    #[error("its key usage is not that of its kind")]
    KeyUsage,
    /// Section 4.2.1.12.
    #[error("its extended key usage is not that of its kind")]
    ExtendedKeyUsage,

    /// It is not the intended one.
    #[error("its key is not the intended one")]
    KeyOther,
    /// The key can be broken.
    #[error("its key is weak: {0}")]
    WeakKey(#[from] WeakKey),
    /// Section 4.2.1.2.
    #[error("its subject key identifier is not that of its key")]
    SubjectKeyIdentifier,
    /// Section 4.2.1.1.
    #[error("its authority key identifier is not that of its issuer's key")]
    AuthorityKeyIdentifier,
    /// Section 4.1.1.2: both places have to name the same algorithm, which the signer uses.
    #[error("its signature algorithm is none that the signer's key can make")]
    SignatureAlgorithm,

    /// Section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on.
    #[error("an instant before 2050 is not written as UTCTime")]
    TimeForm,
    /// It is not the intended one.
    #[error("its validity is not the intended one")]
    ValidityOther,
    /// Section 4.1.2.5.
    #[error("it ends before it begins")]
    EndsBeforeItBegins,
    /// Section 4.1.2.5.
    #[error("it begins in the future")]
    NotYet,
    /// It is of no use to anybody.
    #[error("it is over already")]
    Over,
    /// It was made to be refused.
    #[error("it should be over, and is not")]
    NotOver,
    /// A chain with it can't be valid all the time.
    #[error("it begins before its issuer")]
    BeginsBeforeIssuer,
    /// A chain with it can't be valid all the time.
    #[error("it outlives its issuer")]
    OutlivesIssuer,

    /// Section 4.2.1.13.
    #[error("its revocation list is not published where it should be")]
    RevocationList,
    /// Section 4.2.2.1.
    #[error("its access information does not say where it should")]
    AuthorityInformationAccess,
}

fn name(oid: &ObjectIdentifier) -> String {
    DB.by_oid(oid).map_or_else(|| oid.to_string(), str::to_owned)
}
