//! Strict-Transport-Security: viewers come back by HTTPS by themselves.

use crate::control::Control;
use crate::subject::{Seen, Subject, bool_of, number_of, text_of};
use crate::value::Value;
use crate::verdict::Judgement;

use super::behavior;

/// CloudFront's managed policies that send the header (CloudFront developer guide, managed response headers policies).
const MANAGED: [&str; 3] = [
    "67f7725c-6f97-4210-82d7-5512b31e9d03",
    "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
];

/// And those that do not: they are about CORS alone.
const MANAGED_WITHOUT: [&str; 2] =
    ["60669652-455b-4ae9-85a4-c4c02393f86c", "5cc3b908-e619-4b99-88e5-2cf7f45965bd"];

/// Whether a response headers policy sends the header, and whether each cache behavior has one that does.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    if &*subject.resource.kind == "AWS::CloudFront::ResponseHeadersPolicy" {
        return of_policy(control, subject);
    }
    let each = behavior::all(subject).into_iter().map(|behavior| {
        let none = |_| Judgement::not_applicable();
        behavior.judge("a cache behavior", |behavior, _| of_behavior(control, subject, behavior), none)
    });
    each.collect()
}

fn of_behavior<'g>(control: &Control, subject: &Subject<'g>, behavior: &'g Value) -> Judgement {
    let id = subject.value_in(behavior, path!("ResponseHeadersPolicyId"));
    let unset = |at| Judgement::fail("a cache behavior has no ResponseHeadersPolicyId", at);
    if let Seen::Known(value, at) = &id
        && let Some(policy) = subject.target(value)
    {
        let mut judged = of_policy(control, &policy);
        judged.grounds.iter_mut().for_each(|ground| ground.at = *at);
        return judged;
    }
    id.and_then(text_of).judge(
        "ResponseHeadersPolicyId",
        |id, at| match MANAGED.contains(&&*id) {
            true => Judgement::pass("a managed policy sends Strict-Transport-Security", at),
            false if id.is_empty() => unset(at),
            false if MANAGED_WITHOUT.contains(&&*id) => {
                Judgement::fail("a managed policy without Strict-Transport-Security", at)
            }
            false => Judgement::unknown(format!("the response headers policy {id} was not read"), at),
        },
        unset,
    )
}

fn of_policy(control: &Control, policy: &Subject<'_>) -> Judgement {
    let is_true = |seen: Seen<&Value>, name: &str| {
        let said = |at| Judgement::fail(format!("{name} of Strict-Transport-Security is not true"), at);
        seen.and_then(bool_of).judge(
            name,
            |is, at| if is { Judgement::pass(format!("{name} is true"), at) } else { said(at) },
            said,
        )
    };
    let header = path!("ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity");
    if let Seen::Absent(at) = policy.value(header) {
        return Judgement::fail("the response headers policy sends no Strict-Transport-Security", at);
    }
    let least = control.parameters.get("min_max_age").and_then(toml::Value::as_integer).unwrap_or(31_536_000);
    let age = policy.value(path!(
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec"
    ));
    #[expect(clippy::cast_precision_loss, reason = "an age in seconds is far below 2^52")]
    let least = least as f64;
    let age = age.and_then(number_of).judge(
        "AccessControlMaxAgeSec",
        |age, at| match age >= least {
            true => Judgement::pass(format!("Strict-Transport-Security holds for {age} seconds"), at),
            false => Judgement::fail(format!("Strict-Transport-Security holds for {age} seconds"), at),
        },
        |at| Judgement::fail("AccessControlMaxAgeSec is not set", at),
    );
    let subdomains = policy.value(path!(
        "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.IncludeSubdomains"
    ));
    let over = policy
        .value(path!("ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.Override"));
    let preload = policy
        .value(path!("ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.Preload"));
    let judged = age.and(is_true(subdomains, "IncludeSubdomains")).and(is_true(over, "Override"));
    match control.flag("require_preload") {
        true => judged.and(is_true(preload, "Preload")),
        false => judged,
    }
}
