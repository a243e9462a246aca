//! Security configurations of EMR on EKS: the secrets that hold certificate and key.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// What must be named; which secret it is does not matter, so a parameter will do.
const SECRETS: &[&str] = &["PublicKeySecretArn", "PrivateKeySecretArn"];

/// Judges a security configuration.
pub(super) fn judge(_: &Control, security: &Subject<'_>) -> Judgement {
    let path = path!(
        "SecurityConfigurationData.EncryptionConfiguration.InTransitEncryptionConfiguration.TLSCertificateConfiguration"
    );
    match security.value(path) {
        Seen::Known(certificates, at) => {
            let named = |name: &&str| match certificates.entry(name) {
                Some(_) => Judgement::pass(format!("{name} is set"), at),
                None => Judgement::fail(format!("{name} is not set"), at),
            };
            SECRETS.iter().map(named).collect()
        }
        Seen::Absent(at) => Judgement::fail("there is no TLSCertificateConfiguration", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("TLSCertificateConfiguration: {why}"), at),
    }
}
