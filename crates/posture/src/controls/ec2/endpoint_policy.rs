//! VPC endpoints: the one place that sees every request of a network to a service.

use hermetic_iam::services::Service;

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
        Ok(service) => secure_transport::judge_document(control, subject, document, &any_of(service)),
        Err(why) => Judgement::unknown(why, subject.resource.at),
    }
}

/// The service of `com.amazonaws.region.service`, whatever stands behind it, as in `ecr.api`.
fn service(subject: &Subject<'_>) -> Result<&'static Service, String> {
    let renderer = Renderer::new(*subject, Place::default());
    let name = subject.written("ServiceName").into_iter().next().map(|name| renderer.text(name));
    let name = name.unwrap_or_default();
    let service = name.split('.').nth(3).unwrap_or_default();
    if service.contains(UNKNOWN) || name.starts_with(UNKNOWN) {
        return Err("ServiceName is not known".to_owned());
    }
    Service::named(service).ok_or_else(|| format!("the actions of `{name}` are not known here"))
}

fn any_of(service: &Service) -> String {
    if service.name == "s3" {
        return "arn:aws:s3:::any-bucket".to_owned();
    }
    let mut arn = String::new();
    let mut rest = service.types.first().map_or("", |kind| kind.arn);
    while let Some((before, inner)) = rest.split_once("${") {
        let (name, behind) = inner.split_once('}').unwrap_or((inner, ""));
        arn.push_str(before);
        arn.push_str(match name {
            "Partition" => "aws",
            "Region" => "us-east-1",
            "Account" => "111122223333",
            _ => "any",
        });
        rest = behind;
    }
    arn + rest
}
