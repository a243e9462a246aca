//! Lines between networks: VPN, Direct Connect, peering and transit gateways. A private line is no encryption.

use super::hop::Hop;
use super::outsider::Outsider;
use super::party::Party;
use super::way::{Transport, Verified, Way};
use crate::controls;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::value::Value;
use crate::verdict::{Judgement, Standing};

/// The hops of a Site-to-Site VPN: over the internet to its gateway, and on into the network behind that.
pub fn vpn(connection: &Subject<'_>) -> Vec<Hop> {
    let judged: Judgement = ["ec2-vpn-connection-strong-algorithms", "ec2-vpn-connection-ike-version-check"]
        .into_iter()
        .flat_map(controls::called)
        .map(|control| control.judge(connection))
        .collect();
    let why = judged.grounds.first().map(|ground| ground.message.clone()).unwrap_or_default();
    let way = match judged.standing {
        Standing::Fail => Way::new(
            Transport::Ipsec,
            Verified::No,
            format!("IPsec whose tunnels take weak algorithms or IKEv1: {why}"),
        ),
        Standing::Unknown => Way::unknown(format!("IPsec whose algorithms are not known: {why}")),
        Standing::Pass | Standing::NotApplicable => {
            Way::new(Transport::Ipsec, Verified::Yes, "IPsec by strong algorithms")
        }
    };
    let line = Hop::new(Party::OnPremises, Party::Resource(connection.id), way, connection.resource.at);
    let mut hops = vec![line];
    for (end, at) in ends(connection, &[path!("TransitGatewayId"), path!("VpnGatewayId")]) {
        let way = Way::unknown("behind the end of the tunnel nothing in the code encrypts");
        let networks =
            if &*end.resource.kind == "AWS::EC2::VPNGateway" { attached_to(&end) } else { Vec::new() };
        let networks = if networks.is_empty() { vec![end] } else { networks };
        let on = networks.into_iter().map(|network| (Party::Resource(network.id), way.clone()));
        hops.extend(on.map(|(to, way)| Hop::new(Party::Resource(connection.id), to, way, at)));
    }
    hops
}

/// The hop of a Direct Connect line. MACsec that is asked for falls back to cleartext: CloudFormation can't demand it
/// (Direct Connect user guide, MACsec encryption modes: should_encrypt).
pub fn direct_connect(line: &Subject<'_>) -> Vec<Hop> {
    let asked = line.bool(path!("RequestMACSec"));
    let at = asked.at();
    let way = match asked {
        Seen::Known(true, _) => Way::optional(
            Verified::Unknown,
            "the line may be MACsec; where that is down it goes on in cleartext",
        ),
        Seen::Known(false, _) | Seen::Absent(_) => {
            Way::clear("no MACsec is asked for; what passes is as it was sent")
        }
        Seen::Unknown(why, _) => Way::unknown(format!("whether MACsec is asked for is not known: {why}")),
    };
    vec![Hop::new(Party::OnPremises, Party::Resource(line.id), way, at)]
}

/// The hop between peered networks. AWS encrypts it between Regions; within one only between instances of Nitro that
/// can, which the peering does not say.
pub fn peering(peering: &Subject<'_>) -> Vec<Hop> {
    let end = |path: &Path| {
        let value = peering.value(path).known();
        let vpc = value.and_then(|value| peering.targets(value).into_iter().next());
        let outside = || match value.map(|value| Party::outside(peering, value)) {
            Some(named) if named != Party::nameless() => named,
            // Not each nameless network is the same.
            _ => Party::Outside(Outsider::called(&format!("{path}.of.{}", peering.resource.name))),
        };
        vpc.map_or_else(outside, |vpc| Party::Resource(vpc.id))
    };
    let nitro = "within a Region peering encrypts only between instances of Nitro that can";
    let reason = match peering.text(path!("PeerRegion")) {
        Seen::Known(region, _) => {
            format!("AWS encrypts peering with {region} where that is another Region; {nitro}")
        }
        Seen::Absent(_) => nitro.to_owned(),
        Seen::Unknown(why, _) => format!("PeerRegion is not known: {why}; {nitro}"),
    };
    let (from, to) = (end(path!("VpcId")), end(path!("PeerVpcId")));
    vec![Hop::new(from, to, Way::unknown(reason), peering.resource.at)]
}

/// The hop from a transit gateway to a network that is attached to it.
pub fn attached(attachment: &Subject<'_>) -> Vec<Hop> {
    let gateways = ends(attachment, &[path!("TransitGatewayId")]);
    let networks = ends(attachment, &[path!("VpcId")]);
    let mut hops = Vec::new();
    for (gateway, _) in &gateways {
        let support = gateway.text(path!("EncryptionSupport"));
        let reason = match support {
            Seen::Known(mode, _) if mode.eq_ignore_ascii_case("enable") => {
                "EncryptionSupport is enabled; it encrypts between networks whose encryption controls enforce it"
            }
            _ => "a transit gateway encrypts nothing unless EncryptionSupport is enabled",
        };
        let (from, at) = (Party::Resource(gateway.id), attachment.resource.at);
        let on = networks.iter().map(|(network, _)| Party::Resource(network.id));
        hops.extend(on.map(|to| Hop::new(from, to, Way::unknown(reason), at)));
    }
    hops
}

/// The networks that a virtual private gateway is attached to.
fn attached_to<'g>(gateway: &Subject<'g>) -> Vec<Subject<'g>> {
    let attachments = gateway.pointed_at_by("AWS::EC2::VPCGatewayAttachment", path!("VpnGatewayId"));
    let networks = attachments.iter().flat_map(|attachment| ends(attachment, &[path!("VpcId")]));
    networks.map(|(network, _)| network).collect()
}

fn ends<'g>(subject: &Subject<'g>, paths: &[&Path]) -> Vec<(Subject<'g>, Span)> {
    let values = paths.iter().filter_map(|path| subject.value(path).known());
    values
        .flat_map(|value: &'g Value| subject.targets(value).into_iter().map(move |end| (end, value.at)))
        .collect()
}
