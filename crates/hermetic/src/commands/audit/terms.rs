//! What an audit is measured by: the exceptions and requirements of a configuration, and what an earlier audit knew.

use std::path::{Path, PathBuf};

use hermetic_config::{
    AuditTerms, ConfigurationError, ControlRequirement, NamedAt, nearest, parse_audit_terms,
};
use hermetic_posture::baseline::Baseline;
use hermetic_posture::exception::{self, Accepted};
use hermetic_posture::requirement::{Requirement, Requirements};
use hermetic_posture::{Control, Parameters, framework, report};
use jiff::Timestamp;

use crate::arguments::Audit;
use crate::exit::Failure;

const USUAL: &str = "hermetic.toml";

/// What an audit is measured by.
pub struct Terms {
    accepted: Vec<Accepted>,
    /// Which controls count, and how much.
    pub requirements: Requirements,
    of_flows: Vec<hermetic_hop::Requirement>,
    baseline: Option<Baseline>,
}

impl Terms {
    /// Reads them, from the configuration that was named or the one in this folder. All controls that there are must
    /// be known: a name that is none of them is a mistake.
    pub fn read(arguments: &Audit, known: &[&Control]) -> Result<Self, Failure> {
        let written = Written::read(arguments)?;
        let requirements = written.terms.requirements.iter();
        let requirements = requirements
            .map(|requirement| written.requirement(requirement, known))
            .collect::<Result<Vec<_>, _>>()?;
        let fail_on = arguments.fail_on.map(hermetic_hop::Severity::from);
        Ok(Self {
            accepted: written.terms.accepted.iter().map(|it| accepted(it, &written.path)).collect(),
            requirements: Requirements::new(requirements, fail_on),
            of_flows: written.terms.of_flows.clone(),
            baseline: baseline(arguments)?,
        })
    }

    /// The same at an instant, for a report of all or of what does not hold, by the controls that are judged.
    pub fn at<'t>(&'t self, now: Timestamp, all: bool, judged: &'t [&'static Control]) -> report::Terms<'t> {
        report::Terms {
            accepted: &self.accepted,
            judged,
            requirements: &self.requirements,
            of_flows: &self.of_flows,
            baseline: self.baseline.as_ref(),
            now,
            all,
        }
    }
}

/// What a configuration says, and its text.
#[derive(Default)]
struct Written {
    path: PathBuf,
    text: String,
    terms: AuditTerms,
}

impl Written {
    fn read(arguments: &Audit) -> Result<Self, Failure> {
        let path = arguments.config.as_deref().unwrap_or(Path::new(USUAL)).to_owned();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && arguments.config.is_none() => {
                return Ok(Self::default());
            }
            Err(source) => return Err(ConfigurationError::Read { path, source }.into()),
        };
        let terms = parse_audit_terms(&text, &path)?;
        Ok(Self { path, text, terms })
    }

    fn requirement(&self, written: &ControlRequirement, known: &[&Control]) -> Result<Requirement, Failure> {
        let framework = |named: &NamedAt| {
            let unknown = || self.at(super::select::no_framework(&named.name), named);
            framework::called(&named.name).ok_or_else(unknown)
        };
        let control = |named: &NamedAt| match is_one(named, known) {
            true => Ok(named.name.clone()),
            false => Err(self.at(super::select::unknown(&named.name), named)),
        };
        Ok(Requirement {
            parameters: self.parameters(written, known)?,
            frameworks: written.frameworks.iter().map(framework).collect::<Result<_, _>>()?,
            controls: written.controls.iter().map(control).collect::<Result<_, _>>()?,
            severity: written.severity,
            fail_on: written.fail_on,
        })
    }

    /// Each must be one of a control that is named beside it, and what that takes.
    fn parameters(&self, written: &ControlRequirement, known: &[&Control]) -> Result<Parameters, Failure> {
        let is_named =
            |control: &&&Control| written.controls.iter().any(|named| control.is_called(&named.name));
        let controls: Vec<&Control> = known.iter().filter(is_named).copied().collect();
        let names = || controls.iter().flat_map(|control| control.parameters.keys().map(String::as_str));
        let mut parameters = Parameters::new();
        for (named, value) in &written.parameters {
            let one = Parameters::from_iter([(named.name.clone(), value.clone())]);
            let mut having = controls.iter().filter(|it| it.parameters.contains_key(&named.name)).peekable();
            if having.peek().is_none() {
                let all: Vec<&str> = names().collect();
                let remedy = match (nearest(&named.name, names()), all.as_slice()) {
                    (Some(meant), _) => format!("did you mean `{meant}`?"),
                    (None, []) => "leave it out: they have none".to_owned(),
                    (None, all) => format!("they have {}", all.join(", ")),
                };
                let message = format!("none of these controls has a parameter `{}`", named.name);
                return Err(self.at(Failure::wrong(message).remedy(remedy), named));
            }
            for control in having {
                control.with(&one).map_err(|error| self.at(Failure::wrong(error.to_string()), named))?;
            }
            parameters.extend(one);
        }
        Ok(parameters)
    }

    fn at(&self, failure: Failure, named: &NamedAt) -> Failure {
        failure.in_text(&self.path, (named.line, named.column), &self.text)
    }
}

fn is_one(named: &NamedAt, known: &[&Control]) -> bool {
    known.iter().any(|control| control.is_called(&named.name))
}

fn accepted(written: &hermetic_config::Accepted, path: &Path) -> Accepted {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Accepted {
        control: written.control.name.as_str().into(),
        resource: written.resource.as_str().into(),
        exception: written.exception.clone(),
        written: exception::Written::Configuration {
            file: path.display().to_string().into(),
            line: number(written.control.line),
            column: number(written.control.column),
        },
    }
}

/// What the earlier audit knew, where one was named.
fn baseline(arguments: &Audit) -> Result<Option<Baseline>, Failure> {
    let Some(path) = arguments.baseline.as_deref() else { return Ok(None) };
    let wrong =
        |error: &dyn std::fmt::Display| Failure::wrong(error.to_string()).at(path.display().to_string());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    Baseline::read(&text).map(Some).map_err(|error| wrong(&error))
}
