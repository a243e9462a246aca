//! From hops to flows: every way from where data comes in to where it stays.

use std::collections::{HashMap, HashSet};

use hermetic_hop::Verdict;

use super::hop::Hop;
use super::party::{Names, Party};

/// Of more ways through an estate than this the worst are told.
pub const MOST_FLOWS: usize = 2000;
/// Longer ways than this are told in two flows.
const LONGEST: usize = 12;

/// One way of data through the estate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Its name: where it begins and ends, and a number where that is not enough.
    pub name: String,
    /// The parties in order.
    pub path: Vec<Party>,
    /// The places of its hops among all, in order.
    pub hops: Vec<usize>,
    /// Its worst hop's verdict.
    pub verdict: Verdict,
    /// The worst hop's place among all.
    pub worst: usize,
}

/// The ways through an estate.
pub struct Ways {
    /// The flows, the worst first.
    pub flows: Vec<Flow>,
    /// Whether there are more than [`MOST_FLOWS`].
    pub cut: bool,
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

/// All ways. They begin where nothing in the estate comes before; what is in a circle alone begins anywhere in it.
pub fn ways(names: &Names, hops: &[Hop]) -> Ways {
    let mut walk = Walk::of(names, hops);
    let entered: HashSet<Party> = hops.iter().map(|hop| hop.to).collect();
    let mut begun = HashSet::new();
    for hop in hops.iter().filter(|hop| !entered.contains(&hop.from)) {
        if begun.insert(hop.from) {
            walk.on(&mut vec![hop.from], &mut Vec::new());
        }
    }
    walk.on_from_what_is_left();
    let mut flows = walk.found;
    flows.sort_by_key(|flow| flow.verdict);
    let cut = flows.len() > MOST_FLOWS;
    flows.truncate(MOST_FLOWS);
    name_apart(&mut flows);
    Ways { flows, cut }
}

struct Walk<'w> {
    names: &'w Names,
    hops: &'w [Hop],
    /// The places of the hops from a party, the worst first, so that no cut hides the worst.
    onward: HashMap<Party, Vec<usize>>,
    found: Vec<Flow>,
    /// The places of the hops that are in a flow.
    told: HashSet<usize>,
}

impl<'w> Walk<'w> {
    fn of(names: &'w Names, hops: &'w [Hop]) -> Self {
        let mut onward: HashMap<Party, Vec<usize>> = HashMap::new();
        for (place, hop) in hops.iter().enumerate() {
            onward.entry(hop.from).or_default().push(place);
        }
        let verdict = |place: &usize| hops.get(*place).map(Hop::verdict);
        onward.values_mut().for_each(|places| places.sort_by_key(verdict));
        Self { names, hops, onward, found: Vec::new(), told: HashSet::new() }
    }

    /// Every way on from the end of a path.
    fn on(&mut self, path: &mut Vec<Party>, taken: &mut Vec<usize>) {
        if self.found.len() > MOST_FLOWS {
            return;
        }
        let next = self.next(path);
        if next.is_empty() {
            self.end(path.clone(), taken.clone());
        }
        for (place, to) in next {
            path.push(to);
            taken.push(place);
            self.on(path, taken);
            path.pop();
            taken.pop();
        }
    }

    /// One way each for the hops that are in none: those that close a circle, and those beyond what is told.
    fn on_from_what_is_left(&mut self) {
        for (place, hop) in self.hops.iter().enumerate() {
            if self.told.contains(&place) {
                continue;
            }
            let (mut path, mut taken) = (vec![hop.from, hop.to], vec![place]);
            loop {
                let next = self.next(&path);
                let left =
                    next.iter().find(|(place, _)| !self.told.contains(place) && !taken.contains(place));
                let Some((place, to)) = left.or(next.first()) else { break };
                taken.push(*place);
                path.push(*to);
            }
            self.end(path, taken);
        }
    }

    /// The hops on from the end of a path, to where it has not been.
    fn next(&self, path: &[Party]) -> Vec<(usize, Party)> {
        let here = path.last().and_then(|party| self.onward.get(party));
        let places = here.filter(|_| path.len() < LONGEST).map_or(&[][..], Vec::as_slice);
        let hop = |place: &usize| Some((*place, self.hops.get(*place)?.to));
        places.iter().filter_map(hop).filter(|(_, to)| !path.contains(to)).collect()
    }

