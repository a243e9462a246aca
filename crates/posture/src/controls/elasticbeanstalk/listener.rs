//! Listeners of environments, by their option settings. More may come from saved configurations and `.ebextensions`,
//! which no template has: what is not set here is not known.

use std::sync::Arc;

use crate::control::Control;
use crate::controls::tls_policy;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::test::{Held, TlsFloor};
use crate::value::{Unknown, Value};
use crate::verdict::Judgement;

/// One option setting.
struct Setting {
    namespace: Arc<str>,
    name: Arc<str>,
    value: Seen<Arc<str>>,
}

/// Whether an environment behind a load balancer listens to HTTPS alone.
pub(super) fn judge(_: &Control, subject: &Subject<'_>) -> Judgement {
    let settings = settings(subject);
    let at = subject.resource.at;
    let judged = || {
        let listeners = has_https(&settings, at).and(clear_is_off(&settings, at));
        listeners.and(policies(&settings)).and(others(&settings))
    };
    match has_no_balancer(subject, &settings) {
        Held::Yes => Judgement::not_applicable(),
        Held::No => judged(),
        Held::Unknown(why) => judged().unless_sure(&why),
    }
}

/// Whether what comes to the balancer of an environment is TLS alone; none where it has no balancer.
pub(crate) fn listeners(environment: &Subject<'_>) -> Option<Judgement> {
    let settings = settings(environment);
    let at = environment.resource.at;
    let judged = || has_https(&settings, at).and(clear_is_off(&settings, at)).and(others(&settings));
    match has_no_balancer(environment, &settings) {
        Held::Yes => None,
        Held::No => Some(judged()),
        Held::Unknown(why) => Some(judged().unless_sure(&why)),
    }
}

/// What the balancer of an environment speaks to its instances.
pub(crate) fn to_instances(environment: &Subject<'_>) -> Seen<Arc<str>> {
    let settings = settings(environment);
    let spoken = settings.iter().filter(|it| match &*it.name {
        "Protocol" => it.namespace.starts_with("aws:elasticbeanstalk:environment:process:"),
        "InstanceProtocol" => it.namespace.starts_with("aws:elb:listener"),
        _ => false,
    });
    // Of several, that which is in clear.
    let is_tls = |it: &&Setting| matches!(&it.value, Seen::Known(protocol, _) if ["HTTPS", "SSL", "TLS"].iter().any(|tls| protocol.eq_ignore_ascii_case(tls)));
    spoken.min_by_key(is_tls).map_or(Seen::Absent(environment.resource.at), |it| it.value.clone())
}

/// Whether it is a worker or a single instance.
fn has_no_balancer(subject: &Subject<'_>, settings: &[Setting]) -> Held {
    let is = |what: &str, seen: &Seen<Arc<str>>, wanted: &str| match seen {
        Seen::Known(value, _) => Held::from(value.eq_ignore_ascii_case(wanted)),
        Seen::Absent(_) => Held::No,
        Seen::Unknown(why, _) => Held::Unknown(format!("{what}: {why}")),
    };
    let worker = match subject.resource.kind.ends_with("Environment") {
        true => is("Tier.Name", &subject.text(path!("Tier.Name")), "Worker"),
        false => Held::No,
    };
    let kind = find(settings, "aws:elasticbeanstalk:environment", "EnvironmentType");
    worker.or(kind.map_or(Held::No, |kind| is("EnvironmentType", kind, "SingleInstance")))
}

/// The settings of the environment, and behind them those of its template.
fn settings(subject: &Subject<'_>) -> Vec<Setting> {
    let mut settings = of_one(subject);
    if subject.resource.kind.ends_with("Environment") {
        let template = subject.value(path!("TemplateName")).known().and_then(|it| subject.target(it));
        settings.extend(template.iter().flat_map(of_one));
    }
    settings
}

fn of_one(subject: &Subject<'_>) -> Vec<Setting> {
    let setting = |element: Seen<&Value>| match element {
        Seen::Known(element, _) => {
            let text = |path| subject.value_in(element, path).and_then(text_of);
            match (text(path!("Namespace")), text(path!("OptionName"))) {
                (Seen::Known(namespace, _), Seen::Known(name, _)) => {
                    Some(Setting { namespace, name, value: text(path!("Value")) })
                }
                (Seen::Unknown(why, at), _) | (_, Seen::Unknown(why, at)) => Some(Setting::unknown(why, at)),
                _ => None,
            }
        }
        Seen::Absent(_) => None,
        Seen::Unknown(why, at) => Some(Setting::unknown(why, at)),
    };
    subject.all(path!("OptionSettings[]")).into_iter().filter_map(setting).collect()
}

