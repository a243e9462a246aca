//! How private keys rest: one source for the key of all, no secret in the configuration, tokens that are there.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Check, entries};
use crate::model::{KeyEncryption, Name, SecretSource, Token};
use crate::nearest::nearest;
use crate::written;
use crate::written::keys::{Encryption, Variable};
use crate::written::table::{At, Optional};

/// The key file in the data folder, where nothing else is said.
const KEY_FILE: &str = "key";

impl Check<'_, '_> {
    /// Where the key-encryption key comes from.
    pub(super) fn encryption(&mut self, written: &written::File, data: &Path) -> Option<KeyEncryption> {
        let keys = match &written.keys {
            Optional::Absent => return Some(KeyEncryption::File(data.join(KEY_FILE))),
            Optional::Wrong => return None,
            Optional::Written(keys) => &keys.value,
        };
        let encryption = match &keys.encryption {
            Optional::Absent => return Some(KeyEncryption::File(data.join(KEY_FILE))),
            Optional::Wrong => return None,
            Optional::Written(encryption) => encryption,
        };
        let Encryption { file, passphrase_file, passphrase_env, credential, token, key } = &encryption.value;
        let sources = [
            ("file", file.place()),
            ("passphrase_file", passphrase_file.place()),
            ("passphrase_env", passphrase_env.place()),
            ("credential", credential.place()),
            ("token", token.place()),
        ];
        if let (Some(label), Optional::Absent) = (key.written(), token) {
            let message = "`key` is the label of a key in a token, and no `token` is named";
            self.problems.tell(
                label.key,
                message,
                "add `token = \"<the name of a [[token]]>\"`, or take it out",
            );
        }
        match self.one_of(encryption.at, "`encryption`", &sources)? {
            "file" => Some(KeyEncryption::File(self.folder.join(&file.written()?.value))),
            "passphrase_file" => {
                let path = self.secret_file(passphrase_file.written()?, "the passphrase")?;
                Some(KeyEncryption::Passphrase(SecretSource::File(path)))
            }
            "passphrase_env" => Some(KeyEncryption::Passphrase(variable(passphrase_env.written()?))),
            "credential" => Some(KeyEncryption::Credential(credential.written()?.value.0.clone())),
            _ => self.token_key(token.written()?, encryption),
        }
    }

    fn token_key(&mut self, token: &At<Name>, encryption: &At<Encryption>) -> Option<KeyEncryption> {
        let known = self.names_token(token);
        let key = match &encryption.value.key {
            Optional::Wrong => return None,
            Optional::Written(key) => key.value.0.clone(),
            Optional::Absent => {
                let message = format!("which key of the token `{}` is meant is not said", token.value);
                self.problems.tell(token.key, message, "add the key's label: `key = \"hermetic\"`");
                return None;
            }
        };
        known.then(|| KeyEncryption::Token { token: token.value.clone(), key })
    }

    /// Whether there is such a token; else tells so.
    fn names_token(&mut self, token: &At<Name>) -> bool {
        let known = self.tokens.contains(&token.value);
        if !known {
            let hint = match nearest(token.value.as_str(), self.tokens.iter().map(Name::as_str)) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("add a [[token]] with `name = \"{}\"`", token.value),
            };
            self.problems.tell(token.at, format!("no [[token]] is called `{}`", token.value), hint);
        }
        known
    }

    /// Tokens, those that hold.
    pub(super) fn tokens(&mut self, written: &written::File) -> Vec<Token> {
        let tokens = entries(&written.token);
        self.distinct_names("token", tokens.iter().filter_map(|token| token.value.name.written()));
        tokens.iter().filter_map(|token| self.token(token)).collect()
    }

    fn token(&mut self, written: &At<written::Token>) -> Option<Token> {
        let token = &written.value;
        let module = token.module.written().and_then(|module| self.module(module));
        let sources = [("pin_file", token.pin_file.place()), ("pin_env", token.pin_env.place())];
        let pin = match self.one_of(written.at, "this token", &sources) {
            Some("pin_file") => {
                let file = token.pin_file.written().and_then(|file| self.secret_file(file, "the PIN"));
                file.map(SecretSource::File)
            }
            Some(_) => token.pin_env.written().map(variable),
            None => None,
        };
        Some(Token {
            name: token.name.written()?.value.clone(),
            module: module?,
            label: token.label.written()?.value.0.clone(),
            pin: pin?,
        })
    }

    /// A library is code that runs here: it is named in full, so that nothing in another folder can be
    /// taken for it.
    fn module(&mut self, module: &At<PathBuf>) -> Option<PathBuf> {
        let path = &module.value;
        if !path.is_absolute() {
            let message = format!("`{}` is not the whole path of a library", path.display());
            self.problems.tell(
                module.at,
                message,
                "write it from `/` on, such as \"/usr/lib/softhsm/libsofthsm2.so\"",
            );
            return None;
        }
        if let Err(error) = std::fs::File::open(path) {
            let message = format!("{} can't be read: {error}", path.display());
            self.problems.tell(
                module.at,
                message,
                "install the library of the token's maker, or name where it is",
            );
            return None;
        }
        Some(path.clone())
    }

    /// A file with a secret: opened and not read, for the configuration never holds one.
    pub(super) fn secret_file(&mut self, written: &At<PathBuf>, secret: &str) -> Option<PathBuf> {
        let path = self.folder.join(&written.value);
        let opened = std::fs::File::open(&path).and_then(|file| file.metadata());
        match opened {
            Ok(metadata) if metadata.permissions().mode() & 0o007 == 0 => Some(path),
            Ok(_) => {
                let message = format!("everybody on this host can read {}", path.display());
                self.problems.tell(written.at, message, format!("run: chmod 600 {}", path.display()));
                None
            }
            Err(error) => {
                let message = format!("{} can't be read: {error}", path.display());
                let hint = format!("write {secret} alone into a file that this user may read");
                self.problems.tell(written.at, message, hint);
                None
            }
        }
    }
}

fn variable(written: &At<Variable>) -> SecretSource {
    SecretSource::Variable(written.value.0.clone())
}
