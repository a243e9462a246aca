//! Actions about which the same Denies speak are one: a service has hundreds, and a document tells few of them apart.

use super::budget::Budget;
use super::witness::surely_reaches;
use crate::document::{Actions, Statement};
use crate::matching::acts;
use crate::pattern::Pattern;
use crate::services::{Reached, Service, ServiceAction};

/// Actions about which the same Denies speak, on resources of one type.
#[derive(Debug)]
pub(super) struct Class<'a> {
    /// One that stands for all of them.
    pub(super) action: &'static ServiceAction,
    pub(super) reached: &'a Reached,
    /// The places of the Denies that speak of it.
    pub(super) denials: Vec<usize>,
    /// Of these, those that reach every resource of the type, whatever a request has; in their order, as all places.
    pub(super) whole: Vec<usize>,
}

/// All classes, those of which the fewest speak first: there the least has to be missed.
pub(super) fn of<'a>(
    service: &'static Service,
    denials: &[&Statement],
    reached: &'a [Reached],
    budget: &mut Budget,
) -> Vec<Class<'a>> {
    let cost = |denial: &&Statement| {
        let resources = denial.resources.as_ref().map_or(0, |resources| resources.patterns.len());
        let actions = denial.actions.patterns.len().max(1);
        service.actions.len() * actions + reached.len() * resources
    };
    if !budget.spend(denials.iter().map(cost).sum()) {
        return Vec::new();
    }
    let groups = groups(service, denials);
    let mut classes = Vec::new();
    for reached in reached {
        let reaches = |denial: &&Statement| {
            denial.resources.as_ref().is_none_or(|resources| surely_reaches(resources, &reached.arn))
        };
        let reaching: Vec<bool> = denials.iter().map(reaches).collect();
        for group in &groups {
            let acting = group.actions.iter().filter(|action| action.types.contains(&reached.kind));
            // Of equals, the first.
            let Some(action) = acting.min_by_key(|action| rank(action)).copied() else { continue };
            let denials = group.denials.clone();
            let whole = denials.iter().copied().filter(|place| reaching.get(*place) == Some(&true)).collect();
            classes.push(Class { action, reached, denials, whole });
        }
    }
    classes.sort_by_key(|class| (class.denials.len(), rank(class.action), class.action.name));
    classes
}

/// Actions about which the same Denies speak, and the places of these.
struct Group {
    actions: Vec<&'static ServiceAction>,
    denials: Vec<usize>,
}

/// Begins with all actions in one group, and lets each Deny split those of which it speaks in part.
fn groups(service: &'static Service, denials: &[&Statement]) -> Vec<Group> {
    let mut groups = vec![Group { actions: service.actions.iter().collect(), denials: Vec::new() }];
    for (place, denial) in denials.iter().enumerate() {
        let named = Named::of(&denial.actions);
        let mut others = Vec::new();
        for group in &mut groups {
            let silent: Vec<_> = group.actions.extract_if(.., |action| !named.has(action, denial)).collect();
            match (group.actions.is_empty(), silent.is_empty()) {
                (true, _) => group.actions = silent,
                (false, true) => group.denials.push(place),
                (false, false) => {
                    others.push(Group { actions: silent, denials: group.denials.clone() });
                    group.denials.push(place);
                }
            }
        }
        groups.append(&mut others);
    }
    groups
}

/// The actions of a Deny made ready: they are held against hundreds, and most are a text, or a text with anything
/// behind it.
enum Named {
    Texts { all_but: bool, texts: Vec<(String, Ending)> },
    Search,
}

#[derive(Clone, Copy)]
enum Ending {
    Here,
    Anything,
}

impl Named {
    fn of(actions: &Actions) -> Self {
        let text = |pattern: &Pattern| {
            let text = pattern.literal().map(|text| (text, Ending::Here));
            let text = text.or_else(|| pattern.literal_before_any().map(|text| (text, Ending::Anything)));
            // Beyond ASCII, letters fold in ways of their own: the Kelvin sign is a k.
            text.filter(|(text, _)| text.is_ascii()).map(|(text, ending)| (text.to_ascii_lowercase(), ending))
        };
        let texts: Option<Vec<_>> = actions.patterns.iter().map(text).collect();
        texts.map_or(Self::Search, |texts| Self::Texts { all_but: actions.all_but, texts })
    }

    fn has(&self, action: &ServiceAction, denial: &Statement) -> bool {
        let name = action.folded.as_str();
        let takes = |(text, ending): &(String, Ending)| match ending {
            Ending::Here => name == text,
            Ending::Anything => name.starts_with(text.as_str()),
        };
        match self {
            Self::Texts { all_but, texts } => texts.iter().any(takes) != *all_but,
            Self::Search => acts(denial, name),
        }
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::{Group, groups};
    use crate::document::{Document, Statement};
    use crate::matching::acts;
    use crate::services::Service;

    fn denials(actions: &[(&str, Vec<&str>)]) -> Document {
        let statements = actions.iter().map(|(element, patterns)| {
            format!(r#"{{"Effect": "Deny", "Principal": "*", "{element}": {patterns:?}, "Resource": "*"}}"#)
        });
        Document::read(&format!("{{\"Statement\": [{}]}}", statements.collect::<Vec<_>>().join(","))).unwrap()
    }

    fn elements() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
        let patterns = select(vec![
            "*",
            "s3:*",
            "S3:GetObject",
            "s3:getobject*",
            "s3:Get*",
            "s3:?et*Acl",
            "sqs:*",
            "s3:GetBuc\u{212A}et*",
            "s3:*Bucket",
        ]);
        (select(vec!["Action", "NotAction"]), proptest::collection::vec(patterns, 1..4))
    }

    proptest! {
        /// Every action is in one group, with the Denies that speak of it by the evaluator's own word; and no two
        /// groups have the same.
        #[test]
        fn actions_are_told_apart_as_the_evaluator_tells_them(actions in proptest::collection::vec(elements(), 0..6)) {
            let document = denials(&actions);
            let denials: Vec<&Statement> = document.statements.iter().collect();
            let service = Service::named("s3").unwrap();
            let groups = groups(service, &denials);
            for Group { actions, denials: places } in &groups {
                for action in actions {
                    let name = format!("s3:{}", action.name);
                    let speak = (0..denials.len()).filter(|place| acts(denials[*place], &name));
                    prop_assert_eq!(&speak.collect::<Vec<_>>(), places, "{}", name);
                }
            }
            prop_assert_eq!(groups.iter().map(|group| group.actions.len()).sum::<usize>(), service.actions.len());
            let distinct: BTreeSet<_> = groups.iter().map(|group| &group.denials).collect();
            prop_assert_eq!(distinct.len(), groups.len());
        }
    }
}
