//! Tokens of SoftHSM2. Its module reads where they are from the environment of its process, so each test runs in
//! a process of its own.

mod away;
mod keys;
mod pins;
mod wrapping;

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;

use super::*;
use crate::algorithm::KeyAlgorithm;
use crate::passphrase::Passphrase;
use crate::signer::{Signer, SignerError};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "1234";

/// Tells the process of a test from the one that starts it, and where its tokens are.
const FOLDER: &str = "HERMETIC_TEST_SOFTHSM";

/// Runs `test` in a process of its own with SoftHSM2 and a token called `hermetic`.
fn with_token<F: Future<Output = ()>>(name: &str, test: impl FnOnce(SoftHsm) -> F) {
    match std::env::var_os(FOLDER) {
        Some(folder) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(test(SoftHsm { folder: folder.into() }));
        }
        None => {
            let folder = tempfile::tempdir().unwrap();
            let hsm = SoftHsm { folder: folder.path().to_owned() };
            hsm.install();
            hsm.make_token("hermetic");
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", &format!("token::tests::{name}"), "--nocapture"]);
            child.env(FOLDER, folder.path()).env("SOFTHSM2_CONF", hsm.configuration());
            let output = child.output().unwrap();
            let (told, complained) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() && told.contains("1 passed"), "{told}\n{complained}");
        }
    }
}

/// A folder of tokens.
struct SoftHsm {
    folder: PathBuf,
}

impl SoftHsm {
    fn install(&self) {
        fs::create_dir(self.tokens()).unwrap();
        let configuration =
            format!("directories.tokendir = {}\nlog.level = ERROR\n", self.tokens().display());
        fs::write(self.configuration(), configuration).unwrap();
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }

    fn tokens(&self) -> PathBuf {
        self.folder.join("tokens")
    }

    fn make_token(&self, label: &str) {
        self.util(&["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN]);
    }

    fn util(&self, arguments: &[&str]) {
        let mut command = Command::new("softhsm2-util");
        command.args(arguments).env("SOFTHSM2_CONF", self.configuration());
        let output = command.output().unwrap_or_else(|error| panic!("softhsm2 is needed: {error}"));
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Brings a key that openssl made into the token; the process that does so logs in with the right PIN.
    fn import(&self, pem: &Path, label: &str, id: &str) {
        let file = pem.to_str().unwrap();
        self.util(&["--import", file, "--token", "hermetic", "--label", label, "--id", id, "--pin", PIN]);
    }

    fn token(&self) -> Token {
        self.token_with("hermetic", PIN)
    }

    fn token_with(&self, label: &str, pin: &str) -> Token {
        let pin = PassphraseSource::Given(Passphrase::new(pin).unwrap());
        Token::new(TokenPlace { module: MODULE.into(), label: label.to_owned(), pin })
    }

    /// The folder of the tokens is gone, as a token that was pulled out.
    fn pull_out(&self) {
        fs::rename(self.tokens(), self.folder.join("away")).unwrap();
        fs::create_dir(self.tokens()).unwrap();
    }

    fn put_back(&self) {
        fs::remove_dir(self.tokens()).unwrap();
        fs::rename(self.folder.join("away"), self.tokens()).unwrap();
    }
}

/// The module as another part of this process sees it.
fn module() -> Pkcs11 {
    let module = Pkcs11::new(MODULE).unwrap();
    // It may be initialised already.
    let _ = module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    module
}

/// A session of another part of this process with the only token.
fn session(module: &Pkcs11) -> Session {
    let slot = module.get_slots_with_initialized_token().unwrap()[0];
    let session = module.open_rw_session(slot).unwrap();
    // Logins are the process's; this may not be the first.
    let _ = session.login(UserType::User, Some(&AuthPin::new(PIN.into())));
    session
}
