//! Certificates of others for tests, made by rcgen: an issuer that shares nothing with ours.

use hermetic_keys::PrivateKey;
use hermetic_tls::Certificate;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use crate::material::{Certified, Contents, Material};

/// Somebody with a key and a certificate, which is good from January 2026 for 180 days.
pub(crate) struct Party {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) der: Vec<u8>,
}

/// An instant at which their certificates are valid.
pub(crate) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// A root authority.
pub(crate) fn root(name: &str) -> Party {
    root_with(name, |_| ())
}

/// The same, changed in some way.
pub(crate) fn root_with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Party {
    let mut params = authority_params(name);
    change(&mut params);
    self_signed(params)
}

/// Somebody who signed for themselves, for a host name.
pub(crate) fn self_signed_leaf(name: &str) -> Party {
    self_signed(leaf_params(name))
}

fn self_signed(params: CertificateParams) -> Party {
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Party { params, key, der }
}

impl Party {
    /// An authority under this one.
    pub(crate) fn authority(&self, name: &str) -> Self {
        self.authority_with(name, |_| ())
    }

    /// The same, changed in some way.
    pub(crate) fn authority_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = authority_params(name);
        change(&mut params);
        self.certify(params, KeyPair::generate().unwrap())
    }

    /// A leaf under this authority, for a host name.
    pub(crate) fn leaf(&self, name: &str) -> Self {
        self.leaf_with(name, |_| ())
    }

    /// The same, changed in some way.
    pub(crate) fn leaf_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = leaf_params(name);
        change(&mut params);
        self.certify(params, KeyPair::generate().unwrap())
    }

    /// A certificate of this authority's for a key.
    pub(crate) fn certify(&self, params: CertificateParams, key: KeyPair) -> Self {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let der = params.signed_by(&key, &issuer).unwrap().der().to_vec();
        Self { params, key, der }
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.der).unwrap()
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate().to_pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    pub(crate) fn private_key(&self) -> PrivateKey {
        PrivateKey::from_pkcs8(&self.key.serialize_der()).unwrap()
    }

    /// The certificate with its key and these behind it.
    pub(crate) fn material(&self, chain: &[&Self]) -> Material {
        let chain: String = chain.iter().map(|party| party.pem()).collect();
        Contents::read((self.pem() + &self.key_pem() + &chain).as_bytes(), None).unwrap().material().unwrap()
    }

    /// The certificate with these behind it.
    pub(crate) fn certified(&self, chain: &[&Self]) -> Certified {
        let chain = chain.iter().map(|party| party.certificate()).collect();
        Certified { leaf: self.certificate(), chain }
    }
}

pub(crate) fn authority_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.subject_alt_names = CertificateParams::new([name.to_owned()]).unwrap().subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2026, 6, 30);
    params.use_authority_key_identifier_extension = true;
    params
}
