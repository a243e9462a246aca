//! One action on one type of resource, in settled circumstances: for each Deny, an element to miss by.

use std::collections::HashMap;

use super::budget::Budget;
use super::circumstances::{CallerKind, Circumstances, Known};
use super::classes::Class;
use super::strings::{Piece, Wanted};
use super::witness::{self, Witness, globbed, with};
use crate::document::{Key, Principal, ResourcePattern, Resources, Statement, Test};
use crate::matching::stands_for;
use crate::request::{Context, Request};

/// One action on one type of resource, in settled circumstances.
pub(super) struct Corner<'a> {
    pub(super) circumstances: &'a Circumstances<'a>,
    pub(super) context: &'a Context,
    pub(super) class: &'a Class<'a>,
    /// The Denies that speak of it, with their places.
    pub(super) denials: Vec<(usize, &'a Statement)>,
    /// All of them.
    pub(super) all: &'a [&'a Statement],
}

/// What was found for some elements of a subject: the same is asked for many actions.
#[derive(Default)]
pub(super) struct Memory(HashMap<(Subject, Vec<Id>), Option<Found>>);

/// What a request can be varied in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Subject {
    /// The name of a resource of this type.
    Resource(&'static str),
    Key(Key),
}

/// The places of a Deny and of its element.
type Id = (usize, usize);

#[derive(Clone, Debug)]
enum Found {
    Resource(String),
    Key(Witness),
}

/// An element by which a Deny can miss.
#[derive(Clone)]
struct Element<'a> {
    id: Id,
    subject: Subject,
    what: What<'a>,
}

