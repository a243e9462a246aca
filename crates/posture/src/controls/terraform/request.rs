//! Requests that Terraform makes while it plans.

use crate::control::Control;
use crate::subject::Subject;
use crate::test::{Held, begins};
use crate::value::{Node, Reference, Value};
use crate::verdict::Judgement;

/// Judges the URL of a request.
pub(super) fn judge(_: &Control, request: &Subject<'_>) -> Judgement {
    request.value(path!("url")).judge(
        "url",
        |url, at| {
            let secret = match has_secret(request, url) {
                true => Judgement::fail("a secret is part of the url", at),
                false => Judgement::not_applicable(),
            };
            let cleartext = match begins(url, &["http://"]) {
                Held::Yes => Judgement::fail("the url begins with http://", at),
                Held::No => Judgement::pass("the url does not begin with http://", at),
                Held::Unknown(why) => Judgement::unknown(format!("url: {why}"), at),
            };
            secret.and(cleartext)
        },
        |at| Judgement::unknown("url is not set", at),
    )
}

fn has_secret<'g>(request: &Subject<'g>, value: &'g Value) -> bool {
    match &request.resolve(value).node {
        Node::Pieces(pieces) => pieces.iter().any(|piece| has_secret(request, piece)),
        Node::Reference(reference) => is_secret(request, reference),
        _ => false,
    }
}

/// The name and the ARN of a secret are none.
fn is_secret(request: &Subject<'_>, reference: &Reference) -> bool {
    let value = reference.attribute.as_deref().unwrap_or_default().to_ascii_lowercase().replace('_', "");
    if !["value", "insecurevalue", "secretstring", "secretbinary"].contains(&&*value) {
        return false;
    }
    let kind = request.graph.target(reference).and_then(|id| request.graph.resource(id)).map(|it| &*it.kind);
    kind.is_some_and(|kind| {
        kind.starts_with("AWS::SSM::Parameter") || kind.starts_with("AWS::SecretsManager::")
    }) || ["aws_ssm_parameter", "aws_secretsmanager_secret_version"]
        .iter()
        .any(|it| reference.name.contains(it))
}
