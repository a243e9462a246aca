//! Inspection of TLS, which ends it on the way: where it is asked for, it must not weaken what it opens.

use crate::control::Control;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::Judgement;

/// Whether a policy inspects TLS, and whether an inspection refuses what was revoked; only where `required` is true.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    if !control.flag("required") {
        return Judgement::not_applicable();
    }
    match &*subject.resource.kind {
        "AWS::NetworkFirewall::FirewallPolicy" => of_policy(subject),
        _ => of_inspection(subject),
    }
}

fn of_policy(subject: &Subject<'_>) -> Judgement {
    let inspects = match subject.value(path!("FirewallPolicy.TLSInspectionConfigurationArn")) {
        Seen::Absent(at) => {
            Judgement::fail("it does not look inside TLS: TLSInspectionConfigurationArn is not set", at)
        }
        set => Judgement::pass("it looks inside TLS", set.at()),
    };
    let lets_through = |at| {
        Judgement::fail(
            "EnableTLSSessionHolding is not true: the first packets get through before a verdict",
            at,
        )
    };
    let holds = subject.bool(path!("FirewallPolicy.EnableTLSSessionHolding")).judge(
        "EnableTLSSessionHolding",
        |holds, at| {
            if holds { Judgement::pass("it holds a session until its verdict", at) } else { lets_through(at) }
        },
        lets_through,
    );
    inspects.and(holds)
}

fn of_inspection(subject: &Subject<'_>) -> Judgement {
    let all = subject.all(path!("TLSInspectionConfiguration.ServerCertificateConfigurations[]"));
    if all.is_empty() {
        return Judgement::unknown("ServerCertificateConfigurations is not set", subject.resource.at);
    }
    let judged = all.into_iter().map(|configuration| {
        let none = |at| Judgement::unknown("ServerCertificateConfigurations is not set", at);
        configuration.judge("ServerCertificateConfigurations", |it, _| refuses_revoked(subject, it), none)
    });
    judged.collect()
}

fn refuses_revoked<'g>(subject: &Subject<'g>, configuration: &'g Value) -> Judgement {
    let taken = |at| Judgement::fail("it re-signs servers whose certificates were revoked", at);
    let action =
        subject.value_in(configuration, path!("CheckCertificateRevocationStatus.RevokedStatusAction"));
    action.and_then(text_of).judge(
        "RevokedStatusAction",
        |action, at| match &*action {
            "DROP" | "REJECT" => Judgement::pass("servers whose certificates were revoked are refused", at),
            _ => taken(at),
        },
        taken,
    )
}
