//! How MSK clusters encrypt, and whom they let in. Serverless clusters have TLS and IAM alone.

use hermetic_hop::Severity;

use crate::control::Control;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::Node;
use crate::verdict::{Judgement, Standing};

/// Judges what brokers speak among themselves.
pub(super) fn in_cluster(_: &Control, cluster: &Subject<'_>) -> Judgement {
    if is_serverless(cluster) {
        return Judgement::pass("serverless clusters always encrypt", cluster.resource.at);
    }
    match cluster.bool(path!("EncryptionInfo.EncryptionInTransit.InCluster")) {
        Seen::Known(true, at) | Seen::Absent(at) => Judgement::pass("InCluster is true", at),
        Seen::Known(false, at) => Judgement::fail("InCluster is false", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("InCluster: {why}"), at),
    }
}

/// Judges what clients may speak.
pub(super) fn client_broker(_: &Control, cluster: &Subject<'_>) -> Judgement {
    if is_serverless(cluster) {
        return Judgement::pass("serverless clusters have TLS alone", cluster.resource.at);
    }
    match cluster.text(path!("EncryptionInfo.EncryptionInTransit.ClientBroker")) {
        Seen::Known(mode, at) if &*mode == "TLS" => Judgement::pass("ClientBroker is TLS", at),
        Seen::Absent(at) => Judgement::pass("ClientBroker is not set, which is TLS", at),
        // It takes TLS too, so whoever asks for it is encrypted.
        Seen::Known(mode, at) if &*mode == "TLS_PLAINTEXT" => {
            Judgement::fail(format!("ClientBroker is {mode}: clear text is taken too"), at)
                .weighing(Severity::Medium)
        }
        Seen::Known(mode, at) => Judgement::fail(format!("ClientBroker is {mode}: clear text is taken"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("ClientBroker: {why}"), at),
    }
}

/// Judges whether clients need not say who they are where they may speak clear text, and by `require_mtls` whether
/// they need a certificate.
pub(super) fn authentication(control: &Control, cluster: &Subject<'_>) -> Judgement {
    let named = match cluster.bool(path!("ClientAuthentication.Unauthenticated.Enabled")) {
        Seen::Known(true, at) => Judgement::fail("clients without a name may speak clear text", at),
        Seen::Known(false, at) => Judgement::pass("Unauthenticated is not enabled", at),
        Seen::Absent(_) => by_any_name(cluster),
        Seen::Unknown(why, at) => Judgement::unknown(format!("Unauthenticated: {why}"), at),
    };
    let in_tls = match client_broker(control, cluster) {
        broker if broker.standing == Standing::Fail => Judgement::not_applicable(),
        broker => broker,
    };
    let judged = in_tls.or(named);
    match control.parameters.get("require_mtls").and_then(toml::Value::as_bool) {
        Some(true) => judged.and(mutual(cluster)),
        _ => judged,
    }
}

/// Where no way to say who one is is switched on, clients need not.
fn by_any_name(cluster: &Subject<'_>) -> Judgement {
    let mutual = path!("ClientAuthentication.Tls.Enabled");
    let ways = [
        path!("ClientAuthentication.Sasl.Iam.Enabled"),
        path!("ClientAuthentication.Sasl.Scram.Enabled"),
        mutual,
    ];
    let nobody = |at| Judgement::fail("no ClientAuthentication, so clients need not say who they are", at);
    let way = |path: &Path| match cluster.bool(path) {
        Seen::Known(true, at) => Judgement::pass(format!("{path} is true"), at),
        Seen::Known(false, at) | Seen::Absent(at) => nobody(at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{path}: {why}"), at),
    };
    let authorities = match cluster.value(path!("ClientAuthentication.Tls.CertificateAuthorityArnList")) {
        // A list of authorities alone switches it on in the first version of the API.
        Seen::Known(_, at) if matches!(cluster.value(mutual), Seen::Absent(_)) => {
            Judgement::pass("authorities of clients are named", at)
        }
        _ => Judgement::not_applicable(),
    };
    ways.into_iter().map(way).fold(authorities, Judgement::or)
}

fn mutual(cluster: &Subject<'_>) -> Judgement {
    let enabled = match cluster.bool(path!("ClientAuthentication.Tls.Enabled")) {
        // A list of authorities alone switches it on in the first version of the API.
        Seen::Known(true, at) | Seen::Absent(at) => Judgement::pass("Tls is enabled", at),
        Seen::Known(false, at) => Judgement::fail("clients need no certificate: Tls.Enabled is false", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("Tls.Enabled: {why}"), at),
    };
    let authorities = match cluster.value(path!("ClientAuthentication.Tls.CertificateAuthorityArnList")) {
        Seen::Known(list, at) => match &list.node {
            Node::List(list) if list.is_empty() => {
                Judgement::fail("CertificateAuthorityArnList is empty", at)
            }
            _ => Judgement::pass("authorities of clients are named", at),
        },
        Seen::Absent(at) => Judgement::fail("no authority of clients is named", at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("CertificateAuthorityArnList: {why}"), at),
    };
    enabled.and(authorities)
}

fn is_serverless(cluster: &Subject<'_>) -> bool {
    &*cluster.resource.kind == "AWS::MSK::ServerlessCluster"
}
