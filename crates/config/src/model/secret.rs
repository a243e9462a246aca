//! A secret that was read from a file.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A secret that was read from a file: wiped from memory when dropped, never shown. Clones share it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// This secret.
    pub(crate) fn new(secret: Zeroizing<String>) -> Self {
        Self(Arc::new(secret))
    }

    /// The secret. Whoever calls this holds it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
