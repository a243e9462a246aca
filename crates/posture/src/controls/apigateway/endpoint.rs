//! The endpoints that every API has by itself, beside its domains.

use crate::control::Control;
use crate::controls::tls_policy;
use crate::path::Path;
use crate::subject::{Seen, Subject, text_of};
use crate::test::TlsFloor;
use crate::verdict::Judgement;

/// What a policy must keep to; those of edge-optimized domains are told by their names.
pub(super) fn floor(policy: &str) -> TlsFloor {
    TlsFloor::of(if policy.ends_with("_EDGE") { "apigateway-edge" } else { "apigateway" }, "1.2")
}

/// Whether the default endpoint is on, for then the judgement is about something.
pub(super) fn where_on(api: &Subject<'_>, off: Judgement, judge: impl FnOnce() -> Judgement) -> Judgement {
    match api.bool(path!("DisableExecuteApiEndpoint")) {
        Seen::Known(true, _) => off,
        Seen::Known(false, _) | Seen::Absent(_) => judge(),
        Seen::Unknown(why, _) => judge().unless_sure(&format!("DisableExecuteApiEndpoint: {why}")),
    }
}

/// Whether the default endpoint of an API allows nothing below TLS 1.2, or is off.
pub(super) fn judge_policy(_: &Control, subject: &Subject<'_>) -> Judgement {
    let off = Judgement::pass("the default endpoint is off", subject.resource.at);
    where_on(subject, off, || by_policy(subject))
}

fn by_policy(subject: &Subject<'_>) -> Judgement {
    subject.text(path!("SecurityPolicy")).judge(
        "SecurityPolicy",
        |policy, at| tls_policy::judge(&floor(&policy), &[], &policy, "SecurityPolicy", at),
        |at| {
            let kinds = subject.all(path!("EndpointConfiguration.Types[]"));
            let mut kinds = kinds.into_iter().map(|kind| kind.and_then(text_of));
            match kinds.next() {
                Some(Seen::Known(kind, at)) if &*kind == "PRIVATE" => Judgement::pass(
                    "SecurityPolicy is not set, which stands for TLS_1_2 at a private endpoint",
                    at,
                ),
                Some(Seen::Unknown(why, at)) => {
                    Judgement::unknown(format!("EndpointConfiguration.Types: {why}"), at)
                }
                _ => Judgement::fail("SecurityPolicy is not set, which stands for TLS_1_0", at),
            }
        },
    )
}

/// Types that put an API behind a domain: what they say of the API, and of the domain.
fn mappings() -> [(&'static str, &'static Path, &'static Path); 3] {
    [
        ("AWS::ApiGateway::BasePathMapping", path!("RestApiId"), path!("DomainName")),
        ("AWS::ApiGateway::BasePathMappingV2", path!("RestApiId"), path!("DomainNameArn")),
        ("AWS::ApiGatewayV2::ApiMapping", path!("ApiId"), path!("DomainName")),
    ]
}

/// Whether an API that is behind a domain is reached by nothing else.
pub(super) fn judge_default(_: &Control, subject: &Subject<'_>) -> Judgement {
    let mut mapped = mappings().into_iter().flat_map(|(kind, api, _)| subject.pointed_at_by(kind, api));
    match mapped.next() {
        Some(_) => is_closed(subject),
        None => Judgement::not_applicable(),
    }
}

pub(super) fn is_closed(api: &Subject<'_>) -> Judgement {
    let open = |at| Judgement::fail("its default endpoint is a way around the domain", at);
    api.bool(path!("DisableExecuteApiEndpoint")).judge(
        "DisableExecuteApiEndpoint",
        |disabled, at| if disabled { Judgement::pass("the default endpoint is off", at) } else { open(at) },
        open,
    )
}

/// The APIs that are behind a domain.
pub(super) fn mapped_apis<'g>(domain: &Subject<'g>) -> Vec<Subject<'g>> {
    let mapped = mappings().into_iter().flat_map(|(kind, api, name)| {
        let mappings = domain.graph.of_kind(kind).filter_map(|(id, _)| domain.of(id));
        let of_domain = mappings.filter(|mapping| is_for(domain, mapping, name));
        of_domain.filter_map(|mapping| mapping.target(mapping.value(api).known()?)).collect::<Vec<_>>()
    });
    mapped.collect()
}

/// By reference, or by the same name.
fn is_for<'g>(domain: &Subject<'g>, mapping: &Subject<'g>, name: &Path) -> bool {
    let named = mapping.text(name).known();
    domain.is_target_of(mapping, name)
        || (named.is_some() && named == domain.text(path!("DomainName")).known())
}
