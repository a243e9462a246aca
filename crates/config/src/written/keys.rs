//! `[keys]` and `[[token]]`: how private keys rest, and where those are that never rest here.

use std::path::PathBuf;

use schemars::Schema;

use super::table::{Optional, Required, table};
use super::text::Line;
use super::value::{Refused, Text};
use crate::model::Name;

table! {
    /// How private keys rest in the store: each encrypted under a key of its own, and that one under the
    /// key-encryption key. [What each place of that key protects against](../explanation/keys-at-rest.md),
    /// and what not.
    Keys in "[keys]" {
        /// Where the key-encryption key comes from. Without it, from the file `key` in the folder of
        /// `data`, which is made at the first start.
        encryption: Optional<Encryption>,
    }
}

table! {
    /// Where the key-encryption key comes from: one of `file`, `passphrase_file`, `passphrase_env`,
    /// `credential`, or `token` with `key`.
    Encryption in "encryption" {
        /// A file of 32 random bytes, readable by its owner alone. It is made where there is none and
        /// nothing in the store is encrypted yet.
        #[schemars(extend("examples" = ["/mnt/keys/hermetic.key"]))]
        file: Optional<PathBuf>,
        /// A file with a passphrase of at least 8 characters, and nothing else in it.
        #[schemars(extend("examples" = ["passphrase"]))]
        passphrase_file: Optional<PathBuf>,
        /// The variable of the environment that has the passphrase.
        passphrase_env: Optional<Variable>,
        /// A credential of systemd with 32 random bytes, as the unit names it in `LoadCredentialEncrypted=`.
        credential: Optional<CredentialName>,
        /// A `[[token]]`, whose key `key` is the key-encryption key and never leaves it.
        #[schemars(extend("examples" = ["hsm"]))]
        token: Optional<Name>,
        /// The label of the key in the token. It is made there where there is none and nothing in the
        /// store is encrypted yet.
        #[schemars(extend("examples" = ["hermetic"]))]
        key: Optional<Line>,
    }
}

table! {
    /// A PKCS#11 token: an HSM, a smart card, or SoftHSM2. What signs or decrypts in it never leaves it. It
    /// has a PIN in a file or in a variable of the environment.
    Token in "[[token]]" {
        /// The name by which `encryption` speaks of it.
        #[schemars(extend("examples" = ["hsm"]))]
        name: Required<Name>,
        /// The library of its maker, by its whole path.
        #[schemars(extend("examples" = ["/usr/lib/softhsm/libsofthsm2.so"]))]
        module: Required<PathBuf>,
        /// The label that the token was given when it was initialised.
        label: Required<TokenLabel>,
        /// The file with the PIN of its user, and nothing else in it.
        #[schemars(extend("examples" = ["hsm.pin"]))]
        pin_file: Optional<PathBuf>,
        /// The variable of the environment that has the PIN.
        #[schemars(extend("examples" = ["HERMETIC_PIN"]))]
        pin_env: Optional<Variable>,
    }
}

/// The name of a variable of the environment.
#[derive(Clone, Debug)]
pub(crate) struct Variable(pub(crate) String);

/// The name of a systemd credential.
#[derive(Clone, Debug)]
pub(crate) struct CredentialName(pub(crate) String);

/// The label of a PKCS#11 token.
#[derive(Clone, Debug)]
pub(crate) struct TokenLabel(pub(crate) String);

impl Text for Variable {
    const NOUN: &'static str = "the name of a variable";
    const EXAMPLE: &'static str = "HERMETIC_PASSPHRASE";

    fn read(text: &str) -> Result<Self, Refused> {
        let named = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !named || text.is_empty() || text.starts_with(|first: char| first.is_ascii_digit()) {
            // Not repeated: it may be the secret itself.
            return Err(Refused::new("this is not the name of a variable of the environment")
                .hint("write its name, such as \"HERMETIC_PASSPHRASE\", and never its value"));
        }
        Ok(Self(text.to_owned()))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^[A-Za-z_][A-Za-z0-9_]*$".into());
    }
}

impl Text for CredentialName {
    const NOUN: &'static str = "the name of a credential";
    const EXAMPLE: &'static str = "hermetic-key";

    fn read(text: &str) -> Result<Self, Refused> {
        // systemd.exec(5): valid as a file name.
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=255).contains(&text.len()) || [".", ".."].contains(&text) || !text.bytes().all(allowed) {
            let message = format!("`{}` is not the name of a credential", text.escape_default());
            return Err(Refused::new(message)
                .hint("write the name before the colon in `LoadCredentialEncrypted=hermetic-key:…`"));
        }
        Ok(Self(text.to_owned()))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^[A-Za-z0-9._-]{1,255}$".into());
    }
}

impl Text for TokenLabel {
    const NOUN: &'static str = "the label of a token";
    const EXAMPLE: &'static str = "hermetic";

    fn read(text: &str) -> Result<Self, Refused> {
        // CK_TOKEN_INFO has 32 bytes for it, the rest blanks (PKCS#11 3.0 section 3.2).
        let label = text.trim_end();
        if !(1..=32).contains(&label.len()) || label.contains(char::is_control) {
            let message = format!("`{}` is not the label of a token", text.escape_default());
            return Err(Refused::new(message)
                .hint("write the label of 1 to 32 bytes that `pkcs11-tool --list-token-slots` shows"));
        }
        Ok(Self(label.to_owned()))
    }
}
