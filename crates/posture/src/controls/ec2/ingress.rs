//! What security groups let in from everywhere.

use std::ops::RangeInclusive;

use crate::control::Control;
use crate::controls;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::test::{Held, first_few};
use crate::value::{Node, Value};
use crate::verdict::{Judgement, Standing};

const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

/// Judges each rule of a group, or the one rule that is declared by itself.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    if &*subject.resource.kind == "AWS::EC2::SecurityGroupIngress" {
        let group = subject.value(path!("GroupId")).known().and_then(|group| subject.target(group));
        return of_rule(control, subject, &subject.resource.properties, group.as_ref());
    }
    let rules = subject.all(path!("SecurityGroupIngress[]")).into_iter().map(|rule| {
        let none = |_| Judgement::not_applicable();
        rule.judge("SecurityGroupIngress", |rule, _| of_rule(control, subject, rule, Some(subject)), none)
    });
    rules.collect()
}

fn of_rule<'g>(
    control: &Control,
    subject: &Subject<'g>,
    rule: &'g Value,
    group: Option<&Subject<'g>>,
) -> Judgement {
    let from_anywhere = from_anywhere(control, subject, rule);
    if from_anywhere == Held::No {
        return Judgement::pass("it lets in only some", rule.at);
    }
    let ports = match ports(subject, rule) {
        Ok(Some(ports)) => ports,
        Ok(None) => return Judgement::pass("it lets in nothing that has ports", rule.at),
        Err((why, at)) => {
            return Judgement::unknown(format!("which ports it lets in is not known: {why}"), at);
        }
    };
    let mut open = cleartext(control, &ports);
    if open == [80] && group.is_some_and(only_redirects) {
        open.clear();
    }
    let listed = first_few(&open).unwrap_or_default();
    match from_anywhere {
        _ if open.is_empty() => Judgement::pass("it lets in no clear-text protocol", rule.at),
        Held::Unknown(why) => {
            Judgement::unknown(format!("it lets in {listed}, and from where is not known: {why}"), rule.at)
        }
        Held::Yes | Held::No => {
            Judgement::fail(format!("it lets in clear-text ports from everywhere: {listed}"), rule.at)
        }
    }
}

/// Whether everybody is let in: by any network without a single fixed bit, however it is written.
fn from_anywhere<'g>(control: &Control, subject: &Subject<'g>, rule: &'g Value) -> Held {
    let any_source = control.listed("any_source");
    let sources =
        [path!("CidrIp"), path!("CidrIpv6")].map(|path: &Path| match subject.value_in(rule, path) {
            Seen::Absent(_) => Held::No,
            Seen::Unknown(why, _) => Held::Unknown(why.to_string()),
            Seen::Known(network, _) => match text_of(network) {
                Ok(text) if any_source.contains(&&*text) || text.ends_with("/0") => Held::Yes,
                Ok(_) => Held::No,
                Err(_) if is_some_network(subject, network) => Held::No,
                Err(why) => Held::Unknown(why.to_string()),
            },
        });
    let [four, six] = sources;
    four.or(six)
}

/// The network of a VPC or a subnet, or one whose length is known: `${Address}/32`.
fn is_some_network<'g>(subject: &Subject<'g>, network: &'g Value) -> bool {
    match &network.node {
        Node::Pieces(pieces) => {
            let last =
                pieces.last().map(|piece| subject.resolve(piece)).and_then(|piece| text_of(piece).ok());
            last.is_some_and(|last| last.contains('/') && !last.ends_with("/0"))
        }
        _ => subject.target(network).is_some_and(|target| {
            matches!(&*target.resource.kind, "AWS::EC2::VPC" | "AWS::EC2::Subnet" | "AWS::EC2::EIP")
        }),
    }
}

type Ports = Option<RangeInclusive<u16>>;

/// The ports that a rule lets in; none where its protocol has none.
fn ports<'g>(subject: &Subject<'g>, rule: &'g Value) -> Result<Ports, (String, Span)> {
    let all = Ok(Some(0..=u16::MAX));
    match subject.value_in(rule, path!("IpProtocol")).and_then(text_of) {
        Seen::Unknown(why, at) => return Err((why.to_string(), at)),
        Seen::Absent(_) => {}
        Seen::Known(protocol, _) => match &*protocol.to_ascii_lowercase() {
            "-1" | "all" => return all,
            "tcp" | "6" | "udp" | "17" => {}
            _ => return Ok(None),
        },
    }
    let port = |path: &Path, unset: u16| match subject.value_in(rule, path).and_then(text_of) {
        Seen::Known(port, at) => match port.trim().parse::<i32>() {
            Ok(port) if port < 0 => Ok(unset),
            Ok(port) => Ok(u16::try_from(port).unwrap_or(u16::MAX)),
            Err(_) => Err((format!("`{port}` is no port"), at)),
        },
        Seen::Absent(_) => Ok(unset),
        Seen::Unknown(why, at) => Err((why.to_string(), at)),
    };
    Ok(Some(port(path!("FromPort"), 0)?..=port(path!("ToPort"), u16::MAX)?))
}

fn cleartext(control: &Control, ports: &RangeInclusive<u16>) -> Vec<u16> {
    let listed = control.parameters.get("cleartext_ports").and_then(toml::Value::as_array);
    let known = listed.into_iter().flatten().filter_map(|port| u16::try_from(port.as_integer()?).ok());
    known.filter(|port| ports.contains(port)).collect()
}

/// Whether a group belongs to load balancers alone, whose listeners on port 80 only redirect to HTTPS.
fn only_redirects(group: &Subject<'_>) -> bool {
    let balancers = group.pointed_at_by(BALANCER, path!("SecurityGroups[]"));
    let belongs_elsewhere = group.graph.referring(group.id).any(|(_, other)| {
        let kind = &*other.kind;
        kind != BALANCER && !kind.starts_with("AWS::EC2::SecurityGroup")
    });
    !belongs_elsewhere && !balancers.is_empty() && balancers.iter().all(redirects)
}

fn redirects(balancer: &Subject<'_>) -> bool {
    let listeners = balancer.pointed_at_by("AWS::ElasticLoadBalancingV2::Listener", path!("LoadBalancerArn"));
    let may_be_on_80 = |listener: &&Subject<'_>| match listener.text(path!("Port")) {
        Seen::Known(port, _) => &*port == "80",
        Seen::Absent(_) | Seen::Unknown(..) => true,
    };
    let on_80: Vec<&Subject<'_>> = listeners.iter().filter(may_be_on_80).collect();
    let passes = |listener: &&Subject<'_>| {
        let mut checks = controls::called("alb-http-to-https-redirection-check");
        checks.any(|check| check.judge(listener).standing == Standing::Pass)
    };
    !on_80.is_empty() && on_80.iter().all(passes)
}
