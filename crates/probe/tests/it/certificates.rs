//! An authority of the test's own, and what it issues: sound, expired, or by somebody else.

use std::path::{Path, PathBuf};

use hermetic_tls::TrustAnchors;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_RSA_SHA256, SignatureAlgorithm, date_time_ymd,
};

/// Midnight (UTC) of the day so many days ahead.
macro_rules! rcgen_day {
    ($ahead:expr) => {{
        let (year, month, day) = day($ahead);
        date_time_ymd(year, month, day)
    }};
}

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    pub key: String,
}

/// Certificate and key as PEM.
pub struct Issued {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        Self::of_kind(&PKCS_ECDSA_P256_SHA256)
    }

    /// With RSA keys, which old libraries sign with.
    pub fn rsa() -> Self {
        Self::of_kind(&PKCS_RSA_SHA256)
    }

    fn of_kind(kind: &'static SignatureAlgorithm) -> Self {
        let params = Self::params("Probe Test CA");
        let key = KeyPair::generate_for(kind).unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, key: key.serialize_pem(), issuer: Issuer::new(params, key) }
    }

    /// An authority below this one.
    pub fn below(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = Self::params(name);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self { pem, key: key.serialize_pem(), issuer: Issuer::new(params, key) }
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = rcgen_day!(-60);
        params.not_after = rcgen_day!(365);
        params
    }

    pub fn trust(&self) -> TrustAnchors {
        TrustAnchors::from_pem(&self.pem).unwrap()
    }

    pub fn issue(&self, name: &str) -> Issued {
        self.issue_until(name, 30)
    }

    /// Ends at midnight (UTC) of the day that is so many days ahead; expired where that is negative.
    pub fn issue_until(&self, name: &str, days: i64) -> Issued {
        self.issue_with(name, &PKCS_ECDSA_P256_SHA256, |params| params.not_after = rcgen_day!(days))
    }

    /// With a key of this kind, for 90 days of which 60 are over, changed in some way.
    pub fn issue_with(
        &self,
        name: &str,
        kind: &'static SignatureAlgorithm,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Issued {
        self.issue_for(name, &KeyPair::generate_for(kind).unwrap(), change)
    }

    /// The same for a key that is there.
    pub fn issue_for(
        &self,
        name: &str,
        key: &KeyPair,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Issued {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen_day!(-60);
        params.not_after = rcgen_day!(30);
        change(&mut params);
        let certificate = params.signed_by(key, &self.issuer).unwrap().pem();
        Issued { certificate, key: key.serialize_pem() }
    }
}

impl Authority {
    /// The revocation list of today in DER, with these serial numbers.
    pub fn list(&self, revoked: &[u8]) -> Vec<u8> {
        let day = |ahead: i64| rcgen_day!(ahead);
        let revoked = revoked.iter().map(|serial| rcgen::RevokedCertParams {
            serial_number: rcgen::SerialNumber::from_slice(&[*serial]),
            revocation_time: day(-1),
            reason_code: None,
            invalidity_date: None,
        });
        let params = rcgen::CertificateRevocationListParams {
            this_update: day(-2),
            next_update: day(2),
            crl_number: rcgen::SerialNumber::from_slice(&[1]),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().der().to_vec()
    }
}

/// authorityInfoAccess (RFC 5280 section 4.2.2.1): 1 names a responder, 2 an issuer's certificate.
pub fn access(method: u8, url: &str) -> rcgen::CustomExtension {
    let tlv = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
    let method = tlv(6, &[0x2b, 6, 1, 5, 5, 7, 0x30, method]);
    let description = tlv(0x30, &[method, tlv(0x86, url.as_bytes())].concat());
    rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], tlv(0x30, &description))
}

pub fn self_signed(name: &str) -> Issued {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap().pem();
    Issued { certificate, key: key.serialize_pem() }
}

impl Issued {
    /// With these certificates behind it, in this order.
    pub fn with(mut self, chain: &[&str]) -> Self {
        self.certificate += &chain.concat();
        self
    }

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
