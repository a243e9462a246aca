//! Transfer Family: from clients to a server, by each of its protocols.

use hermetic_tls::ProtocolVersion;

use super::hop::Hop;
use super::party::Party;
use super::way::{Floor, Transport, Verified, Way};
use crate::controls;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::{Judgement, Standing};

/// The hop of a server at the worst of its protocols. From within its network where it has no public address.
pub fn hops(server: &Subject<'_>) -> Vec<Hop> {
    let protocols = server.all(path!("Protocols[]"));
    let ways: Vec<Way> = match protocols.is_empty() {
        true => vec![by_ssh(server)],
        false => protocols.into_iter().map(|protocol| of_protocol(server, protocol)).collect(),
    };
    let Some(way) = ways.into_iter().reduce(Way::worse) else { return Vec::new() };
    let from = if is_public(server) { Party::Client } else { Party::Network };
    vec![Hop::new(from, Party::Resource(server.id), way.theirs(), server.resource.at)]
}

fn is_public(server: &Subject<'_>) -> bool {
    let addresses = || !server.all(path!("EndpointDetails.AddressAllocationIds[]")).is_empty();
    match server.text(path!("EndpointType")).known().as_deref() {
        Some("VPC") => addresses(),
        Some("VPC_ENDPOINT") => false,
        _ => true,
    }
}

fn of_protocol(server: &Subject<'_>, protocol: Seen<&Value>) -> Way {
    match protocol.and_then(text_of) {
        Seen::Known(protocol, _) => match &*protocol {
            "SFTP" => by_ssh(server),
            "FTPS" => Way::tls(
                Floor::at_least(ProtocolVersion::TLS1_2),
                Verified::Theirs,
                "FTPS takes TLS 1.2 and more alone",
            ),
            "FTP" => Way::clear("FTP is in clear"),
            "AS2" => Way::clear("AS2 comes in by HTTP: the encryption of each message is all there is"),
            other => Way::unknown(format!("{other} is no protocol that is known")),
        },
        Seen::Absent(_) => by_ssh(server),
        Seen::Unknown(why, _) => Way::unknown(format!("a protocol is not known: {why}")),
    }
}

/// SSH, by the server's security policy.
fn by_ssh(server: &Subject<'_>) -> Way {
    let judged: Judgement = controls::called("transfer-server-security-policy-current")
        .map(|control| control.judge(server))
        .collect();
    let why = judged.grounds.first().map(|ground| ground.message.clone()).unwrap_or_default();
    let strong = match judged.standing {
        Standing::Pass => Some(true),
        Standing::Fail => Some(false),
        Standing::Unknown | Standing::NotApplicable => None,
    };
    Way::new(Transport::Ssh(strong), Verified::Theirs, format!("SFTP, within SSH: {why}"))
}
