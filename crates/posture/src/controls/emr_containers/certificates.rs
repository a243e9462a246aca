//! Security configurations of EMR on EKS: the secrets that hold certificate and key.

use crate::control::Control;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Judges a security configuration. Which secrets it names does not matter, so parameters will do.
pub(super) fn judge(_: &Control, security: &Subject<'_>) -> Judgement {
    let path = path!(
        "SecurityConfigurationData.EncryptionConfiguration.InTransitEncryptionConfiguration.TLSCertificateConfiguration"
    );
    match security.value(path) {
        Seen::Known(certificates, at) => {
            let named = |name: &str, path| match security.value_in(certificates, path) {
                Seen::Absent(_) => Judgement::fail(format!("{name} is not set"), at),
                _ => Judgement::pass(format!("{name} is set"), at),
            };
            named("PublicKeySecretArn", path!("PublicKeySecretArn"))
                .and(named("PrivateKeySecretArn", path!("PrivateKeySecretArn")))
        }
        Seen::Absent(at) => Judgement::fail("there is no TLSCertificateConfiguration", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("TLSCertificateConfiguration: {why}"), at),
    }
}
