//! Instances that anybody can connect to, without anything before them.

use super::super::hop::Hop;
use super::super::way::Way;
use super::groups::groups;
use crate::span::Span;
use crate::subject::{Seen, Subject, number_of, text_of};
use crate::value::Value;

/// The ports at which the web is served.
const WEB: [u16; 4] = [80, 443, 8080, 8443];

/// The hop from clients to an instance whose security groups let everybody in at a port of the web. What is spoken
/// there is settled in the instance.
pub fn hop(compute: &Subject<'_>) -> Option<Hop> {
    if &*compute.resource.kind != "AWS::EC2::Instance" {
        return None;
    }
    let (port, at) = groups(compute).iter().find_map(open_port)?;
    let reason = format!("everybody may connect at port {port}, and what is spoken there is not known");
    Some(Hop::entrance(compute, Way::unknown(reason), at))
}

fn open_port(group: &Subject<'_>) -> Option<(u16, Span)> {
    let inline = group.all(path!("SecurityGroupIngress[]")).into_iter().filter_map(Seen::known);
    let inline = inline.map(|rule| (*group, rule)).collect::<Vec<_>>();
    let apart = group.pointed_at_by("AWS::EC2::SecurityGroupIngress", path!("GroupId"));
    let apart = apart.iter().map(|rule| (*rule, &rule.resource.properties));
    inline.into_iter().chain(apart).find_map(|(subject, rule)| open_by(&subject, rule))
}

fn open_by<'g>(subject: &Subject<'g>, rule: &'g Value) -> Option<(u16, Span)> {
    let text = |path| subject.value_in(rule, path).and_then(text_of).known();
    let everybody = text(path!("CidrIp")).as_deref() == Some("0.0.0.0/0")
        || text(path!("CidrIpv6")).as_deref() == Some("::/0");
    let number = |path| subject.value_in(rule, path).and_then(number_of).known();
    let (from, to) = match text(path!("IpProtocol")).as_deref() {
        Some("-1") => (0.0, 65_535.0),
        _ => (number(path!("FromPort"))?, number(path!("ToPort"))?),
    };
    let port = WEB.into_iter().find(|port| (from..=to).contains(&f64::from(*port)))?;
    everybody.then_some((port, rule.at))
}
