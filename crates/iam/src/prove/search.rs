//! The search for one request: an element to miss by, for each Deny.

use std::collections::HashMap;

use super::budget::Budget;
use super::circumstances::{CallerKind, Circumstances, Known, ResourcePlace, Transport};
use super::strings::{Piece, Wanted};
use super::witness::{self, Witness, globbed};
use super::{family, variables};
use crate::document::{Comparison, Key, ResourcePattern, Resources, Statement, Test};
use crate::matching::{acts, concerns, holds, names, stands_for};
use crate::request::{Context, Request};
use crate::services::{Reached, ServiceAction};

/// What a test that can't be decided does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It holds: its Deny is none that can be missed by it.
    Denies,
    /// Its Deny misses.
    Misses,
}

/// Finds a request in these circumstances that no Deny is about.
pub(super) fn search(
    circumstances: &Circumstances<'_>,
    denials: &[&Statement],
    reached: &[Reached],
    doubt: Doubt,
    budget: &mut Budget,
) -> Option<Request> {
    let keys = denials.iter().flat_map(|denial| {
        let tested = denial.tests.iter().map(|test| test.key.as_str());
        tested.chain(variables(denial))
    });
    let context = circumstances.context(keys);
    let caller = circumstances.caller(None);
    // What is settled already leaves few of them.
    let left = denials
        .iter()
        .copied()
        .filter(|denial| names(denial, &caller) && is_left(denial, circumstances, &context, doubt));
    let left: Vec<&Statement> = left.collect();
    for class in classes(circumstances, &left, reached) {
        if !budget.spend(1 + class.denials.len()) {
            return None;
        }
        let corner = Corner { circumstances, context: &context, class: &class, doubt };
        if let Some(request) = corner.search(budget) {
            if denials.iter().all(|denial| concerns(denial, &request).is_err()) || doubt == Doubt::Misses {
                return Some(request);
            }
        }
    }
    None
}

/// Whether a Deny may be about a request of these circumstances.
fn is_left(denial: &Statement, circumstances: &Circumstances<'_>, context: &Context, doubt: Doubt) -> bool {
    if doubt == Doubt::Misses && has_variables(denial, circumstances) {
        return false;
    }
    denial.tests.iter().all(|test| match circumstances.known(test.key.as_str()) {
        Known::Value(_) | Known::Absent => holds(test, context),
        Known::Unsure => doubt == Doubt::Denies,
        Known::Free { .. } => true,
    })
}

/// Whether it rests on a variable that is not known.
fn has_variables(denial: &Statement, circumstances: &Circumstances<'_>) -> bool {
    let is_known = |key: &&str| {
        let is_settled = circumstances.settled.iter().any(|(settled, _)| settled == key);
        is_settled || matches!(circumstances.known(key), Known::Free { .. } | Known::Unsure)
    };
    variables(denial).iter().any(is_known)
}

/// Actions about which the same Denies speak, on resources of one type.
struct Class<'a> {
    action: &'a ServiceAction,
    reached: &'a Reached,
    denials: Vec<&'a Statement>,
}

fn classes<'a>(
    circumstances: &Circumstances<'a>,
    denials: &[&'a Statement],
    reached: &'a [Reached],
) -> Vec<Class<'a>> {
    let service = circumstances.place.service;
    let mut classes: HashMap<(usize, Vec<bool>), &ServiceAction> = HashMap::new();
    let mut order = Vec::new();
    for action in &service.actions {
        let mut about: Option<Vec<bool>> = None;
        for (place, reached) in reached.iter().enumerate() {
            if !action.types.contains(&reached.kind) {
                continue;
            }
            let name = format!("{}:{}", service.name, action.name);
            let about =
                about.get_or_insert_with(|| denials.iter().map(|denial| acts(denial, &name)).collect());
            let class = (place, about.clone());
            match classes.get_mut(&class) {
                Some(known) if rank(action) < rank(known) => *known = action,
                Some(_) => {}
                None => {
                    classes.insert(class.clone(), action);
                    order.push(class);
                }
            }
        }
    }
    let class = |(place, about): (usize, Vec<bool>)| {
        let action = *classes.get(&(place, about.clone()))?;
        let denials =
            denials.iter().zip(&about).filter(|(_, about)| **about).map(|(denial, _)| *denial).collect();
        Some(Class { action, reached: reached.get(place)?, denials })
    };
    let mut found: Vec<Class<'_>> = order.into_iter().filter_map(class).collect();
    // The emptiest first: there nothing has to be missed.
    found.sort_by_key(|class| (class.denials.len(), rank(class.action)));
    found
}

/// Actions that people know come first in a counter-example.
fn rank(action: &ServiceAction) -> usize {
    let known = [
        "GetObject",
        "PutObject",
        "ListBucket",
        "ReceiveMessage",
        "SendMessage",
        "Publish",
        "Decrypt",
        "GetSecretValue",
        "GetRecords",
        "PutRecord",
        "GetItem",
        "Query",
        "ClientMount",
    ];
    let verbs = ["Get", "List", "Put", "Describe", "Receive", "Send"];
    known.iter().position(|name| *name == action.name).unwrap_or_else(|| {
        known.len() + verbs.iter().position(|verb| action.name.starts_with(verb)).unwrap_or(verbs.len())
    })
}

