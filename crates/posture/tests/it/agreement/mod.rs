//! Whether three auditors say the same of the same code: ours, Checkov and cfn-guard. Where they do not, somebody is
//! wrong, and AWS's text says who.
//!
//! What they look at are the cases of each control that one of them knows, and the sample architecture, sound and
//! broken, in its three forms. The long test runs them, and writes the page of the book when `UPDATE_DOCS` is set.

mod checkov;
mod decided;
mod examples;
mod guard;
mod ours;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use hermetic_posture::{Control, Standing, controls};

use examples::Example;

/// An auditor of other hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Checkov,
    Guard,
}

impl Peer {
    const ALL: [Self; 2] = [Self::Checkov, Self::Guard];

    fn name(self) -> &'static str {
        match self {
            Self::Checkov => "Checkov",
            Self::Guard => "cfn-guard",
        }
    }

    /// What it calls a control.
    fn ids(self, control: &Control) -> Vec<&str> {
        match self {
            Self::Checkov => control.ids.checkov.iter().map(|id| &**id).collect(),
            Self::Guard => guard::ids(&control.id),
        }
    }

    /// Where its program is, as `cargo xtask soak` installs it.
    fn program(self) -> PathBuf {
        let (variable, made) = match self {
            Self::Checkov => ("HERMETIC_TEST_CHECKOV", "checkov/bin/checkov"),
            Self::Guard => ("HERMETIC_TEST_GUARD", "cfn-guard/bin/cfn-guard"),
        };
        let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-peers");
        std::env::var_os(variable).map_or_else(|| target.join(made), PathBuf::from)
    }
}

/// What an auditor of other hands says; it has two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    Pass,
    Fail,
}

/// What another says, by file and by its own id. Of several resources in a file the one that fails counts.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<(String, String), Says>);

impl Told {
    fn add(&mut self, file: &str, id: &str, says: Says) {
        let told = self.0.entry((file.to_owned(), id.to_owned())).or_insert(says);
        *told = (*told).max(says);
    }

    fn of(&self, file: &str, id: &str) -> Option<Says> {
        self.0.get(&(file.to_owned(), id.to_owned())).copied()
    }
}

/// What an auditor says of an example by one of its ids, beside what ours says by the controls that carry the id.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The example, in words.
    pub example: String,
    pub peer: Peer,
    pub id: String,
    pub ours: Standing,
    pub theirs: Says,
}

impl Cell {
    /// What there is nothing to judge of passes.
    fn agrees(&self) -> bool {
        match self.ours {
            Standing::Pass | Standing::NotApplicable => self.theirs == Says::Pass,
            Standing::Fail => self.theirs == Says::Fail,
            Standing::Unknown => false,
        }
    }

    fn told(&self) -> String {
        let Self { example, id, ours, theirs, .. } = self;
        format!("{id} says {theirs:?} of `{example}`, ours {ours:?}")
    }
}

/// Controls that share an id, and what was said of the examples that are about them.
#[derive(Debug)]
pub struct Group {
    pub controls: Vec<&'static Control>,
    /// What another calls them.
    pub ids: BTreeSet<(Peer, String)>,
    /// Each example by its words, with what ours says of it.
    pub rows: Vec<(String, Standing, Vec<Cell>)>,
}

/// All groups, in the order of the controls.
fn compared() -> Vec<Group> {
    let folder = tempfile::tempdir().unwrap();
    let examples = examples::all();
    examples.iter().for_each(|example| example.write(folder.path()));
    let told = [checkov::told(folder.path()), guard::told(folder.path())];
    let mut groups = groups();
    for example in &examples {
        let standings = ours::standings(example);
        let about = |group: &&mut Group| example.is_about(&group.controls);
        for group in groups.iter_mut().filter(about) {
            group.add(example, &standings, &told);
        }
    }
    groups
}

/// The controls that another knows, those together that an id joins.
fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for control in controls::all().iter().filter(|control| control.shown_by_code()) {
        let ids: BTreeSet<(Peer, String)> = Peer::ALL
            .into_iter()
            .flat_map(|peer| peer.ids(control).into_iter().map(move |id| (peer, id.to_owned())))
            .collect();
        if ids.is_empty() {
            continue;
        }
        let (joined, apart) = groups.into_iter().partition(|group| !group.ids.is_disjoint(&ids));
        let mut group = Group { controls: Vec::new(), ids: BTreeSet::new(), rows: Vec::new() };
        for Group { controls, ids, .. } in joined {
            group.controls.extend(controls);
            group.ids.extend(ids);
        }
        group.controls.push(control);
        group.ids.extend(ids);
        groups = apart;
        groups.push(group);
    }
    groups
}

impl Group {
    fn add(&mut self, example: &Example, standings: &BTreeMap<&str, Standing>, told: &[Told; 2]) {
        let worst = |controls: &mut dyn Iterator<Item = &&Control>| {
            controls.filter_map(|control| standings.get(&*control.id)).max().copied()
        };
        let mut cells = Vec::new();
        for (peer, id) in &self.ids {
            let [checkov, guard] = told;
            let told = if *peer == Peer::Checkov { checkov } else { guard };
            let Some(theirs) = told.of(&example.file, id) else { continue };
            let mut carrying = self.controls.iter().filter(|control| peer.ids(control).contains(&&**id));
            let ours = worst(&mut carrying).unwrap_or(Standing::NotApplicable);
            cells.push(Cell { example: example.words.clone(), peer: *peer, id: id.clone(), ours, theirs });
        }
        let ours = worst(&mut self.controls.iter()).unwrap_or(Standing::NotApplicable);
        if !cells.is_empty() {
            self.rows.push((example.words.clone(), ours, cells));
        }
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flat_map(|(_, _, cells)| cells)
    }
}

mod soak {
    use super::*;

    #[test]
    #[ignore = "Checkov takes a minute, and cfn-guard is built first: `cargo xtask soak audit-agreement`"]
    fn audit_agreement_with_checkov_and_cfn_guard_control_by_control() {
        let groups = compared();
        page::keep(&page::write(&groups));
        let cells: Vec<&Cell> = groups.iter().flat_map(Group::cells).collect();
        assert!(Peer::ALL.iter().all(|peer| cells.iter().any(|cell| cell.peer == *peer)), "{cells:?}");
        let undecided = cells.iter().filter(|cell| !cell.agrees() && decided::of(cell).is_none());
        let undecided: Vec<String> = undecided.map(|cell| cell.told()).collect();
        assert!(undecided.is_empty(), "{}", undecided.join("\n"));
        let needless = decided::needless(&cells);
        assert!(needless.is_empty(), "decided, and nobody disagrees: {needless:#?}");
    }
}
