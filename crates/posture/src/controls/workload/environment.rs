//! The environment of functions, tasks, services, builds, jobs and apps.

use std::sync::Arc;

use crate::control::Control;
use crate::path::Path;
use crate::policy::{Place, Renderer, UNKNOWN};
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Key, Node, Unknown, Value};
use crate::verdict::Judgement;

use super::connection_string::{self, Problem};

/// One variable, its value with a made-up name for what is not known; or why some are not known at all.
enum Variable {
    Named {
        name: String,
        value: String,
        at: Span,
    },
    /// Its text is Base64 of this one: what is made of that, is settled where it is decoded.
    Encoded {
        name: String,
        value: String,
        at: Span,
    },
    Unknown(Arc<Unknown>, Span),
}

/// Whether no variable asks for cleartext, or for TLS that verifies nobody.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    variables(subject).iter().map(|variable| of_variable(control, variable)).collect()
}

fn of_variable(control: &Control, variable: &Variable) -> Judgement {
    let (name, value, at) = match variable {
        Variable::Named { name, value, at } => (name, value, at),
        Variable::Encoded { name, value, at } => return of_encoded(control, name, value, *at),
        Variable::Unknown(why, at) => return Judgement::unknown(format!("the environment: {why}"), *at),
    };
    match connection_string::problem(control, name, value) {
        Some(Problem::Clear(what)) => Judgement::fail(format!("{name} asks for cleartext by {what}"), *at),
        Some(Problem::Unverified(what)) => {
            Judgement::fail(format!("{name} switches off verification by {what}"), *at)
        }
        Some(Problem::Unknown(option)) => Judgement::unknown(format!("{option} of {name} is not known"), *at),
        None if value.starts_with(UNKNOWN) => Judgement::unknown(format!("{name} is not known"), *at),
        None => Judgement::pass(format!("{name} asks for nothing in cleartext"), *at),
    }
}

/// Whoever decodes it may connect by it, or not.
fn of_encoded(control: &Control, name: &str, value: &str, at: Span) -> Judgement {
    match connection_string::problem(control, name, value) {
        None if !value.contains(UNKNOWN) => {
            Judgement::pass(format!("{name}, once it is decoded, asks for nothing in cleartext"), at)
        }
        _ => Judgement::unknown(format!("{name} is Base64, and what is made of it is not known"), at),
    }
}

/// A variable whose value is there, as text or as Base64 of one.
fn variable<'g>(subject: &Subject<'g>, name: String, value: &'g Value) -> Variable {
    let renderer = Renderer::new(*subject, Place::default());
    match &subject.resolve(value).node {
        Node::Base64(inner) => Variable::Encoded { name, value: renderer.text(inner), at: value.at },
        _ => Variable::Named { name, value: renderer.text(value), at: value.at },
    }
}

fn variables(subject: &Subject<'_>) -> Vec<Variable> {
    let lists = || lists_of(&subject.resource.kind).into_iter();
    if &*subject.resource.kind == "AWS::Lambda::Function" {
        return of_map(subject);
    }
    lists().flat_map(|list| of_list(subject, list)).collect()
}

fn of_map<'g>(subject: &Subject<'g>) -> Vec<Variable> {
    let map = match subject.value(path!("Environment.Variables")) {
        Seen::Known(variables, at) => match &variables.node {
            Node::Map(map) => map,
            _ => return vec![Variable::Unknown(Arc::new(Unknown::Because("it is no map".into())), at)],
        },
        Seen::Absent(_) => return Vec::new(),
        Seen::Unknown(why, at) => return vec![Variable::Unknown(why, at)],
    };
    let entry = |(key, value): &'g (Key, Value)| match subject.seen(value) {
        Seen::Absent(_) => None,
        // What a loop adds is known by no name.
        Seen::Unknown(why, at) if key.text.starts_with("Fn::") => Some(Variable::Unknown(why, at)),
        _ => Some(variable(subject, key.text.to_string(), value)),
    };
    map.entries.iter().filter_map(entry).collect()
}

fn of_list<'g>(subject: &Subject<'g>, list: &Path) -> Vec<Variable> {
    let entry = |element: Seen<&'g Value>| {
        let element = match element {
            Seen::Known(element, _) => element,
            Seen::Absent(_) => return None,
            Seen::Unknown(why, at) => return Some(Variable::Unknown(why, at)),
        };
        // A value that asks for cleartext does so by any name.
        let name = subject.value_in(element, path!("Name")).and_then(text_of).known().unwrap_or_default();
        let value = element.entry("Value")?;
        Some(variable(subject, name.to_string(), value))
    };
    subject.all(list).into_iter().filter_map(entry).collect()
}

/// Where each type has its variables as names and values.
fn lists_of(kind: &str) -> Vec<&'static Path> {
    match kind {
        "AWS::ECS::TaskDefinition" => vec![path!("ContainerDefinitions[].Environment[]")],
        "AWS::AppRunner::Service" => vec![
            path!("SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables[]"),
            path!(
                "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables[]"
            ),
        ],
        "AWS::CodeBuild::Project" => vec![path!("Environment.EnvironmentVariables[]")],
        "AWS::Batch::JobDefinition" => vec![
            path!("ContainerProperties.Environment[]"),
            path!("EcsProperties.TaskProperties[].Containers[].Environment[]"),
            path!("EksProperties.PodProperties.Containers[].Env[]"),
            path!("EksProperties.PodProperties.InitContainers[].Env[]"),
            path!("NodeProperties.NodeRangeProperties[].Container.Environment[]"),
            path!(
                "NodeProperties.NodeRangeProperties[].EcsProperties.TaskProperties[].Containers[].Environment[]"
            ),
        ],
        "AWS::Amplify::App" => {
            vec![path!("EnvironmentVariables[]"), path!("AutoBranchCreationConfig.EnvironmentVariables[]")]
        }
        _ => Vec::new(),
    }
}
