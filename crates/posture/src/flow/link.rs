//! Lines between networks: VPN, Direct Connect and peering.

use super::hop::{Hop, Transport, Verified};
use super::party::Party;
use crate::controls;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Seen, Subject};
use crate::verdict::Standing;

/// The hop of a Site-to-Site VPN.
pub fn vpn(connection: &Subject<'_>) -> Vec<Hop> {
    let strong: Standing = ["ec2-vpn-connection-strong-algorithms", "ec2-vpn-connection-ike-version-check"]
        .into_iter()
        .flat_map(controls::called)
        .map(|control| control.judge(connection).standing)
        .max()
        .unwrap_or(Standing::NotApplicable);
    let (transport, verified, reason) = match strong {
        Standing::Fail => {
            (Transport::Ipsec, Verified::No, "IPsec whose tunnels take weak algorithms or IKEv1")
        }
        Standing::Unknown => (Transport::Unknown, Verified::Unknown, "IPsec whose algorithms are not known"),
        Standing::Pass | Standing::NotApplicable => {
            (Transport::Ipsec, Verified::Yes, "IPsec by strong algorithms")
        }
    };
    vec![line(connection, transport, verified, reason, connection.resource.at)]
}

/// The hop of a Direct Connect line: encrypted only where MACsec must be.
pub fn direct_connect(line_of: &Subject<'_>) -> Vec<Hop> {
    let asked = line_of.bool(&Path::of("RequestMACSec"));
    let at = asked.at();
    let (transport, reason) = match asked {
        Seen::Known(true, _) => (Transport::Macsec, "MACsec is asked for"),
        Seen::Known(false, _) | Seen::Absent(_) => (Transport::Cleartext, "no MACsec is asked for"),
        Seen::Unknown(..) => (Transport::Unknown, "whether MACsec is asked for is not known"),
    };
    vec![line(line_of, transport, Verified::Yes, reason, at)]
}

/// The hop between peered networks: nothing in the code protects it within a Region.
pub fn peering(peering: &Subject<'_>) -> Vec<Hop> {
    let end = |path: &'static str| {
        let value = peering.value(&Path::of(path)).known();
        let vpc = value.and_then(|value| peering.targets(value).into_iter().next());
        vpc.map_or(Party::Outside, |vpc| Party::Resource(vpc.id))
    };
    let region = peering.text(&Path::of("PeerRegion"));
    let (transport, reason) = match region {
        Seen::Known(..) => (Transport::Ipsec, "AWS encrypts peering between Regions"),
        _ => (Transport::Unknown, "peering within a Region encrypts only between instances of Nitro"),
    };
    let (from, to, at) = (end("VpcId"), end("PeerVpcId"), peering.resource.at);
    vec![Hop { from, to, transport, verified: Verified::Yes, reason: reason.to_owned(), at, when: None }]
}

fn line(end: &Subject<'_>, transport: Transport, verified: Verified, reason: &str, at: Span) -> Hop {
    let (from, to) = (Party::OnPremises, Party::Resource(end.id));
    Hop { from, to, transport, verified, reason: reason.to_owned(), at, when: None }
}
