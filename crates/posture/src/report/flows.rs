//! Flows and hops as programs read them, and as the house draws them.

use std::str::FromStr;

use hermetic_hop::{
    Evidence, EvidenceKind, HopName, HopReport, Judgement, Mode, PartyName, Shortfall, TlsFacts, TlsReport,
    Verdict, View,
};
use hermetic_tls::{ProtocolVersion, SecurityPolicy};
use jiff::Timestamp;
use serde::Serialize;

use super::{ShortfallLine, Status};
use crate::flow::{Flows, Hop, Names, Transport, Verified};
use crate::graph::Graph;

/// What stands between the two ends of a hop.
const ARROW: &str = " → ";

/// A flow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FlowLine {
    /// Its name.
    pub name: String,
    /// Its worst hop's verdict.
    pub verdict: Verdict,
    /// The worst hop, as `from → to`.
    pub worst: String,
    /// The parties in order.
    pub path: Vec<String>,
    /// The hops in order.
    pub hops: Vec<HopLine>,
}

/// A hop of a flow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HopLine {
    /// Who connects.
    pub from: String,
    /// Whom it connects to.
    pub to: String,
    /// How the bytes travel.
    pub transport: &'static str,
    /// The lowest version of TLS that it allows; `null` where that is not known, or it is no TLS.
    pub lowest_version: Option<ProtocolVersion>,
    /// Whether the end that connects verifies the other: `yes`, `no`, `unknown`, or `theirs` where that end is
    /// outside of the estate.
    pub verified: &'static str,
    /// Whether a post-quantum group can be negotiated; `null` where that is not known.
    pub post_quantum: Option<bool>,
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on: `configured`.
    pub evidence: EvidenceKind,
    /// Why.
    pub reason: String,
    /// The file that says so.
    pub file: String,
    /// The line.
    pub line: u32,
}

/// The flows of a graph as lines.
pub(super) fn lines(graph: &Graph, flows: &Flows) -> Vec<FlowLine> {
    let line = |flow: &crate::flow::Flow| {
        let worst = flows.hops.get(flow.worst);
        FlowLine {
            name: flow.name.clone(),
            verdict: flow.verdict,
            worst: worst.map(|hop| arrow(&flows.names, hop)).unwrap_or_default(),
            path: flow.path.iter().map(|party| flows.names.name(*party).to_owned()).collect(),
            hops: hops(flows, flow).map(|hop| hop_line(graph, &flows.names, hop)).collect(),
        }
    };
    flows.flows.iter().map(line).collect()
}

/// The hops of a flow, in its order.
pub(super) fn hops<'f>(flows: &'f Flows, flow: &'f crate::flow::Flow) -> impl Iterator<Item = &'f Hop> {
    flow.hops.iter().filter_map(|place| flows.hops.get(*place))
}

/// A hop as `from → to`.
pub(super) fn arrow(names: &Names, hop: &Hop) -> String {
    format!("{}{ARROW}{}", names.name(hop.from), names.name(hop.to))
}

fn hop_line(graph: &Graph, names: &Names, hop: &Hop) -> HopLine {
    let floor = match &hop.way.transport {
        Transport::Tls(floor) => Some(floor),
        _ => None,
    };
    HopLine {
        from: names.name(hop.from).to_owned(),
        to: names.name(hop.to).to_owned(),
        transport: hop.way.transport.as_str(),
        lowest_version: floor.and_then(|floor| floor.lowest),
        verified: hop.way.verified.as_str(),
        post_quantum: floor.and_then(|floor| floor.post_quantum),
        verdict: hop.verdict(),
        evidence: EvidenceKind::Configured,
        reason: hop.told(),
        file: graph.files.path(hop.at.file).display().to_string(),
        line: hop.at.line,
    }
}

/// The same flows as a report on hops, which the house draws, with what they lack of what is required.
pub fn picture(flows: &Flows, lacking: &[ShortfallLine], at: Timestamp) -> hermetic_hop::Report {
    let hops: Vec<HopReport> =
        flows.hops.iter().filter_map(|hop| hop_report(&flows.names, hop, at)).collect();
    let flow = |flow: &crate::flow::Flow| {
        let path = flow.path.iter().map(|party| PartyName::from_str(flows.names.name(*party)));
        Some(hermetic_hop::Flow {
            name: flow.name.parse().ok()?,
            path: path.collect::<Result<Vec<_>, _>>().ok()?,
            tags: Vec::new(),
        })
    };
    let flows: Vec<hermetic_hop::Flow> = flows.flows.iter().filter_map(flow).collect();
    let shortfalls =
        lacking.iter().filter(|line| line.status == Status::Fail).filter_map(shortfall).collect();
    hermetic_hop::Report { shortfalls, ..hermetic_hop::Report::of(hops, &flows, &[], at) }
}

fn shortfall(line: &ShortfallLine) -> Option<Shortfall> {
    let (from, to) = line.hop.split_once(ARROW)?;
    Some(Shortfall {
        flow: line.flow.parse().ok()?,
        hop: HopName::new(from.parse().ok()?, to.parse().ok()?),
        reason: line.reason.clone(),
    })
}

fn hop_report(names: &Names, hop: &Hop, at: Timestamp) -> Option<HopReport> {
    let name = HopName::new(names.name(hop.from).parse().ok()?, names.name(hop.to).parse().ok()?);
    let judgement =
        Judgement { verdict: hop.verdict(), evidence: Some(EvidenceKind::Configured), reason: hop.told() };
    let policy = SecurityPolicy::default_policy().full_name();
    let report = HopReport::new(name, Mode::Require, policy, judgement, None::<&Evidence>);
    Some(HopReport { tls: tls(hop), view: Some(View::Observer), seen: Some(at), ..report })
}

fn tls(hop: &Hop) -> Option<TlsReport> {
    let Transport::Tls(floor) = &hop.way.transport else { return None };
    let checked = match hop.way.verified {
        Verified::Yes => hermetic_hop::Checked::Verified,
        Verified::No => hermetic_hop::Checked::NotVerified,
        Verified::Unknown | Verified::Theirs => hermetic_hop::Checked::NotObservable,
    };
    let facts = TlsFacts { version: floor.lowest, server_checked: checked, ..TlsFacts::default() };
    Some(TlsReport { post_quantum: floor.post_quantum, facts })
}
