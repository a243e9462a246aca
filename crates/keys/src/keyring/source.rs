//! Where the key-encryption key comes from.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::argon2id::Argon2id;
use super::error::KeyringError;
use super::key::{KeyEncryptionKey, LENGTH};
use crate::file;
use crate::passphrase::{Passphrase, PassphraseSource};
use crate::thread;
use crate::token::{Token, WrappingKey};

/// A passphrase for what is sealed is not shorter, in bytes.
const SHORTEST_PASSPHRASE: usize = 8;

/// Where the key-encryption key comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeySource {
    /// A file of 32 random bytes, made where it is missing and nothing is sealed yet.
    File(PathBuf),
    /// A passphrase, through Argon2id; its salt and costs are in the keyring's record.
    Passphrase(PassphraseSource),
    /// A credential of systemd (`LoadCredentialEncrypted=`) of 32 random bytes; see
    /// [`KeySource::systemd_credential`].
    Credential {
        /// Where systemd put it.
        directory: PathBuf,
        /// Its name.
        name: String,
    },
    /// An AES-256 key in a token, made where it is missing and nothing is sealed yet. It never leaves the token.
    Token {
        /// The token.
        token: Token,
        /// The label of the key.
        key: String,
    },
}

/// The kinds of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A key file.
    File,
    /// A passphrase.
    Passphrase,
    /// A credential of systemd.
    Credential,
    /// A key in a token.
    Token,
}

impl KeySource {
    /// The credential of this name, in the folder that systemd made for this process
    /// (`CREDENTIALS_DIRECTORY`). It holds 32 random bytes, as a key file does, and is never made here:
    ///
    /// ```console
    /// # head -c 32 /dev/urandom | systemd-creds encrypt --name=NAME - /etc/credstore.encrypted/NAME
    /// ```
    ///
    /// Whoever has a passphrase as a credential names its file as [`PassphraseSource::File`]; telling one from
    /// the other by its content would be a guess.
    pub fn systemd_credential(name: impl Into<String>) -> Result<Self, KeyringError> {
        let name = name.into();
        match std::env::var_os("CREDENTIALS_DIRECTORY") {
            Some(directory) => Ok(Self::Credential { directory: directory.into(), name }),
            None => Err(KeyringError::NoCredentials(name)),
        }
    }

    /// Its kind.
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::File(_) => SourceKind::File,
            Self::Passphrase(_) => SourceKind::Passphrase,
            Self::Credential { .. } => SourceKind::Credential,
            Self::Token { .. } => SourceKind::Token,
        }
    }

    /// A key to seal the first secret under, made where it is missing; and how it was derived.
    pub(super) async fn fresh_key(&self) -> Result<(KeyEncryptionKey, Option<Argon2id>), KeyringError> {
        match self {
            Self::File(path) => {
                match key_file(path) {
                    Err(KeyringError::FileMissing(_)) => make(path)?,
                    other => drop(other?),
                }
                Ok((KeyEncryptionKey::here(&*key_file(path)?)?, None))
            }
            Self::Passphrase(source) => {
                let passphrase = source.read()?;
                if passphrase.as_bytes().len() < SHORTEST_PASSPHRASE {
                    return Err(KeyringError::ShortPassphrase);
                }
                let how = Argon2id::fresh()?;
                Ok((derive(&how, passphrase).await?, Some(how)))
            }
            Self::Credential { directory, name } => {
                Ok((KeyEncryptionKey::here(&*key_file(&directory.join(name))?)?, None))
            }
            Self::Token { token, key } => {
                let key = WrappingKey::find_or_make(token, key).await?;
                Ok((KeyEncryptionKey::Token(key), None))
            }
        }
    }

    /// The key, if the source has it; whether it is the right one shows only when something opens.
    pub(super) async fn key(&self, how: Option<&Argon2id>) -> Result<KeyEncryptionKey, KeyringError> {
        match self {
            Self::File(path) => KeyEncryptionKey::here(&*key_file(path)?),
            Self::Credential { directory, name } => {
                KeyEncryptionKey::here(&*key_file(&directory.join(name))?)
            }
            Self::Passphrase(source) => {
                let missing = || KeyringError::Record("it does not say how its key is derived".to_owned());
                derive(how.ok_or_else(missing)?, source.read()?).await
            }
            Self::Token { token, key } => Ok(KeyEncryptionKey::Token(WrappingKey::find(token, key).await?)),
        }
    }

    /// What to say where it has another key than the recorded one.
    pub(super) fn wrong(&self) -> KeyringError {
        match self {
            Self::File(path) => KeyringError::WrongFile(path.display().to_string()),
            Self::Credential { directory, name } => {
                KeyringError::WrongFile(directory.join(name).display().to_string())
            }
            Self::Passphrase(_) => KeyringError::WrongPassphrase,
            Self::Token { token, key } => {
                KeyringError::WrongToken { token: token.label().to_owned(), key: key.clone() }
            }
        }
    }
}

impl SourceKind {
    pub(super) const ALL: [Self; 4] = [Self::File, Self::Passphrase, Self::Credential, Self::Token];

    /// Its name in records.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Passphrase => "passphrase",
            Self::Credential => "credential",
            Self::Token => "token",
        }
    }
}

impl std::fmt::Display for SourceKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::File => "a key file",
            Self::Passphrase => "a passphrase",
            Self::Credential => "a systemd credential",
            Self::Token => "a key in a token",
        })
    }
}

async fn derive(how: &Argon2id, passphrase: Passphrase) -> Result<KeyEncryptionKey, KeyringError> {
    let how = how.clone();
    let key = thread::run(move || how.derive(&passphrase)).await;
    KeyEncryptionKey::here(&*key.unwrap_or(Err(KeyringError::Library))?)
}

/// The key in a key file.
pub(super) fn key_file(path: &Path) -> Result<Zeroizing<[u8; LENGTH]>, KeyringError> {
    let mut key = Zeroizing::new([0; LENGTH]);
    let mut read = || {
        let mut file = File::open(path)?;
        file.read_exact(&mut *key)?;
        file.read(&mut [0])
    };
    match read() {
        Ok(0) => {
            file::warn_if_open_to_others(path);
            Ok(key)
        }
        Ok(_) => Err(KeyringError::FileLength(path.display().to_string())),
        Err(error) => Err(match error.kind() {
            io::ErrorKind::NotFound => KeyringError::FileMissing(path.display().to_string()),
            io::ErrorKind::UnexpectedEof => KeyringError::FileLength(path.display().to_string()),
            _ => failed(path, &error),
        }),
    }
}

fn make(path: &Path) -> Result<(), KeyringError> {
    let mut key = Zeroizing::new([0; LENGTH]);
    aws_lc_rs::rand::fill(&mut *key).map_err(|_| KeyringError::Library)?;
    match file::make(path, &*key) {
        // Another process made it just now; that one it is.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map_err(|error| failed(path, &error)),
    }
}

fn failed(path: &Path, error: &io::Error) -> KeyringError {
    KeyringError::File { path: path.display().to_string(), reason: error.to_string() }
}
