//! What a health check asks an endpoint by.

use crate::control::Control;
use crate::subject::Subject;
use crate::verdict::Judgement;

/// Whether an endpoint is asked by HTTPS; checks of other checks and of alarms ask none.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    subject.text(path!("HealthCheckConfig.Type")).judge(
        "HealthCheckConfig.Type",
        |kind, at| match &*kind {
            "HTTPS" | "HTTPS_STR_MATCH" => {
                Judgement::pass("the endpoint is asked by HTTPS", at).and(names_server(subject))
            }
            "HTTP" | "HTTP_STR_MATCH" => Judgement::fail("the endpoint is asked by plain HTTP", at),
            "TCP" => by_tcp(subject),
            _ => Judgement::not_applicable(),
        },
        |at| Judgement::unknown("HealthCheckConfig.Type is not set", at),
    )
}

fn by_tcp(subject: &Subject<'_>) -> Judgement {
    subject.number(path!("HealthCheckConfig.Port")).judge(
        "HealthCheckConfig.Port",
        |port, at| match port == 443.0 {
            true => Judgement::pass("the endpoint is asked on port 443", at),
            false => Judgement::fail(format!("the endpoint is asked by TCP on port {port}"), at),
        },
        |at| Judgement::unknown("HealthCheckConfig.Port is not set", at),
    )
}

fn names_server(subject: &Subject<'_>) -> Judgement {
    subject.bool(path!("HealthCheckConfig.EnableSNI")).judge(
        "HealthCheckConfig.EnableSNI",
        |enabled, at| match enabled {
            true => Judgement::pass("the server is named", at),
            false => {
                Judgement::fail("EnableSNI is false, so whichever certificate the address has is taken", at)
            }
        },
        |_| Judgement::not_applicable(),
    )
}