/// One action on one type of resource, in settled circumstances.
struct Corner<'a> {
    circumstances: &'a Circumstances<'a>,
    context: &'a Context,
    class: &'a Class<'a>,
    doubt: Doubt,
}

/// What a request can be varied in.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Subject {
    Resource,
    Key(Key),
}

/// An element by which a Deny can miss.
#[derive(Clone, Copy)]
enum Element<'a> {
    Resources(&'a Resources),
    Test(&'a Test),
}

/// A subject with all elements that speak of it, and what was found for some of them.
struct Varied<'a> {
    subject: Subject,
    elements: Vec<Element<'a>>,
    found: HashMap<Vec<usize>, Option<Found>>,
}

#[derive(Clone, Debug)]
enum Found {
    Resource(String),
    Key(Witness),
}

impl<'a> Corner<'a> {
    fn search(&self, budget: &mut Budget) -> Option<Request> {
        let mut varied: Vec<Varied<'a>> = Vec::new();
        let mut open: Vec<Vec<(usize, usize)>> = Vec::new();
        for denial in &self.class.denials {
            match self.elements(denial) {
                Missed::Already => {}
                Missed::ByOneOf(elements) => {
                    open.push(
                        elements
                            .into_iter()
                            .map(|(subject, element)| add(&mut varied, subject, element))
                            .collect(),
                    );
                }
            }
        }
        open.sort_by_key(Vec::len);
        // What can be missed by nothing denies.
        if open.first().is_some_and(Vec::is_empty) {
            return None;
        }
        let mut chosen = vec![Vec::new(); varied.len()];
        self.choose(&open, &mut varied, &mut chosen, budget)
    }

