//! Security configurations that encrypt between nodes, and clusters that have one.

use crate::control::Control;
use crate::controls::document::document;
use crate::controls::relation::{Meant, meant};
use crate::subject::{Seen, Subject, bool_of};
use crate::value::Value;
use crate::verdict::Judgement;

/// Judges a cluster by its security configuration.
pub(super) fn cluster(control: &Control, cluster: &Subject<'_>) -> Judgement {
    match cluster.value(path!("SecurityConfiguration")) {
        Seen::Absent(at) => Judgement::fail("the cluster has no security configuration", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("SecurityConfiguration: {why}"), at),
        Seen::Known(value, at) => {
            match meant(cluster, value, "AWS::EMR::SecurityConfiguration", path!("Name")) {
                Meant::Declared(security) => configuration(control, &security),
                Meant::Elsewhere(name) => {
                    Judgement::unknown(format!("security configuration {name} is not declared here"), at)
                }
                Meant::Unknown(why) => Judgement::unknown(format!("SecurityConfiguration: {why}"), at),
            }
        }
    }
}

/// Judges a security configuration.
pub(super) fn configuration(_: &Control, security: &Subject<'_>) -> Judgement {
    match document(security, path!("SecurityConfiguration")) {
        Seen::Known(document, _) => enabled(security, &document).and(certificates(security, &document)),
        Seen::Absent(at) => Judgement::fail("SecurityConfiguration is empty", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("SecurityConfiguration: {why}"), at),
    }
}

fn enabled(security: &Subject<'_>, document: &Value) -> Judgement {
    let path = path!("EncryptionConfiguration.EnableInTransitEncryption");
    match security.below(document, path).into_iter().next().map(|seen| seen.and_then(bool_of)) {
        Some(Seen::Known(true, at)) => Judgement::pass("EnableInTransitEncryption is true", at),
        Some(Seen::Unknown(why, at)) => Judgement::unknown(format!("EnableInTransitEncryption: {why}"), at),
        Some(Seen::Known(false, at) | Seen::Absent(at)) => {
            Judgement::fail("EnableInTransitEncryption is not true", at)
        }
        None => Judgement::fail("EnableInTransitEncryption is not there", document.at),
    }
}

fn certificates(security: &Subject<'_>, document: &Value) -> Judgement {
    let path = path!(
        "EncryptionConfiguration.InTransitEncryptionConfiguration.TLSCertificateConfiguration.CertificateProviderType"
    );
    match security.below(document, path).into_iter().next() {
        Some(Seen::Known(_, at)) => Judgement::pass("TLSCertificateConfiguration has a provider", at),
        Some(Seen::Unknown(why, at)) => Judgement::unknown(format!("TLSCertificateConfiguration: {why}"), at),
        Some(Seen::Absent(at)) => Judgement::fail("TLSCertificateConfiguration has no provider", at),
        None => Judgement::fail("TLSCertificateConfiguration is not there", document.at),
    }
}