#[derive(Clone, Copy)]
enum What<'a> {
    Resources(&'a Resources),
    Test(&'a Test),
}

/// The elements that are chosen to miss by, of each subject.
type Chosen<'e, 'a> = Vec<(Subject, Vec<&'e Element<'a>>)>;

/// How a statement's resources stand to all that are meant.
enum Reaches {
    Always,
    Never,
    Sometimes,
}

impl<'a> Corner<'a> {
    /// Finds a request that all Denies miss.
    pub(super) fn search(&self, memory: &mut Memory, budget: &mut Budget) -> Option<Request> {
        let mut open: Vec<Vec<Element<'a>>> =
            self.denials.iter().filter_map(|(place, denial)| self.elements(*place, denial)).collect();
        open.sort_by_key(Vec::len);
        // What can be missed by nothing denies.
        if open.first().is_some_and(Vec::is_empty) {
            return None;
        }
        self.choose(&open, &mut Vec::new(), memory, budget)
    }

    /// By which elements a Deny may miss; `None` where it does already.
    fn elements(&self, place: usize, denial: &'a Statement) -> Option<Vec<Element<'a>>> {
        let mut elements = Vec::new();
        if let Some(resources) = &denial.resources {
            match self.reaches(place, resources) {
                Reaches::Never => return None,
                Reaches::Always => {}
                Reaches::Sometimes => {
                    let subject = Subject::Resource(self.class.reached.kind);
                    let id = (place, denial.tests.len());
                    elements.push(Element { id, subject, what: What::Resources(resources) });
                }
            }
        }
        for (number, test) in denial.tests.iter().enumerate() {
            if matches!(self.circumstances.known(test.key.as_str()), Known::Free { .. }) {
                let subject = Subject::Key(subject(&test.key));
                elements.push(Element { id: (place, number), subject, what: What::Test(test) });
            }
        }
        Some(elements)
    }

    fn reaches(&self, place: usize, resources: &Resources) -> Reaches {
        if self.class.whole.binary_search(&place).is_ok() {
            return Reaches::Always;
        }
        let arn = &self.class.reached.arn;
        let takes =
            |pattern: &ResourcePattern| pattern.takes(arn, &|variable| stands_for(variable, self.context));
        let is_one = !arn.contains(['*', '?']);
        match is_one {
            true if resources.patterns.iter().any(takes) == resources.all_but => Reaches::Never,
            true => Reaches::Always,
            false => Reaches::Sometimes,
        }
    }

    /// Goes through the Denies; each is missed by what was chosen before, or by one element more.
    fn choose<'e>(
        &self,
        open: &'e [Vec<Element<'a>>],
        chosen: &mut Chosen<'e, 'a>,
        memory: &mut Memory,
        budget: &mut Budget,
    ) -> Option<Request> {
        let Some((elements, others)) = open.split_first() else { return self.request(chosen, memory) };
        for element in elements {
            if !budget.spend(1) {
                return None;
            }
            let place = chosen.iter().position(|(subject, _)| *subject == element.subject);
            let place = place.unwrap_or_else(|| {
                chosen.push((element.subject.clone(), Vec::new()));
                chosen.len() - 1
            });
            let (subject, elements) = chosen.get_mut(place)?;
            elements.push(element);
            if self.find(subject, elements, memory, budget).is_some() {
                let found = self.choose(others, chosen, memory, budget);
                if found.is_some() {
                    return found;
                }
            }
            chosen.get_mut(place)?.1.pop();
        }
        None
    }

    /// What misses all of these elements at once.
    fn find(
        &self,
        subject: &Subject,
        elements: &[&Element<'a>],
        memory: &mut Memory,
        budget: &mut Budget,
    ) -> Option<Found> {
        let mut ids: Vec<Id> = elements.iter().map(|element| element.id).collect();
        ids.sort_unstable();
        let asked = (subject.clone(), ids);
        if let Some(known) = memory.0.get(&asked) {
            return known.clone();
        }
        let found = self.look(subject, elements, budget);
        memory.0.insert(asked, found.clone());
        found
    }

    fn look(&self, subject: &Subject, elements: &[&Element<'a>], budget: &mut Budget) -> Option<Found> {
        let (mut resources, mut tests) = (Vec::new(), Vec::new());
        for element in elements {
            match element.what {
                What::Resources(element) => resources.push(element),
                What::Test(test) => tests.push(test),
            }
        }
        match subject {
            Subject::Resource(_) => {
                let found = witness::of_resource(&self.class.reached.arn, &resources, self.context, budget);
                found.map(Found::Resource)
            }
            Subject::Key(key) => {
                let Known::Free { may_be_absent } = self.circumstances.known(key.as_str()) else {
                    return None;
                };
                let shape = self.shape(key);
                witness::of_key(key, &tests, may_be_absent, &shape, self.context, budget).map(Found::Key)
            }
        }
    }

    /// What a value of this key looks like.
    fn shape(&self, key: &Key) -> Vec<Wanted> {
        let taken = |text: &str| Wanted { pieces: globbed(text), folded: false, taken: true };
        match (key.as_str(), self.circumstances.principal_prefix()) {
            ("aws:principalarn", Some(prefix)) => {
                let principals = self.all.iter().flat_map(|denial| &denial.principals);
                // Whom a Deny names is somebody else.
                let named =
                    principals.flat_map(|principals| &principals.named).filter_map(
                        |principal| match principal {
                            Principal::Arn(arn) => Some(Wanted::literal(arn, false)),
                            _ => None,
                        },
                    );
                std::iter::once(taken(&format!("{prefix}?*"))).chain(named).collect()
            }
            ("aws:sourcevpc", _) => vec![taken("vpc-?*")],
            ("aws:sourcevpce", _) => vec![taken("vpce-?*")],
            ("aws:principalorgid", _) => vec![taken("o-?*")],
            _ => vec![Wanted { pieces: vec![Piece::One, Piece::Any], folded: false, taken: true }],
        }
    }

    /// The request that all choices together make.
    fn request(&self, chosen: &Chosen<'_, 'a>, memory: &mut Memory) -> Option<Request> {
        let reached = &self.class.reached.arn;
        let mut resource = reached.replace("?*", "x").replace(['*', '?'], "x");
        let mut context = self.context.clone();
        let mut principal = None;
        for (subject, elements) in chosen.iter().filter(|(_, elements)| !elements.is_empty()) {
            // It was found before: nothing has to be spent for it.
            match (self.find(subject, elements, memory, &mut Budget::of(0))?, subject) {
                (Found::Resource(arn), _) => resource = arn,
                (Found::Key(Witness::Values(values)), Subject::Key(key)) => {
                    if key.as_str() == "aws:principalarn" {
                        principal = values.first().cloned();
                    }
                    context = with(context, key, values);
                }
                (Found::Key(_), _) => {}
            }
        }
        let caller = self.circumstances.caller(principal.as_deref());
        if let (CallerKind::Unnamed(..), None) = (&self.circumstances.caller, &principal) {
            let arn = self.circumstances.principal_prefix().map(|prefix| format!("{prefix}anyone"));
            context = context.with(Key::of("aws:PrincipalArn"), arn.into_iter().collect());
        }
        let action = format!("{}:{}", self.circumstances.place.service.name, self.class.action.name);
        Some(Request { principal: caller, action, resource, context })
    }
}

/// The clock has one time, under two names.
fn subject(key: &Key) -> Key {
    match key.as_str() {
        "aws:epochtime" => Key::of("aws:CurrentTime"),
        _ => key.clone(),
    }
}