    fn end(&mut self, path: Vec<Party>, taken: Vec<usize>) {
        let verdict = |place: &usize| self.hops.get(*place).map_or(Verdict::Unknown, Hop::verdict);
        let Some(worst) = taken.iter().copied().min_by_key(verdict) else { return };
        let (Some(first), Some(last)) = (path.first(), path.last()) else { return };
        let name = format!("{}-to-{}", self.names.name(*first), self.names.name(*last));
        self.told.extend(&taken);
        self.found.push(Flow { name, path, verdict: verdict(&worst), hops: taken, worst });
    }
}

fn name_apart(flows: &mut [Flow]) {
    let mut used: HashMap<String, usize> = HashMap::new();
    for flow in flows {
        flow.name = flow.name.chars().take(58).collect();
        let times = used.entry(flow.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            flow.name = format!("{}-{times}", flow.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::way::Way;
    use super::*;
    use crate::cloudformation;
    use crate::graph::Graph;
    use crate::span::{FileId, Files};
    use crate::value::PartId;

    /// A party for each name, and hops between them.
    fn hops(pairs: &[(&str, &str)]) -> (Names, Vec<Hop>) {
        let mut all: Vec<&str> = pairs.iter().flat_map(|(from, to)| [*from, *to]).collect();
        all.sort_unstable();
        all.dedup();
        let queue = |name: &&str| format!("  {name}: {{Type: 'AWS::SQS::Queue'}}\n");
        let template = format!("Resources:\n{}", all.iter().map(queue).collect::<String>());
        let mut files = Files::default();
        let file = files.add("circle.yaml");
        let part = cloudformation::read(&template, file, PartId(0), &Default::default()).unwrap().part;
        let graph = Graph::new(files, vec![part]);
        let party = |name: &str| {
            let found = graph.resources().find(|(_, resource)| &*resource.name == name);
            Party::Resource(found.unwrap().0)
        };
        let hop = |(from, to): &(&str, &str)| {
            Hop::new(party(from), party(to), Way::by_aws("so it is"), FileId::NOWHERE.start())
        };
        let hops: Vec<Hop> = pairs.iter().map(hop).collect();
        (Names::of(&graph, hops.iter().flat_map(|hop| [hop.from, hop.to])), hops)
    }

    fn paths(pairs: &[(&str, &str)]) -> Vec<String> {
        let (names, hops) = hops(pairs);
        let path =
            |flow: &Flow| flow.path.iter().map(|party| names.name(*party)).collect::<Vec<_>>().join(" ");
        ways(&names, &hops).flows.iter().map(path).collect()
    }

    #[test]
    fn a_circle_that_nothing_enters_loses_no_hop() {
        assert_eq!(paths(&[("A", "B"), ("B", "C"), ("C", "A")]), ["A B C", "C A B"]);
    }

    #[test]
    fn the_hop_that_leads_back_into_a_way_is_told_too() {
        assert_eq!(paths(&[("In", "A"), ("A", "B"), ("B", "A")]), ["In A B", "B A"]);
    }

    #[test]
    fn a_long_way_goes_on_in_another_flow() {
        let names: Vec<String> = (b'a'..=b'p').map(|letter| char::from(letter).to_string()).collect();
        let pairs: Vec<(&str, &str)> =
            names.iter().zip(names.iter().skip(1)).map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let paths = paths(&pairs);
        assert_eq!(paths, ["a b c d e f g h i j k l", "l m n o p"]);
    }

    #[test]
    fn of_more_ways_than_are_told_the_worst_are_and_that_there_are_more() {
        // Eleven steps of two parties each: 2,048 ways.
        let step = |n: usize| [format!("l{n}"), format!("r{n}")];
        let mut pairs = Vec::new();
        for n in 0..10 {
            for (from, to) in step(n).iter().flat_map(|from| step(n + 1).map(|to| (from.clone(), to))) {
                pairs.push((from, to));
            }
        }
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let (names, mut hops) = hops(&pairs);
        let last = hops.len() - 1;
        hops[last].way = Way::clear("so it is");
        let ways = ways(&names, &hops);
        assert_eq!((ways.cut, ways.flows.len(), ways.flows[0].worst), (true, MOST_FLOWS, last));
    }

    #[test]
    fn of_two_hops_between_the_same_parties_the_worse_stands() {
        let (_, mut hops) = hops(&[("A", "B"), ("A", "B")]);
        hops[1].way = Way::clear("and so it is too");
        let kept = worst_of_each(hops);
        assert_eq!(kept.iter().map(Hop::verdict).collect::<Vec<_>>(), [Verdict::Clear]);
    }
}
