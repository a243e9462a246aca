//! PKCS#11 modules: loaded once for the process, initialised anew when a token was away.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

use super::error::TokenError;

/// How often a module that other tokens are used through, too, is initialised anew at most: it costs them
/// their sessions.
const SHARED_AT_MOST: Duration = Duration::from_secs(1);

/// A module. It stays loaded until the process ends: some crash when they are unloaded.
pub(super) struct Module {
    path: PathBuf,
    library: Pkcs11,
    /// Held for reading by whoever calls into the module: PKCS#11 leaves open what happens to calls that are
    /// under way when it is finalised.
    life: RwLock<Life>,
}

/// The module from one initialisation to the next. Sessions of an earlier one are gone, and their numbers may
/// be others' now.
pub(super) struct Life {
    number: u64,
    since: Instant,
}

impl Module {
    /// The module of this path; loaded, if nobody did so before.
    pub(super) fn load(path: &Path) -> Result<Arc<Self>, TokenError> {
        static LOADED: Mutex<Vec<Arc<Module>>> = Mutex::new(Vec::new());
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = loaded.iter().find(|module| module.path == path) {
            return Ok(Arc::clone(module));
        }
        let failed =
            |error: Error| TokenError::Module { path: path.display().to_string(), reason: error.to_string() };
        let library = Pkcs11::new(&path).map_err(failed)?;
        initialize(&library).map_err(failed)?;
        let life = RwLock::new(Life { number: 0, since: Instant::now() });
        let module = Arc::new(Self { path, library, life });
        loaded.push(Arc::clone(&module));
        Ok(module)
    }

    pub(super) fn library(&self) -> &Pkcs11 {
        &self.library
    }

    /// Calls into the module are made while this is held.
    pub(super) fn enter(&self) -> RwLockReadGuard<'_, Life> {
        self.life.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finalises and initialises the module, as it sees some tokens again only so; once all calls into it have
    /// returned. Not if somebody else has just done so since `seen`, nor too often where others use it, too.
    /// Says whether this is another life now.
    pub(super) fn begin_anew(self: &Arc<Self>, seen: u64) -> bool {
        // The list holds it, and each token once.
        let shared = Arc::strong_count(self) > 2;
        let mut life = self.life.write().unwrap_or_else(PoisonError::into_inner);
        if life.number != seen {
            return true;
        }
        if shared && life.since.elapsed() < SHARED_AT_MOST {
            return false;
        }
        // A module that can't be finalised may still be one that can be initialised.
        let finalized = self.library.clone().finalize();
        let initialized = initialize(&self.library);
        tracing::debug!(module = %self.path.display(), ?finalized, ?initialized, "PKCS#11 begins anew");
        *life = Life { number: seen + 1, since: Instant::now() };
        true
    }
}

impl Life {
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Module").field(&self.path).finish()
    }
}

fn initialize(library: &Pkcs11) -> Result<(), Error> {
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        initialized => initialized,
    }
}
