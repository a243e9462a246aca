//! VPC endpoints: the one place that sees every request of a network to a service.

use crate::control::Control;
use crate::controls::secure_transport;
use crate::policy::{Place, Renderer, UNKNOWN};
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Whether the policy of an endpoint refuses cleartext, to a resource of its service that no policy names.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    let kinds = control.listed("endpoint_types");
    match subject.text(path!("VpcEndpointType")) {
        Seen::Known(kind, _) if !kinds.contains(&&*kind) => return Judgement::not_applicable(),
        Seen::Unknown(why, at) => return Judgement::unknown(format!("VpcEndpointType: {why}"), at),
        // Where nothing is written it is a gateway.
        Seen::Known(..) | Seen::Absent(_) => {}
    }
    let Some(document) = subject.written("PolicyDocument").into_iter().next() else {
        return Judgement::fail("it has no PolicyDocument, and lets everything through", subject.resource.at);
    };
    match service(subject) {
        Ok(service) => secure_transport::judge_document(control, subject, document, &service),
        Err(why) => Judgement::unknown(why, subject.resource.at),
    }
}

/// The service of `com.amazonaws.region.service`, whatever stands behind it, as in `ecr.api`, by its prefix in actions.
fn service(subject: &Subject<'_>) -> Result<String, String> {
    let renderer = Renderer::new(*subject, Place::default());
    let name = subject.written("ServiceName").into_iter().next().map(|name| renderer.text(name));
    let name = name.unwrap_or_default();
    let service = name.split('.').nth(3).unwrap_or_default();
    if service.contains(UNKNOWN) || name.starts_with(UNKNOWN) {
        return Err("ServiceName is not known".to_owned());
    }
    if !name.starts_with("com.amazonaws.") || name.starts_with("com.amazonaws.vpce.") || service.is_empty() {
        return Err(format!("what actions `{name}` has is not known"));
    }
    let prefix = PREFIXES.iter().find(|(endpoint, _)| *endpoint == service).map(|(_, prefix)| *prefix);
    Ok(prefix.unwrap_or(service).to_owned())
}

/// Services whose endpoints are called otherwise than their actions (Service Authorization Reference; AWS PrivateLink
/// guide, services that integrate).
const PREFIXES: [(&str, &str); 13] = [
    ("bedrock-agent", "bedrock"),
    ("bedrock-agent-runtime", "bedrock"),
    ("bedrock-mantle", "bedrock"),
    ("bedrock-runtime", "bedrock"),
    ("ecs-agent", "ecs"),
    ("ecs-telemetry", "ecs"),
    ("email", "ses"),
    ("git-codecommit", "codecommit"),
    ("kinesis-firehose", "firehose"),
    ("kinesis-streams", "kinesis"),
    ("monitoring", "cloudwatch"),
    ("streaming-rekognition", "rekognition"),
    ("sync-states", "states"),
];
