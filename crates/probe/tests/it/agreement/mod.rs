//! Whether four scanners say the same of the same servers: ours, sslscan, sslyze and testssl.sh. Where they do not,
//! somebody is wrong, and the standards say who.
//!
//! The quick ones are held against ours with every change. testssl.sh takes a minute or more for each server: the
//! long test runs it as well, and writes the page of the book when `UPDATE_DOCS` is set.

mod decided;
mod facts;
mod ours;
mod page;
mod servers;
mod sslscan;
mod sslyze;
mod testssl;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hermetic_probe::observe::Manners;
use hermetic_probe::{Depth, Extent, Scanned, Store, Target, scan};
use hermetic_tls::{RevokedCertificates, SecurityPolicy, SystemClock, SystemRandomness};

use facts::Facts;
use servers::Endpoint;

/// A scanner of other hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Sslscan,
    Sslyze,
    Testssl,
}

impl Peer {
    const QUICK: [Self; 2] = [Self::Sslscan, Self::Sslyze];
    const ALL: [Self; 3] = [Self::Sslscan, Self::Sslyze, Self::Testssl];

    fn name(self) -> &'static str {
        match self {
            Self::Sslscan => "sslscan",
            Self::Sslyze => "sslyze",
            Self::Testssl => "testssl.sh",
        }
    }

    fn facts(self, endpoint: &Endpoint) -> Facts {
        match self {
            Self::Sslscan => sslscan::facts(endpoint),
            Self::Sslyze => sslyze::facts(endpoint),
            Self::Testssl => testssl::facts(endpoint),
        }
    }
}

/// What a scanner says of a question beside what ours does.
#[derive(Clone, Debug)]
pub struct Cell {
    server: &'static str,
    question: String,
    peer: Peer,
    /// What it says and ours does not.
    more: BTreeSet<String>,
    /// What ours says and it does not.
    less: BTreeSet<String>,
}

impl Cell {
    fn agrees(&self) -> bool {
        self.more.is_empty() && self.less.is_empty()
    }

    /// As a decision has it.
    fn told(&self) -> String {
        let Self { server, question, peer, more, less } = self;
        let list = |answers: &BTreeSet<String>| answers.iter().cloned().collect::<Vec<_>>();
        let (more, less) = (list(more), list(less));
        format!("{}: c({server:?}, {question:?}, &{more:?}, &{less:?}),", peer.name())
    }
}

/// All questions of one server that ours and others answer.
fn compared(endpoint: &Endpoint, peers: &[Peer]) -> Vec<Cell> {
    let Facts(ours) = ours::facts(&scanned(endpoint));
    peers.iter().flat_map(|peer| compared_with(*peer, endpoint, &ours)).collect()
}

/// Peers take a connection that was lost for a refusal, so what one says against ours it is asked again: only
/// what it says each time is a disagreement.
fn compared_with(peer: Peer, endpoint: &Endpoint, ours: &BTreeMap<String, BTreeSet<String>>) -> Vec<Cell> {
    let mut cells = cells(peer, endpoint, ours);
    for _ in 1..3 {
        if undecided(&cells).is_empty() {
            break;
        }
        cells = self::cells(peer, endpoint, ours);
    }
    cells
}

/// A scanner that fails answers fewer than it did, and proves nothing by its silence.
fn cells(peer: Peer, endpoint: &Endpoint, ours: &BTreeMap<String, BTreeSet<String>>) -> Vec<Cell> {
    let Facts(theirs) = peer.facts(endpoint);
    let answered = theirs.keys().filter(|question| ours.contains_key(*question)).count();
    let (least, name) = (endpoint.answered(peer), peer.name());
    assert!(
        answered >= least,
        "{name} answers {answered} questions of {}, and not {least}: {theirs:?}",
        endpoint.what
    );
    // What ours could not tell it does not say.
    let both =
        theirs.into_iter().filter_map(|(question, theirs)| Some((ours.get(&question)?, question, theirs)));
    both.map(|(ours, question, theirs)| {
        let (more, less) = (&theirs - ours, ours - &theirs);
        Cell { server: endpoint.what, question, peer, more, less }
    })
    .collect()
}

fn scanned(endpoint: &Endpoint) -> Scanned {
    let target = Target {
        endpoint: format!("{}://127.0.0.1:{}", endpoint.scheme, endpoint.port).parse().unwrap(),
        trust: endpoint.trust.clone(),
        expected: endpoint.name.parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        revoked: RevokedCertificates::default(),
        extent: Some(Arc::new(Extent::of(vec![Store { name: "given", anchors: endpoint.trust.clone() }]))),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let manners = Manners { answer: Duration::from_secs(20), ..Manners::default() };
    let addresses = [SocketAddr::from(([127, 0, 0, 1], endpoint.port)).into()];
    let (clock, randomness) = (Arc::new(SystemClock), SystemRandomness::default());
    runtime.block_on(scan(&target, &addresses, Depth::Full, &manners, clock, &randomness))
}

/// The disagreements that nobody has decided.
fn undecided(cells: &[Cell]) -> Vec<String> {
    let undecided = cells.iter().filter(|cell| !cell.agrees() && decided::of(cell).is_none());
    undecided.map(Cell::told).collect()
}

fn assert_decided(servers: &[fn() -> Endpoint]) {
    let cells: Vec<Cell> = servers.iter().flat_map(|start| compared(&start(), &Peer::QUICK)).collect();
    let undecided = undecided(&cells);
    assert!(undecided.is_empty(), "{}", undecided.join("\n"));
}

#[test]
fn two_scanners_see_what_ours_sees_of_each_level_of_mozilla_or_are_wrong() {
    assert_decided(&servers::ALL[..3]);
}

#[test]
fn two_scanners_see_what_ours_sees_of_openssl_gnutls_and_nss_or_are_wrong() {
    assert_decided(&servers::ALL[3..7]);
}

#[test]
fn two_scanners_see_what_ours_sees_of_servers_of_other_days_or_are_wrong() {
    assert_decided(&servers::ALL[7..10]);
}

#[test]
fn two_scanners_see_what_ours_sees_behind_preludes_or_are_wrong() {
    assert_decided(&servers::ALL[10..]);
}

mod soak {
    use super::*;

    #[test]
    #[ignore = "testssl.sh takes minutes: `cargo xtask soak agreement`"]
    fn agreement_of_four_scanners_cell_by_cell() {
        // Side by side, as testssl.sh waits more than it works; in the order of the page.
        let cells: Vec<Cell> = std::thread::scope(|scope| {
            let running = servers::ALL.map(|start| scope.spawn(move || compared(&start(), &Peer::ALL)));
            running.into_iter().flat_map(|running| running.join().unwrap()).collect()
        });
        page::keep(&page::write(&cells));
        let undecided = super::undecided(&cells);
        assert!(undecided.is_empty(), "{}", undecided.join("\n"));
        let needless = decided::needless(&cells);
        assert!(needless.is_empty(), "decided, and nobody disagrees: {needless:?}");
    }
}
