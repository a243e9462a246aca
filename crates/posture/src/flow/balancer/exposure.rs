//! Whom a load balancer takes data from: anybody, or only what stands before it.

use std::net::IpAddr;

use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;

/// Whether anybody can connect: it has a public address, and no edge before it has that to itself.
pub fn takes_anybody(balancer: &Subject<'_>) -> bool {
    let has_no_address = balancer.text(path!("Scheme")).known().as_deref() == Some("internal");
    let is_the_edges = is_behind_an_edge(balancer) && is_closed_to_others(balancer);
    !has_no_address && !is_the_edges
}

fn is_behind_an_edge(balancer: &Subject<'_>) -> bool {
    let edges = [
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::VpcOrigin",
        "AWS::GlobalAccelerator::EndpointGroup",
    ];
    balancer.graph.referring(balancer.id).any(|(_, resource)| edges.contains(&&*resource.kind))
}

/// Whether all that its security groups let in comes from lists of prefixes, such as CloudFront's own, from other
/// groups, or from addresses that are not routed on the internet.
fn is_closed_to_others(balancer: &Subject<'_>) -> bool {
    let groups = balancer.all(path!("SecurityGroups[]")).into_iter().map(|seen| {
        let targets = seen.known().map(|value| balancer.targets(value)).unwrap_or_default();
        targets.into_iter().find(|target| &*target.resource.kind == "AWS::EC2::SecurityGroup")
    });
    // A group that is not in the code may let in anybody.
    let Some(groups) = groups.collect::<Option<Vec<_>>>() else { return false };
    !groups.is_empty() && groups.iter().all(is_closed)
}

fn is_closed(group: &Subject<'_>) -> bool {
    let inline = group.all(path!("SecurityGroupIngress[]")).into_iter();
    let own = inline.map(|rule| rule.known().is_some_and(|rule| lets_in_some_alone(group, rule)));
    let apart = group.pointed_at_by("AWS::EC2::SecurityGroupIngress", path!("GroupId"));
    let apart = apart.iter().map(|rule| lets_in_some_alone(rule, &rule.resource.properties));
    own.chain(apart).all(|closed| closed)
}

fn lets_in_some_alone<'g>(subject: &Subject<'g>, rule: &'g Value) -> bool {
    let is_written = |path| !matches!(subject.value_in(rule, path), Seen::Absent(_));
    let by_name =
        [path!("SourcePrefixListId"), path!("SourceSecurityGroupId"), path!("SourceSecurityGroupName")];
    let addresses = [path!("CidrIp"), path!("CidrIpv6")];
    let all_private =
        addresses.into_iter().all(|path| match subject.value_in(rule, path).and_then(text_of) {
            Seen::Known(range, _) => is_private(&range),
            Seen::Absent(_) => true,
            Seen::Unknown(..) => false,
        });
    let any_written = by_name.into_iter().chain(addresses).any(is_written);
    any_written && all_private
}

/// Whether a range of addresses is not routed on the internet (RFC 1918, RFC 4193).
fn is_private(range: &str) -> bool {
    let Some((address, length)) = range.split_once('/') else { return false };
    match (address.parse::<IpAddr>(), length.parse::<u8>()) {
        (Ok(IpAddr::V4(address)), Ok(length)) => {
            let least = match address.octets() {
                [10, ..] => 8,
                [172, ..] => 12,
                _ => 16,
            };
            address.is_private() && length >= least
        }
        (Ok(IpAddr::V6(address)), Ok(length)) => address.is_unique_local() && length >= 7,
        _ => false,
    }
}
