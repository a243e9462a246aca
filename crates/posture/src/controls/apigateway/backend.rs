//! APIs to what is behind them.

use std::sync::Arc;

use crate::control::Control;
use crate::policy::{Place, Renderer, UNKNOWN};
use crate::subject::{Seen, Subject, text_of};
use crate::test::Held;
use crate::value::Node;
use crate::verdict::Judgement;

use super::integration::{self, Integration};

const UNREAD: &str = "the OpenAPI document can't be read here";

/// Whether no integration goes to an address by HTTP.
pub(super) fn judge_urls(_: &Control, subject: &Subject<'_>) -> Judgement {
    match integration::all(subject) {
        None => Judgement::unknown(UNREAD, subject.resource.at),
        Some(all) => all.iter().map(url).chain(quick(subject)).collect(),
    }
}

/// The address of an HTTP API that is made with its one target at once.
fn quick(subject: &Subject<'_>) -> Option<Judgement> {
    if &*subject.resource.kind != "AWS::ApiGatewayV2::Api" {
        return None;
    }
    let target = subject.written("Target").into_iter().next()?;
    Some(url(&Integration {
        kind: "HTTP_PROXY".into(),
        url: Renderer::new(*subject, Place::default()).text(target),
        skips_verification: Held::No,
        at: target.at,
    }))
}

fn url(integration: &Integration) -> Judgement {
    let Integration { kind, url, at, .. } = integration;
    if !may_be_http(kind) {
        return Judgement::not_applicable();
    }
    let starts =
        |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if starts("https://") {
        Judgement::pass("it calls an address by HTTPS", *at)
    } else if starts("http://") {
        Judgement::fail(format!("it calls {} by plain HTTP", shown(url)), *at)
    } else if url.starts_with("${stageVariables.") || url.contains(UNKNOWN) {
        Judgement::unknown("the scheme of what it calls is not known", *at)
    } else {
        Judgement::not_applicable()
    }
}

fn may_be_http(kind: &str) -> bool {
    ["HTTP", "HTTP_PROXY", ""].contains(&kind) || kind.contains(&UNKNOWN.to_ascii_uppercase())
}

/// An address without what was made up.
fn shown(url: &str) -> &str {
    if url.contains(UNKNOWN) { "an address" } else { url }
}

/// Whether no integration skips the certificate behind it.
pub(super) fn judge_verification(_: &Control, subject: &Subject<'_>) -> Judgement {
    let Some(all) = integration::all(subject) else {
        return Judgement::unknown(UNREAD, subject.resource.at);
    };
    let by_http = all.iter().filter(|it| may_be_http(&it.kind) && !it.kind.is_empty());
    let judged = by_http.map(|it| match &it.skips_verification {
        Held::Yes => {
            Judgement::fail("insecureSkipVerification is true: any certificate behind it is taken", it.at)
        }
        Held::No => Judgement::pass("the certificate behind it is verified", it.at),
        Held::Unknown(why) => Judgement::unknown(format!("insecureSkipVerification: {why}"), it.at),
    });
    judged.collect()
}

/// Whether an integration within a VPC link asks for TLS.
pub(super) fn judge_private(_: &Control, subject: &Subject<'_>) -> Judgement {
    let is_private = |connection: Option<Arc<str>>| connection.as_deref() == Some("VPC_LINK");
    subject.text(path!("ConnectionType")).judge_if("ConnectionType", is_private, || {
        subject.value(path!("TlsConfig")).judge(
            "TlsConfig",
            |_, at| Judgement::pass("a private integration has a TlsConfig", at),
            |at| Judgement::fail("a private integration has no TlsConfig, and speaks plain HTTP", at),
        )
    })
}

/// Whether a stage shows its backends a client certificate, where there is a backend to show it to.
pub(super) fn judge_client_certificate(control: &Control, subject: &Subject<'_>) -> Judgement {
    let is_stage = &*subject.resource.kind == "AWS::ApiGateway::Stage";
    let certificate = match is_stage {
        true => subject.value(path!("ClientCertificateId")),
        // A deployment makes a stage only where it names one.
        false if matches!(subject.value(path!("StageName")), Seen::Absent(_)) => {
            return Judgement::not_applicable();
        }
        false => subject.value(path!("StageDescription.ClientCertificateId")),
    };
    if verifies_nothing(subject) {
        return Judgement::not_applicable();
    }
    let listed = control.listed("certificate_ids");
    let none = |at| Judgement::fail("it shows its backends no client certificate", at);
    match certificate {
        // Which resource of the template it is does not matter where none is listed.
        Seen::Known(value, at) if listed.is_empty() && matches!(value.node, Node::Reference(_)) => {
            Judgement::pass("it shows its backends a client certificate", at)
        }
        set => set.and_then(text_of).judge(
            "ClientCertificateId",
            |id, at| match &*id {
                "" => none(at),
                id if listed.is_empty() || listed.contains(&id) => {
                    Judgement::pass(format!("it shows its backends {id}"), at)
                }
                id => Judgement::fail(format!("the client certificate {id} is not in the list"), at),
            },
            none,
        ),
    }
}

/// Whether all integrations of the API are known, and none goes to a server.
fn verifies_nothing(stage: &Subject<'_>) -> bool {
    let api = stage.value(path!("RestApiId")).known().and_then(|api| stage.target(api));
    let Some(api) = api else { return false };
    let methods = api.pointed_at_by("AWS::ApiGateway::Method", path!("RestApiId"));
    let mut all: Vec<Integration> = methods.iter().filter_map(integration::all).flatten().collect();
    match integration::all(&api) {
        None => return false,
        Some(own) => all.extend(own),
    }
    !all.is_empty() && all.iter().all(|it| ["MOCK", "AWS", "AWS_PROXY"].contains(&it.kind.as_str()))
}
