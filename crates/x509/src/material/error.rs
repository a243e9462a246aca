//! Why a file gives no certificate and key.

use hermetic_keys::PrivateKeyError;
use hermetic_keys::pbes2::Pbes2Error;

/// Why what somebody has can't be read as certificates and keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaterialError {
    /// It is longer than any certificate with its chain.
    #[error("it has {size} bytes; up to {most} are read")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// What is read at most.
        most: usize,
    },
    /// It holds more certificates or keys than any chain has.
    #[error(
        "there are more than {0} certificates or keys in it; give one certificate, its chain and its key"
    )]
    TooMany(usize),
    /// It is a public key.
    #[error("it is a public key, which proves nothing; give the private key")]
    PublicKey,
    /// It is no known form of anything.
    #[error("it is neither PEM, nor a certificate or key in DER, nor PKCS#12")]
    Unreadable,
    /// A block of PEM is broken.
    #[error("the block `{label}` that begins in line {line} can't be read: {why}")]
    Block {
        /// What it says it is.
        label: String,
        /// The line of its beginning, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A certificate is broken.
    #[error("a certificate can't be read: {0}")]
    Certificate(String),
    /// A private key can't be read.
    #[error(transparent)]
    Key(PrivateKeyError),
    /// A PKCS#12 file is broken.
    #[error("the PKCS#12 file can't be read: {0}")]
    Pkcs12(String),
    /// It has a form that is known, and not read.
    #[error("{0} is not read here; convert it with openssl first")]
    Unsupported(String),
    /// It is encrypted under another passphrase.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// It is encrypted, and no passphrase was given.
    #[error("it is encrypted; give its passphrase")]
    PassphraseNeeded,
    /// The passphrase opens the file and not the key in it, as Java allows.
    #[error("the key in the file has a passphrase of its own; give it the file's with `keytool -keypasswd`")]
    KeyHasOwnPassphrase,
    /// The passphrase is right, and the file is not as it was written.
    #[error("the passphrase is right, but the file was altered or damaged since it was written")]
    Altered,
    /// To open it would take for ever.
    #[error("it asks for {rounds} rounds of key derivation; 1 to {most} are done for one file")]
    Rounds {
        /// The rounds that it asks for.
        rounds: u64,
        /// What is done at most.
        most: u32,
    },
    /// It holds no certificate.
    #[error("there is no certificate in it")]
    NoCertificate,
    /// It holds no private key.
    #[error("there is no private key in it")]
    NoKey,
    /// There are certificates of several parties.
    #[error("there are certificates of several parties: {}; give one of them, with its chain", .0.join("; "))]
    SeveralLeaves(Vec<String>),
    /// There are several private keys.
    #[error("there are {0} private keys; give the one of the certificate")]
    SeveralKeys(usize),
    /// The key is that of another certificate.
    #[error("the private key is not that of the certificate `{leaf}`; {}", whose(.owner.as_deref()))]
    KeyOfAnother {
        /// The certificate, by subject or name.
        leaf: String,
        /// Whose key it is, if that certificate is there, too.
        owner: Option<String>,
    },
}

fn whose(owner: Option<&str>) -> String {
    match owner {
        Some(owner) => format!("it is that of `{owner}`"),
        None => "its certificate is not there".to_owned(),
    }
}

impl From<der::Error> for MaterialError {
    fn from(error: der::Error) -> Self {
        Self::Pkcs12(error.to_string())
    }
}

impl From<PrivateKeyError> for MaterialError {
    fn from(error: PrivateKeyError) -> Self {
        match error {
            PrivateKeyError::PassphraseNeeded => Self::PassphraseNeeded,
            PrivateKeyError::WrongPassphrase => Self::WrongPassphrase,
            PrivateKeyError::Missing => Self::NoKey,
            other => Self::Key(other),
        }
    }
}

/// A wrong passphrase is no error yet where the parts of a file are tried, so it never comes here.
impl From<Pbes2Error> for MaterialError {
    fn from(error: Pbes2Error) -> Self {
        match error {
            Pbes2Error::WrongPassphrase => Self::WrongPassphrase,
            Pbes2Error::Unsupported(what) => Self::Unsupported(what),
            other => Self::Pkcs12(other.to_string()),
        }
    }
}
