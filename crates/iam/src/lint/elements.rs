//! Rules about actions, resources and principals.

use super::facts::Facts;
use super::{Rule, Weight};
use crate::document::{Effect, ResourcePattern, Statement};
use crate::json::Place;
use crate::pattern::{Folding, Pattern};
use crate::services::Service;

pub(super) const NO_RESOURCE: Rule = Rule {
    id: "resource-never-matches",
    weight: Weight::Hole,
    title: "A resource that begins like an ARN and has fewer than six parts",
    remedy: "write all six parts: arn:partition:service:region:account:resource",
    check: no_resource,
};

pub(super) const NO_ACTION: Rule = Rule {
    id: "action-is-unknown",
    weight: Weight::Trap,
    title: "An action that the service does not have",
    remedy: "look it up in the Service Authorization Reference; names are those of permissions, not of API calls",
    check: no_action,
};

pub(super) const ALLOW_ALL_BUT: Rule = Rule {
    id: "allow-of-all-but",
    weight: Weight::Hole,
    title: "An Allow for all but some principals, also for those without a name",
    remedy: "name those who may, or deny the others",
    check: allow_all_but,
};

type Found = Vec<(Place, String)>;

fn no_resource(_: &Facts<'_>, statement: &Statement) -> Found {
    let patterns = statement.resources.iter().flat_map(|resources| &resources.patterns);
    let lost = patterns.filter_map(|pattern| match pattern {
        ResourcePattern::Nothing(text) => Some((statement.place, format!("`{text}` matches no resource"))),
        _ => None,
    });
    lost.collect()
}

fn no_action(_: &Facts<'_>, statement: &Statement) -> Found {
    let unknown = |pattern: &Pattern| {
        let text = pattern.literal()?;
        let (service, name) = text.split_once(':')?;
        let service = Service::named(service)?;
        // Those that act on no single resource are not in the table.
        let is_listed = service.actions.iter().any(|action| action.name.eq_ignore_ascii_case(name));
        let closest = service.actions.iter().find(|action| {
            let known = Pattern::read(
                &format!("{name}*"),
                crate::pattern::Reading { wildcards: true, variables: false },
            );
            let begins = known.is_ok_and(|known| known.takes(action.name, Folding::Folded, &|_| None));
            begins || name.strip_suffix('s').is_some_and(|one| one.eq_ignore_ascii_case(action.name))
        });
        let meant = closest.filter(|_| !is_listed)?;
        Some((
            statement.place,
            format!("{} has no action `{name}`; {} may be meant", service.name, meant.name),
        ))
    };
    statement.actions.patterns.iter().filter_map(unknown).collect()
}

fn allow_all_but(_: &Facts<'_>, statement: &Statement) -> Found {
    match &statement.principals {
        Some(principals) if principals.all_but && statement.effect == Effect::Allow => {
            vec![(statement.place, "everybody else is allowed, whoever it is".to_owned())]
        }
        _ => Vec::new(),
    }
}
