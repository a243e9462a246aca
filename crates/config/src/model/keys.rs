//! How private keys rest, and the tokens that have those which never rest here.

use std::path::PathBuf;

use super::Name;

/// Where the key comes from under which the keys of private keys are encrypted (`[keys] encryption`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyEncryption {
    /// A file with the key.
    File(PathBuf),
    /// A passphrase.
    Passphrase(SecretSource),
    /// A credential of systemd, by its name.
    Credential(String),
    /// A key in a token.
    Token {
        /// The token; always one of the configuration's.
        token: Name,
        /// The label of the key in it.
        key: String,
    },
}

/// Where a passphrase or PIN is found. The configuration itself never has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// Alone in a file, maybe with the end of a line behind it.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
}

/// A PKCS#11 token (`[[token]]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its name.
    pub name: Name,
    /// The library of its maker.
    pub module: PathBuf,
    /// The label that it was initialised with.
    pub label: String,
    /// The PIN of its user.
    pub pin: SecretSource,
}
