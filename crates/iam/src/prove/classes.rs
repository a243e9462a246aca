//! Actions about which the same Denies speak are one: a service has hundreds, and a document tells few of them apart.

use std::collections::HashMap;

use super::budget::Budget;
use crate::document::Statement;
use crate::matching::acts;
use crate::services::{Reached, Service, ServiceAction};

/// Actions about which the same Denies speak, on resources of one type.
#[derive(Debug)]
pub(super) struct Class<'a> {
    /// One that stands for all of them.
    pub(super) action: &'a ServiceAction,
    pub(super) reached: &'a Reached,
    /// The places of the Denies that speak of it.
    pub(super) denials: Vec<usize>,
}

/// All classes, those of which the fewest speak first: there the least has to be missed.
pub(super) fn of<'a>(
    service: &'static Service,
    denials: &[&Statement],
    reached: &'a [Reached],
    budget: &mut Budget,
) -> Vec<Class<'a>> {
    let patterns: usize = denials.iter().map(|denial| denial.actions.patterns.len()).sum();
    if !budget.spend(service.actions.len() * patterns) {
        return Vec::new();
    }
    let mut classes: HashMap<(usize, Vec<usize>), &'static ServiceAction> = HashMap::new();
    for action in &service.actions {
        let name = format!("{}:{}", service.name, action.name);
        let mut about: Option<Vec<usize>> = None;
        let places = reached.iter().enumerate().filter(|(_, reached)| action.types.contains(&reached.kind));
        for (place, _) in places {
            let speak = |denials: &[&Statement]| {
                let speaking = denials.iter().enumerate().filter(|(_, denial)| acts(denial, &name));
                speaking.map(|(place, _)| place).collect()
            };
            let about = about.get_or_insert_with(|| speak(denials)).clone();
            let known = classes.entry((place, about)).or_insert(action);
            if rank(action) < rank(known) {
                *known = action;
            }
        }
    }
    let class = |((place, denials), action)| Some(Class { action, reached: reached.get(place)?, denials });
    let mut classes: Vec<Class<'a>> = classes.into_iter().filter_map(class).collect();
    classes.sort_by_key(|class| (class.denials.len(), rank(class.action), class.action.name));
    classes
}

/// Actions that people know come first in a counter-example.
fn rank(action: &ServiceAction) -> usize {
    const KNOWN: [&str; 13] = [
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
    const VERBS: [&str; 6] = ["Get", "List", "Put", "Describe", "Receive", "Send"];
    KNOWN.iter().position(|name| *name == action.name).unwrap_or_else(|| {
        KNOWN.len() + VERBS.iter().position(|verb| action.name.starts_with(verb)).unwrap_or(VERBS.len())
    })
}
