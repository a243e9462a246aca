//! What the CDK writes: `cdk.out`, a folder with a manifest that names the templates of all stacks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{document, section};
use super::given::Given;
use super::surroundings::Surroundings;
use super::{Template, read_among};
use crate::read_error::ReadError;
use crate::span::FileId;
use crate::subject::text_of;
use crate::value::{Node, Value};

/// The name of the manifest in its folder.
pub const MANIFEST: &str = "manifest.json";

/// Stages in stages are followed this deep.
const DEEPEST: usize = 8;

/// Reads all stacks of a cloud assembly, by the text of its manifest: each with the Region, account and name that it is
/// for. What is wrong with one of them is a problem, and the others are there.
///
/// # Errors
/// The manifest is no JSON, or no manifest.
pub fn read_assembly(
    text: &str,
    file: FileId,
    manifest: &Path,
    given: &Given,
    surroundings: &dyn Surroundings,
) -> Result<Template, ReadError> {
    let mut assembly = Assembly { given, surroundings, whole: Template::default() };
    let folder = manifest.parent().map(Path::to_owned).unwrap_or_default();
    assembly.read(text, file, &folder, 0)?;
    Ok(assembly.whole)
}

struct Assembly<'a> {
    given: &'a Given,
    surroundings: &'a dyn Surroundings,
    whole: Template,
}

impl Assembly<'_> {
    fn read(&mut self, text: &str, file: FileId, folder: &Path, depth: usize) -> Result<(), ReadError> {
        let manifest = document(text, file)?;
        if !matches!(manifest.entry("artifacts").map(|artifacts| &artifacts.node), Some(Node::Map(_))) {
            let remedy = "give the folder that `cdk synth` writes";
            return Err(ReadError::new(manifest.at, "there are no `artifacts` in this manifest", remedy));
        }
        for (name, artifact) in &section(&manifest, "artifacts").entries {
            let property = |name: &str| said(artifact.entry("properties")?, name);
            match said(artifact, "type").as_deref() {
                Some("aws:cloudformation:stack") => match property("templateFile") {
                    Some(template) => self.stack(&name.text, artifact, folder.join(&*template)),
                    None => self.missing(artifact, &format!("stack {} names no template", name.text)),
                },
                Some("cdk:cloud-assembly") => {
                    let inner = property("directoryName").map(|directory| folder.join(&*directory));
                    self.stage(artifact, inner, depth);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn stage(&mut self, artifact: &Value, folder: Option<PathBuf>, depth: usize) {
        let Some(folder) = folder.filter(|_| depth < DEEPEST) else {
            return self.missing(artifact, "this stage has no folder of its own");
        };
        let path = folder.join(MANIFEST);
        let Some((file, text)) = self.surroundings.file(&path) else {
            return self.missing(artifact, &format!("{} can't be read", path.display()));
        };
        self.whole.nested.push(path);
        if let Err(problem) = self.read(&text, file, &folder, depth + 1) {
            self.whole.problems.push(problem);
        }
    }

    fn stack(&mut self, name: &Arc<str>, artifact: &Value, path: PathBuf) {
        let Some((file, text)) = self.surroundings.file(&path) else {
            return self.missing(artifact, &format!("{} can't be read", path.display()));
        };
        let given = self.given_to(name, artifact);
        let part = self.surroundings.part();
        match read_among(&text, file, part, &given, &path, self.surroundings) {
            Ok(template) => {
                self.whole.part.resources.extend(template.part.resources);
                self.whole.part.exports.extend(template.part.exports);
                self.whole.problems.extend(template.problems);
                self.whole.warnings.extend(template.warnings);
                self.whole.parameters.extend(template.parameters);
                self.whole.nested.extend(template.nested);
            }
            Err(problem) => self.whole.problems.push(problem),
        }
        self.whole.nested.push(path);
    }

    /// What the user gives comes first.
    fn given_to(&self, name: &Arc<str>, artifact: &Value) -> Given {
        let mut given = self.given.clone();
        let properties = artifact.entry("properties");
        let mut set = |name: &str, value: &str| {
            if given.value(name).is_none() {
                given.set(name, value);
            }
        };
        if let Some(Node::Map(parameters)) =
            properties.and_then(|properties| properties.entry("parameters")).map(|value| &value.node)
        {
            for (name, value) in &parameters.entries {
                text_of(value).iter().for_each(|value| set(&name.text, value));
            }
        }
        let stack = properties.and_then(|properties| said(properties, "stackName"));
        set("AWS::StackName", &stack.unwrap_or_else(|| Arc::clone(name)));
        // `aws://unknown-account/eu-west-1` where the application leaves one of them open.
        let environment = said(artifact, "environment");
        let environment = environment.as_deref().and_then(|environment| environment.strip_prefix("aws://"));
        if let Some((account, region)) = environment.and_then(|environment| environment.split_once('/')) {
            for (name, value) in [("AWS::AccountId", account), ("AWS::Region", region)] {
                if !value.starts_with("unknown") && !value.is_empty() {
                    set(name, value);
                }
            }
        }
        given
    }

    fn missing(&mut self, artifact: &Value, what: &str) {
        self.whole.problems.push(ReadError::new(artifact.at, what, "run `cdk synth` again"));
    }
}

fn said(value: &Value, name: &str) -> Option<Arc<str>> {
    text_of(value.entry(name)?).ok()
}
