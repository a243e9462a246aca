//! What an API sends requests on to: by methods and integrations of their own, or by its OpenAPI document.

use serde_json::Value as Json;

use crate::policy::{Place, Renderer, UNKNOWN};
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::test::Held;

/// One way on.
pub(super) struct Integration {
    /// `HTTP_PROXY` and the like, in capitals.
    pub(super) kind: String,
    /// The address, with a made-up name for what is not known; empty where there is none.
    pub(super) url: String,
    /// Whether the certificate behind is not looked at.
    pub(super) skips_verification: Held,
    pub(super) at: Span,
}

/// All integrations that a resource declares; none where its document is not known.
pub(super) fn all(subject: &Subject<'_>) -> Option<Vec<Integration>> {
    match &*subject.resource.kind {
        "AWS::ApiGateway::Method" => Some(of_method(subject)),
        "AWS::ApiGatewayV2::Integration" => {
            Some(vec![integration(subject, "IntegrationType", "IntegrationUri")])
        }
        _ => of_document(subject),
    }
}

fn of_method(subject: &Subject<'_>) -> Vec<Integration> {
    let found = subject.written("Integration").into_iter().next();
    found.map(|_| integration(subject, "Integration.Type", "Integration.Uri")).into_iter().collect()
}

fn integration(subject: &Subject<'_>, kind: &str, url: &str) -> Integration {
    let renderer = Renderer::new(*subject, Place::default());
    let text =
        |path: &str| subject.written(path).into_iter().next().map(|value| (renderer.text(value), value.at));
    let kind = text(kind).map(|(kind, _)| kind.to_ascii_uppercase()).unwrap_or_default();
    let (url, at) = text(url).unwrap_or((String::new(), subject.resource.at));
    let is_method = &*subject.resource.kind == "AWS::ApiGateway::Method";
    let skips_verification = if is_method { skips(subject) } else { Held::No };
    Integration { kind, url, skips_verification, at }
}

/// Terraform says it of an integration by itself, CloudFormation only within a document.
fn skips(subject: &Subject<'_>) -> Held {
    match subject.bool(path!("Integration.TlsConfig.InsecureSkipVerification")) {
        Seen::Known(skips, _) => Held::from(skips),
        Seen::Absent(_) => Held::No,
        Seen::Unknown(why, _) => Held::Unknown(why.to_string()),
    }
}

fn of_document(subject: &Subject<'_>) -> Option<Vec<Integration>> {
    let Some(body) = subject.written("Body").into_iter().next() else {
        // A document in a bucket is none that can be read here.
        return subject.written("BodyS3Location").is_empty().then(Vec::new);
    };
    let document = match Renderer::new(*subject, Place::default()).json(body) {
        Json::String(text) => serde_json::from_str(&text).ok()?,
        document => document,
    };
    let mut found = Vec::new();
    collect(&document, body.at, &mut found);
    Some(found)
}

fn collect(json: &Json, at: Span, found: &mut Vec<Integration>) {
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                match key.eq_ignore_ascii_case("x-amazon-apigateway-integration") {
                    true => found.push(of_extension(value, at)),
                    false => collect(value, at, found),
                }
            }
        }
        Json::Array(elements) => elements.iter().for_each(|element| collect(element, at, found)),
        _ => {}
    }
}

fn of_extension(extension: &Json, at: Span) -> Integration {
    let text = |name: &str| extension.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let skips = extension.pointer("/tlsConfig/insecureSkipVerification");
    let skips_verification = match skips {
        Some(Json::Bool(skips)) => Held::from(*skips),
        Some(Json::String(text)) if text.contains(UNKNOWN) => {
            Held::Unknown("it is given when it is deployed".to_owned())
        }
        Some(Json::String(text)) => Held::from(text.eq_ignore_ascii_case("true")),
        _ => Held::No,
    };
    Integration { kind: text("type").to_ascii_uppercase(), url: text("uri"), skips_verification, at }
}