impl Setting {
    /// One of which nobody knows what it is about: it may make a listener more.
    fn unknown(why: Arc<Unknown>, at: Span) -> Self {
        Self { namespace: "".into(), name: "".into(), value: Seen::Unknown(why, at) }
    }
}

/// What nobody knows may undo what is seen.
fn others(settings: &[Setting]) -> Judgement {
    let unknown = settings.iter().filter(|it| it.name.is_empty()).map(|it| match &it.value {
        Seen::Unknown(why, at) => Judgement::unknown(format!("an option setting: {why}"), *at),
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
    });
    unknown.collect()
}

/// The first one counts: that of the environment itself.
fn find<'s>(settings: &'s [Setting], namespace: &str, name: &str) -> Option<&'s Seen<Arc<str>>> {
    settings.iter().find(|it| &*it.namespace == namespace && &*it.name == name).map(|it| &it.value)
}

/// The namespaces of listeners, of classic load balancers and of the others; not what holds for all.
fn is_listener(namespace: &str) -> bool {
    let port = namespace.rsplit(':').next().unwrap_or_default();
    (namespace.starts_with("aws:elbv2:listener:") || namespace.starts_with("aws:elb:listener:"))
        && port.parse::<u16>().is_ok()
}

fn protocols(settings: &[Setting]) -> impl Iterator<Item = &Setting> {
    let is_protocol = |it: &&Setting| matches!(&*it.name, "Protocol" | "ListenerProtocol");
    settings.iter().filter(|it| is_listener(&it.namespace)).filter(is_protocol)
}

fn has_https(settings: &[Setting], at: Span) -> Judgement {
    let judged = protocols(settings).map(|it| match &it.value {
        Seen::Known(protocol, at) => {
            let is_tls = ["HTTPS", "TLS", "SSL"].iter().any(|tls| protocol.eq_ignore_ascii_case(tls));
            match is_tls || is_off(settings, &it.namespace) {
                true => Judgement::pass(format!("{} takes {protocol}", it.namespace), *at),
                false => Judgement::fail(format!("{} takes {protocol}", it.namespace), *at),
            }
        }
        other => Judgement::unknown(format!("the protocol of {} is not known", it.namespace), other.at()),
    });
    let judged: Vec<Judgement> = judged.collect();
    match judged.is_empty() {
        true => Judgement::unknown(
            "no option setting makes an HTTPS listener; .ebextensions or a saved configuration may",
            at,
        ),
        false => judged.into_iter().collect(),
    }
}

fn is_off(settings: &[Setting], namespace: &str) -> bool {
    let enabled = find(settings, namespace, "ListenerEnabled");
    matches!(enabled, Some(Seen::Known(value, _)) if value.eq_ignore_ascii_case("false"))
}

/// The listener on port 80 is there by itself, and has to be switched off.
fn clear_is_off(settings: &[Setting], at: Span) -> Judgement {
    let of_default = ["aws:elbv2:listener:default", "aws:elb:listener", "aws:elb:listener:80"]
        .into_iter()
        .find_map(|namespace| find(settings, namespace, "ListenerEnabled"));
    match of_default {
        Some(Seen::Known(enabled, at)) if enabled.eq_ignore_ascii_case("false") => {
            Judgement::pass("the listener on port 80 is off", *at)
        }
        Some(Seen::Known(_, at)) => Judgement::fail("the listener on port 80 is on", *at),
        Some(Seen::Unknown(why, at)) => Judgement::unknown(format!("ListenerEnabled: {why}"), *at),
        Some(Seen::Absent(_)) | None => Judgement::unknown(
            "no option setting switches the listener on port 80 off; .ebextensions or a saved configuration may",
            at,
        ),
    }
}

fn policies(settings: &[Setting]) -> Judgement {
    let policies = settings.iter().filter(|it| is_listener(&it.namespace) && &*it.name == "SSLPolicy");
    let judged = policies.map(|it| match &it.value {
        Seen::Known(policy, at) => {
            tls_policy::judge(&TlsFloor::of("elb", "1.2"), &[], policy, "SSLPolicy", *at)
        }
        other => Judgement::unknown("SSLPolicy is not known", other.at()),
    });
    judged.collect()
}
