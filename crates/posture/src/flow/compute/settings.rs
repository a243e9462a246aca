//! Where each kind of compute has what it is told: variables, and texts that it runs.

use super::super::beanstalk;
use crate::path::Path;
use crate::subject::{Seen, Subject};
use crate::value::{Node, Value};

/// What code is told, and whether it is variables.
pub struct Setting<'g> {
    /// The resource that has it.
    pub subject: Subject<'g>,
    /// A map or list of variables, or a text.
    pub value: &'g Value,
    /// Whether it is variables, of which each has a name.
    pub variables: bool,
}

/// All that a function, service, task or instance is told.
pub fn of<'g>(compute: &Subject<'g>) -> Vec<Setting<'g>> {
    match &*compute.resource.kind {
        "AWS::Lambda::Function" => variables(compute, &[path!("Environment.Variables")]),
        "AWS::ECS::Service" => of_other(compute, path!("TaskDefinition")).iter().flat_map(of_task).collect(),
        "AWS::ECS::TaskDefinition" => of_task(compute),
        "AWS::EC2::Instance" => {
            let mut own = user_data(compute, path!("UserData"));
            own.extend(templates(compute).iter().flat_map(of_template));
            own
        }
        "AWS::AutoScaling::AutoScalingGroup" => {
            let launched = of_other(compute, path!("LaunchConfigurationName"));
            let mut all: Vec<Setting<'g>> = templates(compute).iter().flat_map(of_template).collect();
            all.extend(launched.iter().flat_map(|launched| user_data(launched, path!("UserData"))));
            all
        }
        "AWS::AppRunner::Service" => {
            let image = path!("SourceConfiguration.ImageRepository.ImageConfiguration");
            let code = path!("SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues");
            let of = |root: &Path| {
                let lists = [path!("RuntimeEnvironmentVariables"), path!("RuntimeEnvironmentSecrets")];
                lists.map(|list| root.join(list))
            };
            let paths: Vec<Path> = of(image).into_iter().chain(of(code)).collect();
            variables(compute, &paths.iter().collect::<Vec<_>>())
        }
        "AWS::Batch::JobDefinition" => {
            let paths = [path!("ContainerProperties.Environment"), path!("ContainerProperties.Secrets")];
            let mut all = variables(compute, &paths);
            all.extend(of_whole(compute, path!("ContainerProperties")));
            all
        }
        beanstalk::ENVIRONMENT => {
            let settings = beanstalk::variables(compute);
            settings.map(|value| Setting { subject: *compute, value, variables: true }).collect()
        }
        "AWS::CodeBuild::Project" => variables(compute, &[path!("Environment.EnvironmentVariables")]),
        "AWS::StepFunctions::StateMachine" => {
            let paths = [path!("DefinitionSubstitutions"), path!("Definition"), path!("DefinitionString")];
            paths.into_iter().flat_map(|path| texts(compute, path)).collect()
        }
        _ => Vec::new(),
    }
}

/// The launch templates that an instance or group is made by.
pub fn templates<'g>(compute: &Subject<'g>) -> Vec<Subject<'g>> {
    match &*compute.resource.kind {
        "AWS::EC2::Instance" => of_other(compute, path!("LaunchTemplate.LaunchTemplateId")),
        "AWS::AutoScaling::AutoScalingGroup" => {
            let mut all = of_other(compute, path!("LaunchTemplate.LaunchTemplateId"));
            all.extend(of_other(
                compute,
                path!("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId"),
            ));
            all
        }
        _ => Vec::new(),
    }
}

/// The resources that a property names.
pub fn of_other<'g>(compute: &Subject<'g>, path: &Path) -> Vec<Subject<'g>> {
    compute.value(path).known().map(|value| compute.targets(value)).unwrap_or_default()
}

fn of_task<'g>(task: &Subject<'g>) -> Vec<Setting<'g>> {
    let paths = [path!("ContainerDefinitions[].Environment"), path!("ContainerDefinitions[].Secrets")];
    let mut all = variables(task, &paths);
    all.extend(of_whole(task, path!("ContainerDefinitions")));
    all
}

/// A list of which only what it refers to is known.
fn of_whole<'g>(subject: &Subject<'g>, path: &Path) -> Vec<Setting<'g>> {
    let mut whole = texts(subject, path);
    whole.retain(|setting| matches!(setting.value.node, Node::Pieces(_) | Node::Reference(_)));
    whole
}

fn of_template<'g>(template: &Subject<'g>) -> Vec<Setting<'g>> {
    user_data(template, path!("LaunchTemplateData.UserData"))
}

fn variables<'g>(subject: &Subject<'g>, paths: &[&Path]) -> Vec<Setting<'g>> {
    let values = paths.iter().flat_map(|path| subject.all(path)).filter_map(Seen::known);
    values.map(|value| Setting { subject: *subject, value, variables: true }).collect()
}

fn texts<'g>(subject: &Subject<'g>, path: &Path) -> Vec<Setting<'g>> {
    let values = subject.all(path).into_iter().filter_map(Seen::known);
    values.map(|value| Setting { subject: *subject, value, variables: false }).collect()
}

/// What an instance runs: it is handed over in Base64, and the instance decodes it.
fn user_data<'g>(subject: &Subject<'g>, path: &Path) -> Vec<Setting<'g>> {
    let mut settings = texts(subject, path);
    for setting in &mut settings {
        if let Node::Base64(decoded) = &setting.value.node {
            setting.value = decoded;
        }
    }
    settings
}
