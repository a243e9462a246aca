//! What is drawn, before anybody knows where: a lane for each flow, and a last one for other hops.

use std::collections::HashSet;

use hermetic_hop::{FlowReport, HopName, HopReport, PartyName, Report, Verdict};

use super::leg::Leg;

/// A flow, or the hops that are in none.
#[derive(Debug)]
pub struct Lane {
    /// The flow's name; `None` for the hops that are in no flow.
    pub flow: Option<PartyName>,
    /// The flow's verdict.
    pub verdict: Option<Verdict>,
    /// Which hop decides, and why.
    pub weakest: Option<String>,
    /// The requirements that are not met.
    pub shortfalls: Vec<String>,
    /// Parties and hops: one chain for a flow, one for each hop that is in none.
    pub chains: Vec<Chain>,
}

/// Parties in order, with the hops between them.
#[derive(Debug)]
pub struct Chain {
    /// The first party.
    pub from: PartyName,
    /// The hops; each leads to the next party.
    pub legs: Vec<Leg>,
}

impl Lane {
    /// What stands above it.
    pub fn title(&self) -> &str {
        self.flow.as_ref().map_or("Hops in no flow", PartyName::as_str)
    }
}

/// The lanes of a report.
pub fn lanes(report: &Report) -> Vec<Lane> {
    let flows = report.flows.iter().map(|flow| of_flow(flow, report));
    flows.chain(of_others(report)).collect()
}

fn of_flow(flow: &FlowReport, report: &Report) -> Lane {
    let leg = |name: HopName| {
        let weakest = flow.weakest.as_ref() == Some(&name);
        Leg { weakest, ..Leg::of(report.hop(&name), name, report.at) }
    };
    let chain =
        flow.path.first().map(|from| Chain { from: from.clone(), legs: flow.hops().map(leg).collect() });
    let weakest = flow.weakest.as_ref().map(|name| {
        let weakness =
            report.hop(name).map_or_else(|| super::leg::UNREPORTED.to_owned(), HopReport::weakness);
        format!("weakest hop {name}: {weakness}")
    });
    let shortfalls = report.shortfalls.iter().filter(|shortfall| shortfall.flow == flow.name);
    Lane {
        flow: Some(flow.name.clone()),
        verdict: Some(flow.verdict),
        weakest,
        shortfalls: shortfalls.map(|s| format!("requirement not met by {}: {}", s.hop, s.reason)).collect(),
        chains: chain.into_iter().collect(),
    }
}

fn of_others(report: &Report) -> Option<Lane> {
    let drawn: HashSet<HopName> = report.flows.iter().flat_map(FlowReport::hops).collect();
    let others = report.hops.iter().filter(|hop| !drawn.contains(&hop.name()));
    let chains: Vec<Chain> = others
        .map(|hop| Chain { from: hop.from.clone(), legs: vec![Leg::of(Some(hop), hop.name(), report.at)] })
        .collect();
    let lane = Lane { flow: None, verdict: None, weakest: None, shortfalls: Vec::new(), chains };
    (!lane.chains.is_empty()).then_some(lane)
}
