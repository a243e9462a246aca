//! The CRLs of clients' authorities, from their files: at the start, and again when one changes.

use std::path::{Path, PathBuf};

use hermetic_tls::{RevocationList, RevocationListError, Revocations, RevokedCertificates};

use crate::model::{ClientCrl, Trust};

/// A file of CRLs that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientCrlError {
    /// It can't be read.
    #[error("{} can't be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is in it is no CRL of these authorities.
    #[error("{}: {source}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: RevocationListError,
    },
}

impl ClientCrl {
    /// Reads the files again as they are now, all or none.
    pub fn read_again(&self, trust: &Trust) -> Result<Self, ClientCrlError> {
        let mut lists = Vec::new();
        for path in &self.files {
            lists.extend(Self::read(path, trust)?);
        }
        Ok(Self { files: self.files.clone(), lists })
    }

    /// Reads one file. Where a CRL in it bears the name of one that is believed, it must be signed by its
    /// key; others are an intermediate authority's, whose key clients bring.
    pub(crate) fn read(path: &Path, trust: &Trust) -> Result<Vec<RevocationList>, ClientCrlError> {
        let unreadable = |source| ClientCrlError::Unreadable { path: path.to_owned(), source };
        let unusable = |source| ClientCrlError::Unusable { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let lists = RevocationList::read(&bytes, &path.display().to_string()).map_err(unusable)?;
        if let Trust::File { anchors, .. } = trust {
            Revocations::by_lists(lists.clone(), anchors, &RevokedCertificates::default())
                .map_err(unusable)?;
        }
        Ok(lists)
    }
}
