//! What code is told: environment variables, secrets, user data, that name a far end.

use super::super::api::behind;
use super::super::connection::{Wish, of_text, of_variable};
use super::super::party::role;
use super::Far;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::{Node, Value};

/// The far ends that a function's, service's or instance's own settings name.
pub fn far_ends<'g>(compute: &Subject<'g>) -> Vec<Far<'g>> {
    let mut told = Told { found: Vec::new(), general: None };
    for (subject, value) in settings(compute) {
        told.walk(&subject, None, value);
    }
    let general = told.general;
    let mut found = told.found;
    for far in &mut found {
        far.wish = far.wish.or(general);
    }
    found
}

/// Where a kind of compute has its settings.
fn settings<'g>(compute: &Subject<'g>) -> Vec<(Subject<'g>, &'g Value)> {
    let own = |subject: &Subject<'g>, paths: &[&'static str]| -> Vec<(Subject<'g>, &'g Value)> {
        let values = paths.iter().flat_map(|path| subject.all(&Path::of(path))).filter_map(Seen::known);
        values.map(|value| (*subject, value)).collect()
    };
    let of_other = |path: &'static str, paths: &[&'static str]| {
        let other = compute.value(&Path::of(path)).known().map(|value| compute.targets(value));
        other.unwrap_or_default().iter().flat_map(|other| own(other, paths)).collect::<Vec<_>>()
    };
    match &*compute.resource.kind {
        "AWS::Lambda::Function" => own(compute, &["Environment.Variables"]),
        "AWS::ECS::Service" => of_other(
            "TaskDefinition",
            &["ContainerDefinitions[].Environment", "ContainerDefinitions[].Secrets"],
        ),
        "AWS::EC2::Instance" => own(compute, &["UserData"]),
        "AWS::AutoScaling::AutoScalingGroup" => {
            of_other("LaunchTemplate.LaunchTemplateId", &["LaunchTemplateData.UserData"])
        }
        "AWS::AppRunner::Service" => {
            own(compute, &["SourceConfiguration.ImageRepository.ImageConfiguration"])
        }
        "AWS::StepFunctions::StateMachine" => {
            own(compute, &["DefinitionSubstitutions", "Definition", "DefinitionString"])
        }
        _ => Vec::new(),
    }
}

struct Told<'g> {
    found: Vec<Far<'g>>,
    /// What a variable says of all connections.
    general: Option<Wish>,
}

impl<'g> Told<'g> {
    fn walk(&mut self, subject: &Subject<'g>, name: Option<&str>, value: &'g Value) {
        let value = subject.resolve(value);
        match &value.node {
            Node::Map(map) => {
                // A container's variable is a map of `Name` and `Value` or `ValueFrom`.
                let variable =
                    map.entry("Name").and_then(|name| crate::subject::text_of(subject.resolve(name)).ok());
                for (key, value) in &map.entries {
                    self.walk(subject, variable.as_deref().or(Some(&key.text)), value);
                }
            }
            Node::List(list) => list.iter().for_each(|value| self.walk(subject, name, value)),
            Node::Reference(_) | Node::Pieces(_) => self.take(subject, value),
            Node::Text(_) | Node::Bool(_) | Node::Number(_) => {
                if let Some(wish) = name.and_then(|name| of_variable(name, value)) {
                    self.general = Some(self.general.map_or(wish, |known| known.min(wish)));
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, subject: &Subject<'g>, value: &'g Value) {
        let wish = of_text(value);
        for target in subject.targets(value) {
            for end in self.ends(&target) {
                match self.found.iter_mut().find(|known| known.end.id == end.id) {
                    Some(known) => known.wish = known.wish.into_iter().chain(wish).min(),
                    None => self.found.push(Far { end, wish, how: "a setting", at: value.at }),
                }
            }
        }
    }

    /// The party that a setting leads to; a secret leads to what it is attached to, or whose address it has.
    fn ends(&self, target: &Subject<'g>) -> Vec<Subject<'g>> {
        let stands_for = target.of(behind(target));
        if let Some(party) = stands_for.filter(|party| role(&party.resource.kind).is_some()) {
            return vec![party];
        }
        if &*target.resource.kind != "AWS::SecretsManager::Secret" {
            return Vec::new();
        }
        let attached = target
            .pointed_at_by("AWS::SecretsManager::SecretTargetAttachment", &Path::of("SecretId"))
            .into_iter()
            .filter_map(|attachment| Some((attachment, attachment.value(&Path::of("TargetId")).known()?)))
            .flat_map(|(attachment, id)| attachment.targets(id));
        let written =
            ["SecretString", "GenerateSecretString.SecretStringTemplate"].into_iter().flat_map(|path| {
                let value = target.value(&Path::of(path)).known();
                value.map(|value| target.targets(value)).unwrap_or_default()
            });
        let parties = attached.chain(written).filter_map(|end| end.of(behind(&end)));
        parties.filter(|end| role(&end.resource.kind).is_some()).collect()
    }
}
