//! The environment of functions, tasks, services, builds, jobs and apps.

use crate::control::Control;
use crate::path::Path;
use crate::policy::{Place, Renderer, UNKNOWN};
use crate::span::Span;
use crate::subject::{Seen, Subject, text_of};
use crate::value::Node;
use crate::verdict::Judgement;

use super::connection_string::{self, Problem};

/// One variable, its value with a made-up name for what is not known.
struct Variable {
    name: String,
    value: String,
    at: Span,
}

/// Whether no variable asks for cleartext, or for TLS that verifies nobody.
pub(super) fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    variables(subject).iter().map(|variable| of_variable(control, variable)).collect()
}

fn of_variable(control: &Control, variable: &Variable) -> Judgement {
    let Variable { name, value, at } = variable;
    match connection_string::problem(control, name, value) {
        Some(Problem::Clear(what)) => Judgement::fail(format!("{name} asks for cleartext by {what}"), *at),
        Some(Problem::Unverified(what)) => {
            Judgement::fail(format!("{name} switches off verification by {what}"), *at)
        }
        None if value.starts_with(UNKNOWN) => Judgement::unknown(format!("{name} is not known"), *at),
        None => Judgement::pass(format!("{name} asks for nothing in cleartext"), *at),
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
    let renderer = Renderer::new(*subject, Place::default());
    let Seen::Known(variables, _) = subject.value(path!("Environment.Variables")) else { return Vec::new() };
    let Node::Map(map) = &variables.node else { return Vec::new() };
    let variable = |(key, value): &'g (crate::value::Key, crate::value::Value)| Variable {
        name: key.text.to_string(),
        value: renderer.text(value),
        at: value.at,
    };
    map.entries.iter().map(variable).collect()
}

fn of_list(subject: &Subject<'_>, list: &Path) -> Vec<Variable> {
    let renderer = Renderer::new(*subject, Place::default());
    let elements = subject.all(list).into_iter().filter_map(Seen::known);
    let variable = |element| {
        let name = subject.value_in(element, path!("Name")).and_then(text_of).known()?;
        let value = element.entry("Value")?;
        Some(Variable { name: name.to_string(), value: renderer.text(value), at: value.at })
    };
    elements.filter_map(variable).collect()
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
