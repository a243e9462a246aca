//! From hops to flows: every way from where data comes in to where it stays.

use std::collections::HashMap;

use hermetic_hop::Verdict;

use super::hop::Hop;
use super::party::{Names, Party};

/// More flows than this are not told.
const MOST_FLOWS: usize = 200;
/// Longer flows than this are not followed.
const LONGEST: usize = 12;

/// One way of data through the estate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Its name: where it begins and ends, and a number where that is not enough.
    pub name: String,
    /// The parties in order.
    pub path: Vec<Party>,
    /// Its worst hop's verdict.
    pub verdict: Verdict,
    /// The worst hop's place among the hops.
    pub worst: usize,
}

/// Each pair of parties once: the worst hop between them stands, as data may take any.
pub fn worst_of_each(hops: Vec<Hop>) -> Vec<Hop> {
    let mut kept: Vec<Hop> = Vec::new();
    let mut places: HashMap<(Party, Party), usize> = HashMap::new();
    for hop in hops {
        match places.get(&(hop.from, hop.to)).and_then(|place| kept.get_mut(*place)) {
            Some(known) if hop.verdict() < known.verdict() => *known = hop,
            Some(_) => {}
            None => {
                places.insert((hop.from, hop.to), kept.len());
                kept.push(hop);
            }
        }
    }
    kept
}

/// All flows, the worst first. They begin where nothing in the estate comes before.
pub fn flows(names: &Names, hops: &[Hop]) -> Vec<Flow> {
    let mut onward: HashMap<Party, Vec<usize>> = HashMap::new();
    for (place, hop) in hops.iter().enumerate() {
        onward.entry(hop.from).or_default().push(place);
    }
    let mut begins: Vec<Party> = Vec::new();
    for hop in hops {
        let first = !hops.iter().any(|other| other.to == hop.from);
        if first && !begins.contains(&hop.from) {
            begins.push(hop.from);
        }
    }
    let mut walk = Walk { names, hops, onward: &onward, found: Vec::new() };
    for begin in begins {
        walk.on(&mut vec![begin], &mut Vec::new());
    }
    let mut flows = walk.found;
    flows.sort_by_key(|flow| flow.verdict);
    name_apart(&mut flows);
    flows
}

struct Walk<'w> {
    names: &'w Names,
    hops: &'w [Hop],
    onward: &'w HashMap<Party, Vec<usize>>,
    found: Vec<Flow>,
}

impl Walk<'_> {
    fn on(&mut self, path: &mut Vec<Party>, taken: &mut Vec<usize>) {
        if self.found.len() >= MOST_FLOWS {
            return;
        }
        let here = path.last().copied();
        let next = here.and_then(|party| self.onward.get(&party)).map_or(&[][..], Vec::as_slice);
        let mut ends = true;
        for place in next {
            let Some(hop) = self.hops.get(*place) else { continue };
            if path.contains(&hop.to) || path.len() >= LONGEST {
                continue;
            }
            ends = false;
            path.push(hop.to);
            taken.push(*place);
            self.on(path, taken);
            path.pop();
            taken.pop();
        }
        if ends {
            self.end(path, taken);
        }
    }

    fn end(&mut self, path: &[Party], taken: &[usize]) {
        let verdict = |place: &usize| self.hops.get(*place).map_or(Verdict::Unknown, Hop::verdict);
        let Some(worst) = taken.iter().copied().min_by_key(verdict) else { return };
        let (Some(first), Some(last)) = (path.first(), path.last()) else { return };
        self.found.push(Flow {
            name: format!("{}-to-{}", self.names.name(*first), self.names.name(*last)),
            path: path.to_vec(),
            verdict: verdict(&worst),
            worst,
        });
    }
}

fn name_apart(flows: &mut [Flow]) {
    let mut used: HashMap<String, usize> = HashMap::new();
    for flow in flows {
        flow.name.truncate(59);
        let times = used.entry(flow.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            flow.name = format!("{}-{times}", flow.name);
        }
    }
}