    /// By which elements a Deny may miss.
    fn elements(&self, denial: &'a Statement) -> Missed<'a> {
        let mut elements = Vec::new();
        if let Some(resources) = &denial.resources {
            match self.reaches(resources) {
                Reaches::Never => return Missed::Already,
                Reaches::Always => {}
                Reaches::Sometimes => elements.push((Subject::Resource, Element::Resources(resources))),
            }
        }
        for test in &denial.tests {
            if matches!(self.circumstances.known(test.key.as_str()), Known::Free { .. }) {
                if self.doubt == Doubt::Misses && is_mixed(test, &self.class.denials) {
                    return Missed::Already;
                }
                elements.push((Subject::Key(subject(&test.key)), Element::Test(test)));
            }
        }
        Missed::ByOneOf(elements)
    }

    fn reaches(&self, resources: &Resources) -> Reaches {
        let arn = &self.class.reached.arn;
        let takes =
            |pattern: &ResourcePattern| pattern.takes(arn, &|variable| stands_for(variable, self.context));
        let is_one = !arn.contains(['*', '?']);
        match (resources.patterns.iter().any(takes) != resources.all_but, is_one) {
            (true, true) => Reaches::Always,
            (false, true) => Reaches::Never,
            (_, false) if !resources.all_but && resources.patterns.contains(&ResourcePattern::All) => {
                Reaches::Always
            }
            (_, false) => Reaches::Sometimes,
        }
    }

    /// Goes through the Denies; each is missed by what was chosen before, or by one element more.
    fn choose(
        &self,
        open: &[Vec<(usize, usize)>],
        varied: &mut [Varied<'a>],
        chosen: &mut [Vec<usize>],
        budget: &mut Budget,
    ) -> Option<Request> {
        let Some((elements, others)) = open.split_first() else { return self.request(varied, chosen) };
        let is_chosen =
            |(subject, element): &(usize, usize)| chosen.get(*subject).is_some_and(|it| it.contains(element));
        if elements.iter().any(is_chosen) {
            return self.choose(others, varied, chosen, budget);
        }
        for (subject, element) in elements {
            if !budget.spend(1) {
                return None;
            }
            let before = chosen.get(*subject)?.clone();
            let mut with = before.clone();
            with.push(*element);
            with.sort_unstable();
            if varied.get_mut(*subject).is_some_and(|it| self.is_possible(it, &with, budget)) {
                *chosen.get_mut(*subject)? = with;
                let found = self.choose(others, varied, chosen, budget);
                if found.is_some() {
                    return found;
                }
                *chosen.get_mut(*subject)? = before;
            }
        }
        None
    }

    /// Whether all of these elements can be missed at once.
    fn is_possible(&self, varied: &mut Varied<'a>, elements: &[usize], budget: &mut Budget) -> bool {
        if let Some(known) = varied.found.get(elements) {
            return known.is_some();
        }
        let found =
            self.find(&varied.subject, elements.iter().filter_map(|it| varied.elements.get(*it)), budget);
        let is_found = found.is_some();
        varied.found.insert(elements.to_vec(), found);
        is_found
    }

    fn find<'e>(
        &self,
        subject: &Subject,
        elements: impl Iterator<Item = &'e Element<'a>>,
        budget: &mut Budget,
    ) -> Option<Found>
    where
        'a: 'e,
    {
        let (mut resources, mut tests) = (Vec::new(), Vec::new());
        for element in elements {
            match element {
                Element::Resources(element) => resources.push(*element),
                Element::Test(test) => tests.push(*test),
            }
        }
        match subject {
            Subject::Resource => {
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
        let pieces = |text: &str| Wanted { pieces: globbed(text), folded: false, taken: true };
        match (key.as_str(), self.circumstances.principal_prefix()) {
            ("aws:principalarn", Some(prefix)) => {
                let mut shape = vec![pieces(&format!("{prefix}?*"))];
                // Whom a Deny names is somebody else.
                let principals = self.class.denials.iter().flat_map(|denial| &denial.principals);
                for principal in principals.flat_map(|principals| &principals.named) {
                    if let crate::document::Principal::Arn(arn) = principal {
                        shape.push(Wanted::literal(arn, false));
                    }
                }
                shape
            }
            ("aws:sourcevpc", _) => vec![pieces("vpc-?*")],
            ("aws:sourcevpce", _) => vec![pieces("vpce-?*")],
            ("aws:principalorgid", _) => vec![pieces("o-?*")],
            _ => vec![Wanted { pieces: vec![Piece::One, Piece::Any], folded: false, taken: true }],
        }
    }

    /// The request that all choices together make.
    fn request(&self, varied: &[Varied<'a>], chosen: &[Vec<usize>]) -> Option<Request> {
        let reached = &self.class.reached.arn;
        let mut resource = reached.replace("?*", "x").replace('*', "x").replace('?', "x");
        let mut context = self.context.clone();
        let mut principal = None;
        for (varied, chosen) in varied.iter().zip(chosen).filter(|(_, chosen)| !chosen.is_empty()) {
            match (varied.found.get(chosen)?.clone()?, &varied.subject) {
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
        if let (CallerKind::User(_) | CallerKind::Role(_), None) = (&self.circumstances.caller, &principal) {
            let arn = self.circumstances.principal_prefix().map(|prefix| format!("{prefix}anyone"));
            context = context.with(Key::of("aws:PrincipalArn"), arn.into_iter().collect());
        }
        let action = format!("{}:{}", self.circumstances.place.service.name, self.class.action.name);
        Some(Request { principal: caller, action, resource, context })
    }
}

/// By what a Deny misses.
enum Missed<'a> {
    Already,
    ByOneOf(Vec<(Subject, Element<'a>)>),
}

enum Reaches {
    Always,
    Never,
    Sometimes,
}

/// An element among those of its subject.
fn add<'a>(varied: &mut Vec<Varied<'a>>, subject: Subject, element: Element<'a>) -> (usize, usize) {
    let place = varied.iter().position(|it| it.subject == subject).unwrap_or_else(|| {
        varied.push(Varied { subject, elements: Vec::new(), found: HashMap::new() });
        varied.len() - 1
    });
    let Some(known) = varied.get_mut(place) else { return (place, 0) };
    known.elements.push(element);
    (place, known.elements.len() - 1)
}

/// The clock has one time, under two names.
fn subject(key: &Key) -> Key {
    match key.as_str() {
        "aws:epochtime" => Key::of("aws:CurrentTime"),
        _ => key.clone(),
    }
}

/// A context with this key; both names of the time at once.
pub(super) fn with(context: Context, key: &Key, values: Vec<String>) -> Context {
    let at = values.first().and_then(|value| crate::document::date(value));
    match (key.as_str(), at) {
        ("aws:currenttime", Some(at)) => {
            let seconds = vec![at.as_second().to_string()];
            context.with(Key::of("aws:EpochTime"), seconds).with(key.clone(), vec![at.to_string()])
        }
        _ => context.with(key.clone(), values),
    }
}

/// Whether nobody here can tell what a test's key has.
pub(super) fn is_unsure(test: &Test, place: &ResourcePlace) -> bool {
    let (transport, caller) = (Transport::Clear, CallerKind::Anonymous);
    let any = Circumstances { transport, caller, by_endpoint: false, place, settled: Vec::new() };
    any.known(test.key.as_str()) == Known::Unsure
}

/// Whether a test compares its key otherwise than other tests do: values are looked for in one family at a time.
pub(super) fn is_mixed(test: &Test, denials: &[&Statement]) -> bool {
    let mut others = denials.iter().flat_map(|denial| &denial.tests).filter(|other| other.key == test.key);
    let counts = |test: &Test| test.operator.comparison != Comparison::Null;
    counts(test)
        && others.any(|other| {
            counts(other) && family(other.operator.comparison) != family(test.operator.comparison)
        })
}
