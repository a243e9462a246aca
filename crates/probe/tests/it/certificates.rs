//! An authority of the test's own, and what it issues: sound, expired, or by somebody else.

use std::path::{Path, PathBuf};

use hermetic_tls::TrustAnchors;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// Certificate and key as PEM.
pub struct Issued {
    certificate: String,
    key: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Probe Test CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub fn trust(&self) -> TrustAnchors {
        TrustAnchors::from_pem(&self.pem).unwrap()
    }

    pub fn issue(&self, name: &str) -> Issued {
        self.issue_until(name, 30)
    }

    /// Ends at midnight (UTC) of the day that is so many days ahead; expired where that is negative.
    pub fn issue_until(&self, name: &str, days: i64) -> Issued {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let midnight = |(year, month, day)| date_time_ymd(year, month, day);
        params.not_before = midnight(day(-60));
        params.not_after = midnight(day(days));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Issued { certificate, key: key.serialize_pem() }
    }
}

pub fn self_signed(name: &str) -> Issued {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap().pem();
    Issued { certificate, key: key.serialize_pem() }
}

impl Issued {
    /// Writes both into the folder; the paths of certificate and key.
    pub fn write(&self, folder: &Path) -> (PathBuf, PathBuf) {
        use std::os::unix::fs::PermissionsExt;
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, &self.certificate).unwrap();
        std::fs::write(&key, &self.key).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        (certificate, key)
    }
}

/// The day so many days ahead.
fn day(ahead: i64) -> (i32, u8, u8) {
    let date = TimeZone::UTC.to_datetime(Timestamp::now()).date() + ahead.days();
    (date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
}
