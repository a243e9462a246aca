//! What can go wrong in the authority.

use hermetic_keys::{KeyringError, PrivateKeyError, PublicKeyError, SignerError, TokenError};
use hermetic_store::{Generation, Stage, StoreError};
use hermetic_tls::{CertificateError, RandomnessFailed};
use hermetic_x509::import::{AuthorityImportError, ReimportError};
use hermetic_x509::lint::LintError;
use hermetic_x509::publication::{AuthorityName, AuthorityNameError};
use hermetic_x509::{AssembleError, AuthorityCertificateError, EncodingError, MaterialError};
use jiff::Timestamp;

use crate::authorities::{Act, State};
use crate::issuance::Refusal;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A token failed, or is not there.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// What is sealed can't be opened.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The request asks for what is not issued.
    #[error("not issued: {0}")]
    Refused(#[from] Refusal),
    /// An authority is in a state in which this can't be done.
    #[error("{authority} is {state}, and can't {} now; {remedy}", .act.words())]
    State {
        /// The authority.
        authority: Generation,
        /// Its state.
        state: State,
        /// What was to be done.
        act: Act,
        /// What to do.
        remedy: String,
    },
    /// The time to restore it is over, and its key is erased, or about to be.
    #[error("{authority} could be restored until {until}; make a new one")]
    TooLateToRestore {
        /// The authority.
        authority: Generation,
        /// Until when it could.
        until: Timestamp,
    },
    /// There is a next generation already.
    #[error(
        "generation {generation} of `{name}` is on its way; `hermetic ca show {name}` shows how far, and \
         `hermetic ca delete {name} --generation {generation}` gives it up, once it is disabled"
    )]
    OnItsWay {
        /// The authority.
        name: AuthorityName,
        /// The next generation.
        generation: u32,
    },
    /// There is no next generation.
    #[error(
        "no other generation of `{name}` is on its way; make one with `hermetic ca rotate {name} --step prepare`"
    )]
    NoneOnItsWay {
        /// The authority.
        name: AuthorityName,
    },
    /// The next generation can't take this step.
    #[error("{generation} is {state} and {stage}; for this it must be active and {wanted}")]
    NotSoFar {
        /// The next generation.
        generation: Generation,
        /// Its state.
        state: State,
        /// How far it is.
        stage: Stage,
        /// How far it should be.
        wanted: Stage,
    },
    /// Whoever follows what is published may not believe the next generation yet.
    #[error(
        "generation {generation} of `{name}` is published, and should not sign before {from:.0}, so that all come to \
         trust it; `hermetic ca rotate {name} --step activate` does it at once"
    )]
    NotSpread {
        /// The authority.
        name: AuthorityName,
        /// The next generation.
        generation: u32,
        /// From when on it may sign.
        from: Timestamp,
    },
    /// The next step of a roll-over waits for somebody.
    #[error("the roll-over waits, since {generation} is {state}; {remedy}")]
    Waits {
        /// The generation that it waits for.
        generation: Generation,
        /// Its state.
        state: State,
        /// What to do.
        remedy: String,
    },
    /// It is no name of an authority.
    #[error(transparent)]
    Name(#[from] AuthorityNameError),
    /// There is no such generation.
    #[error("there is no {0}; `hermetic ca list` shows those that there are")]
    NoSuchGeneration(Generation),
    /// What was given is no certificate.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// The certificate can't become that of the authority.
    #[error(transparent)]
    AuthorityImport(#[from] AuthorityImportError),
    /// The certificate may not be imported.
    #[error("not imported: {0}")]
    Import(Box<ReimportError>),
    /// Its certificate comes from here.
    #[error(
        "{authority} is signed here, so it takes no certificate from elsewhere; `hermetic ca rotate {}` makes its \
         next generation", .authority.name
    )]
    SignedHere {
        /// The authority.
        authority: Generation,
    },
    /// What an authority has issued names another issuer than its newer certificate.
    #[error(
        "the certificate is for `{subject}`, and what {authority} has issued names `{present}`; have `hermetic ca \
         csr {}` signed with its subject as it is, byte for byte, or make the next generation with `hermetic ca \
         rotate {}`", .authority.name, .authority.name
    )]
    OtherSubject {
        /// The authority.
        authority: Generation,
        /// The subject of the newer certificate.
        subject: String,
        /// The subject of the present one.
        present: String,
    },
    /// This certificate is not renewed by itself.
    #[error("{serial} can't be renewed: {reason}; {remedy}")]
    NotRenewable {
        /// Its serial number.
        serial: String,
        /// Why.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Its private key is with whoever asked for it.
    #[error("the private key of {0} is not in the store; whoever made it has it")]
    KeyElsewhere(String),
    /// Its private key may not leave the store.
    #[error(
        "the private key of {serial} may not leave the store: the profile `{profile}` did not allow it when it was \
         made; issue another by a [[profile]] with `export = true`"
    )]
    NotExportable {
        /// Its serial number.
        serial: String,
        /// The profile that it was made by.
        profile: String,
    },
    /// Another process renews it now.
    #[error("another process renews `{subject}` now; ask again in a few seconds")]
    RenewedElsewhere {
        /// What the certificate is used as.
        subject: String,
    },
    /// There is no such certificate.
    #[error("no certificate has the serial number {0}; `hermetic cert list` shows those that there are")]
    NoSuchCertificate(String),
    /// Only its issuer can revoke it.
    #[error("{0} was not issued here; have its issuer revoke it")]
    NotIssuedHere(String),
    /// Nobody can be believed.
    #[error(
        "no authority here has a root that is in use; make one with `hermetic ca create`, or give the one that waits \
         its certificate with `hermetic ca import`"
    )]
    NoRoot,
    /// There is no such token.
    #[error("there is no token `{0}`; write it as a [[token]] into hermetic.toml")]
    NoToken(String),
    /// The key of a deleted authority is gone.
    #[error("the key of {0} was erased when its time to be restored was over")]
    Erased(Generation),
    /// A certificate could not be built or read back.
    #[error("a certificate could not be made: {0}")]
    Certificate(String),
    /// A file of the data folder can't be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl AuthorityError {
    /// Whether what was asked for is wrong, or can't be done as things stand; else it might be done if asked
    /// for again.
    pub fn is_wrong_request(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::State { .. }
            | Self::TooLateToRestore { .. }
            | Self::OnItsWay { .. }
            | Self::NoneOnItsWay { .. }
            | Self::NotSoFar { .. }
            | Self::NotSpread { .. }
            | Self::Waits { .. }
            | Self::NoSuchGeneration(_)
            | Self::Name(_)
            | Self::Material(_)
            | Self::AuthorityImport(_)
            | Self::Import(_)
            | Self::SignedHere { .. }
            | Self::OtherSubject { .. }
            | Self::NoToken(_)
            | Self::NotRenewable { .. }
            | Self::KeyElsewhere(_)
            | Self::NotExportable { .. }
            | Self::NoSuchCertificate(_)
            | Self::NotIssuedHere(_)
            | Self::Erased(_) => true,
            Self::Store(
                StoreError::AuthorityExists { .. }
                | StoreError::State { .. }
                | StoreError::AlreadyRevoked { .. }
                | StoreError::Ambiguous(_)
                | StoreError::CertificateExists(_),
            ) => true,
            Self::Store(_)
            | Self::Signer(_)
            | Self::Token(_)
            | Self::Keyring(_)
            | Self::NoRoot
            | Self::RenewedElsewhere { .. }
            | Self::Certificate(_)
            | Self::File { .. } => false,
        }
    }
}

impl From<LintError> for AuthorityError {
    fn from(error: LintError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<ReimportError> for AuthorityError {
    fn from(error: ReimportError) -> Self {
        Self::Import(Box::new(error))
    }
}

/// Failures of what builds certificates: not a matter of who asks or what for.
macro_rules! of_certificates {
    ($($error:ty),*) => {
        $(impl From<$error> for AuthorityError {
            fn from(error: $error) -> Self {
                Self::Certificate(error.to_string())
            }
        })*
    };
}

of_certificates!(
    AssembleError,
    AuthorityCertificateError,
    CertificateError,
    EncodingError,
    PrivateKeyError,
    PublicKeyError,
    RandomnessFailed
);
