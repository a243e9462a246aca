//! Private keys: made, sealed at rest, and asked for signatures; never shown.
//!
//! Whoever signs gets a signer, not bytes: where the key is (in this process or in a token) is decided
//! when the signer is made, and nothing else knows.

mod algorithm;
mod file;
mod keyring;
mod local;
mod passphrase;
pub mod pbes2;
#[cfg(test)]
mod peer;
mod private_key;
mod public_key;
mod signer;
mod thread;
mod token;

pub use algorithm::{KeyAlgorithm, KeyAlgorithmError, SignatureAlgorithm};
pub use keyring::{KeyId, KeySource, Keyring, KeyringError, KeyringRecord, Owner, SourceKind};
pub use local::LocalSigner;
pub use passphrase::{Passphrase, PassphraseError, PassphraseSource};
pub use private_key::{PrivateKey, PrivateKeyError};
pub use public_key::{PublicKey, PublicKeyError};
pub use signer::{Signer, SignerError, Signing};
pub use token::{Token, TokenError, TokenPlace, TokenSigner};
