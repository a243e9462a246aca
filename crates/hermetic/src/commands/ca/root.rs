//! The root certificate that is to be believed.

use std::path::Path;

use hermetic_tls::{Certificate, TrustAnchors};

use crate::exit::Failure;

/// How much of a fingerprint tells roots apart: 8 of its 64 hexadecimal digits.
const DIGITS: usize = 8;

/// A root certificate that is to be believed.
#[derive(Clone, Debug)]
pub struct Root {
    pem: String,
    id: String,
}

impl Root {
    /// Reads all roots of a file: of several authorities, and while one of them rolls over, of two generations.
    pub fn read_all(path: &Path) -> Result<Vec<Self>, Failure> {
        let text =
            std::fs::read_to_string(path).map_err(|error| super::printed_root::unread(path, &error))?;
        let at = |failure: Failure| failure.at(path.display().to_string());
        let anchors = TrustAnchors::from_pem(&text);
        let anchors =
            anchors.map_err(|error| at(Failure::wrong(format!("this is no root certificate: {error}"))))?;
        let roots = anchors.certificates().iter().map(Self::of).collect::<Option<_>>();
        roots.ok_or_else(|| at(Failure::wrong("a certificate in this file is no authority's")))
    }

    /// The certificate of an authority; `None` where it is another's.
    pub fn of(certificate: &Certificate) -> Option<Self> {
        let id = certificate.fingerprint.to_string().chars().take(DIGITS).collect();
        certificate.is_authority.then(|| Self { pem: certificate.to_pem(), id })
    }

    /// The name that browsers show for it: `Hermetic root 9c9c9c9c`.
    pub fn nickname(&self) -> String {
        format!("Hermetic root {}", self.id)
    }

    /// The name of its file in the system's store: `hermetic-9c9c9c9c.crt`.
    pub fn file_name(&self) -> String {
        format!("hermetic-{}.crt", self.id)
    }

    /// It as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Whether a PEM text holds it, whatever its line breaks.
    pub fn is_in(&self, pem: &str) -> bool {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        bare(pem).contains(&bare(&self.pem))
    }
}
