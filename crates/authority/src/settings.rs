//! What an authority is opened with, and by which terms it issues.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hermetic_keys::{KeySource, Token};
use hermetic_x509::publication::{AuthorityName, Site};

use crate::issuance::Profiles;

/// What an authority is opened with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder, where its roots are written to `ca.pem`.
    pub data: PathBuf,
    /// Where the key comes from under which its secrets are sealed.
    pub encryption: KeySource,
    /// The tokens that authorities have their keys in, by name.
    pub tokens: BTreeMap<String, Token>,
    /// By which terms it issues.
    pub terms: Terms,
}

/// By which terms certificates are issued. They may change while it runs.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Who signs where a request names nobody.
    pub issuer: AuthorityName,
    /// The profiles.
    pub profiles: Profiles,
    /// Where certificates say that revocation lists, OCSP answers and the certificates of authorities are;
    /// `None`: they say nothing of it.
    pub site: Option<Site>,
    /// The part of its life after which a certificate is renewed, jitter aside.
    pub renew_at: RenewAt,
    /// How long before its end a certificate is told of that was not renewed.
    pub expiry_warning: Duration,
    /// From the date of a revocation list to the date by which the next one comes.
    pub crl_lifetime: Duration,
    /// The same of OCSP answers.
    pub ocsp_lifetime: Duration,
}

/// A part of a life, more than nothing and less than all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenewAt {
    part: u16,
    whole: u16,
}

impl RenewAt {
    /// `part` of `whole`; `None` where that is nothing, or all of it or more.
    pub fn new(part: u16, whole: u16) -> Option<Self> {
        (part > 0 && part < whole).then_some(Self { part, whole })
    }

    /// This part of so much.
    pub(crate) fn of(self, life: i128) -> i128 {
        // The whole is more than the part, so it is not nothing.
        life.saturating_mul(self.part.into()).checked_div(self.whole.into()).unwrap_or(life)
    }
}

impl Default for RenewAt {
    /// Two thirds.
    fn default() -> Self {
        Self { part: 2, whole: 3 }
    }
}

/// A day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an OCSP answer is good where nothing is written.
const OCSP_LIFETIME: Duration = DAY;

/// `daysToExpiration` of AWS Config's acm-certificate-expiration-check: 14 days.
const EXPIRY_WARNING: Duration = Duration::from_secs(14 * 24 * 60 * 60);

impl Settings {
    /// What holds where nothing is written: the key file `key` in the data folder, and the `intermediate` that
    /// the first start makes.
    pub fn of_folder(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            encryption: KeySource::File(data.join("key")),
            tokens: BTreeMap::new(),
            terms: Terms::default(),
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            issuer: AuthorityName::intermediate(),
            profiles: Profiles::default(),
            site: None,
            renew_at: RenewAt::default(),
            expiry_warning: EXPIRY_WARNING,
            crl_lifetime: 7 * DAY,
            ocsp_lifetime: OCSP_LIFETIME,
        }
    }
}
