//! Logged connections, summed up, and what they are worth as evidence.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use hermetic_hop::{
    Counts, Evidence, EvidenceKind, Expectation, HopName, Observation, Origins, Verdict, View, judge,
};
use hermetic_tls::SecurityPolicy;
use jiff::{SignedDuration, Timestamp};

use crate::entry::{Address, Connection, LoggedTransport};

/// What the log of a hop tells of its connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedConnections {
    /// All that came to stand, cleartext too.
    pub connections: u64,
    /// Those in cleartext, whether or not they could leave the host.
    pub cleartext: u64,
    /// Those that resumed a session.
    pub resumed: u64,
    /// Handshakes that failed, where the log tells.
    pub failed: u64,
    /// TLS connections by version; `unknown` where the log names none that we know.
    pub versions: BTreeMap<String, u64>,
    /// TLS connections by suite, where the log names it.
    pub suites: BTreeMap<String, u64>,
    /// TLS connections by group, where the log names it.
    pub groups: BTreeMap<String, u64>,
    /// Cleartext connections by the address of the far end.
    pub cleartext_from: Origins,
    /// Lines that could not be read.
    pub unreadable: u64,
    /// The earliest time in what was read.
    pub first: Option<Timestamp>,
    /// The latest.
    pub last: Option<Timestamp>,
    /// Each way in which connections travelled. There are as many as the proxy's configuration
    /// allows, since all names outside the registries are one.
    kinds: BTreeMap<LoggedTransport, Seen>,
    /// The window of time that this covers; `None`: the connections of one moment.
    window: Option<SignedDuration>,
}

/// How often and when one way of travelling was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Connections; none where only later requests of an older connection were seen.
    connections: u64,
    last: Timestamp,
}

impl LoggedConnections {
    /// None yet, within a window.
    pub(crate) fn over(window: SignedDuration) -> Self {
        Self { window: Some(window), ..Self::default() }
    }

    /// Takes one line in. A later line of a connection counts none, but shows that it still lives.
    pub(crate) fn record(&mut self, connection: &Connection, is_new: bool) {
        let Connection { at, address, transport, resumed, .. } = *connection;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
        let count = u64::from(is_new);
        self.see(transport, Seen { connections: count, last: at });
        if !is_new {
            return;
        }
        self.connections += 1;
        self.resumed += u64::from(resumed);
        match transport {
            LoggedTransport::Cleartext { .. } => {
                self.cleartext += 1;
                let ip = match address {
                    Some(Address::Ip(ip)) => Some(ip),
                    Some(Address::Unix) | None => None,
                };
                self.cleartext_from.came_from(ip, 1);
            }
            LoggedTransport::Tls { version, suite, group, .. } => {
                let version = version.map_or_else(|| "unknown".to_owned(), |version| version.to_string());
                tally(&mut self.versions, Some(version), 1);
                tally(&mut self.suites, suite.map(|suite| suite.to_string()), 1);
                tally(&mut self.groups, group.map(|group| group.to_string()), 1);
            }
        }
    }

    /// Adds what another one has.
    pub(crate) fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.cleartext += other.cleartext;
        self.resumed += other.resumed;
        self.failed += other.failed;
        self.unreadable += other.unreadable;
        for (mine, theirs) in [
            (&mut self.versions, &other.versions),
            (&mut self.suites, &other.suites),
            (&mut self.groups, &other.groups),
        ] {
            for (name, count) in theirs {
                tally(mine, Some(name.clone()), *count);
            }
        }
        self.cleartext_from.add(&other.cleartext_from);
        for (transport, seen) in &other.kinds {
            self.see(*transport, *seen);
        }
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }

    /// What a hop's end has seen, as this tells it. The evidence is the worst connection by this
    /// policy, since one in cleartext is not mended by a thousand others; the note tells the share.
    pub fn observation(
        &self,
        hop: HopName,
        view: View,
        policy: &'static SecurityPolicy,
        now: Timestamp,
    ) -> Observation {
        let judged = self.judged(view, policy, now);
        let worst = judged.iter().min_by_key(|(verdict, _, evidence)| (*verdict, Reverse(evidence.at)));
        let mut observation = Observation::new(hop, view);
        observation.note = self.note(worst.map(|(verdict, ..)| {
            let alike = judged.iter().filter(|(other, ..)| other == verdict);
            (*verdict, alike.map(|(_, connections, _)| connections).sum())
        }));
        observation.latest = worst.map(|(.., evidence)| evidence.clone());
        observation.counts = Counts {
            connections: self.connections,
            cleartext: self.cleartext,
            resumed: self.resumed,
            failed: self.failed,
            versions: self.versions.clone(),
            suites: self.suites.clone(),
            groups: self.groups.clone(),
            ..Counts::default()
        };
        observation
    }

    /// Each way of travelling with its verdict and its number of connections.
    fn judged(
        &self,
        view: View,
        policy: &'static SecurityPolicy,
        now: Timestamp,
    ) -> Vec<(Verdict, u64, Evidence)> {
        let judged = |(transport, seen): (&LoggedTransport, &Seen)| {
            let transport = transport.transport();
            let evidence = Evidence { kind: EvidenceKind::Logged, view, at: seen.last, transport };
            let judgement = judge(Some(&evidence), &Expectation { policy }, now);
            (judgement.verdict, seen.connections, evidence)
        };
        self.kinds.iter().map(judged).collect()
    }

    /// The share of the connections that the evidence stands for, from whom they came where they
    /// are in clear, and what could not be read.
    fn note(&self, worst: Option<(Verdict, u64)>) -> Option<String> {
        let mut note = String::new();
        if let Some((verdict, alike)) = worst {
            let share = match alike {
                0 => "connections that began earlier".to_owned(),
                all if all == self.connections => format!("all {}", counted(all, "connection")),
                some => format!("{some} of {}", counted(self.connections, "connection")),
            };
            // Writing to a `String` does not fail.
            let _ = write!(note, "{share} {}", self.period());
            if verdict == Verdict::Clear {
                note.push_str(&self.cleartext_from.to_string());
            }
        }
        if self.unreadable > 0 {
            let separator = if note.is_empty() { "" } else { "; " };
            let _ = write!(note, "{separator}{} could not be read", counted(self.unreadable, "line"));
        }
        (!note.is_empty()).then_some(note)
    }

    fn period(&self) -> String {
        match self.window {
            Some(window) if window.as_mins() % 60 == 0 => format!("in the last {} h", window.as_hours()),
            Some(window) => format!("in the last {} min", window.as_mins()),
            None => "open at that time".to_owned(),
        }
    }

    fn see(&mut self, transport: LoggedTransport, seen: Seen) {
        let kind = self.kinds.entry(transport).or_insert(Seen { connections: 0, last: seen.last });
        kind.connections += seen.connections;
        kind.last = kind.last.max(seen.last);
    }
}

fn tally(tally: &mut BTreeMap<String, u64>, name: Option<String>, count: u64) {
    if let Some(name) = name {
        *tally.entry(name).or_default() += count;
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
