//! A control: what must hold of resources of some types, why, who else has the rule, and what to do where it does not.

use std::sync::Arc;

use hermetic_hop::{Compliance, Severity, Standard};
use serde::{Deserialize, Serialize};

use crate::aspect::Aspect;
use crate::framework;
use crate::path::Path;
use crate::rule::Rule;
use crate::schema;
use crate::subject::Subject;
use crate::verdict::Judgement;

/// A control.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its id; AWS Config's where that has the same rule.
    pub id: Arc<str>,
    /// What holds where it passes.
    pub title: Arc<str>,
    /// The AWS service.
    pub service: Arc<str>,
    /// How bad it is where it does not hold.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// The kind of hop that it is about, such as `client-edge`.
    pub hop: Arc<str>,
    /// What of a transmission it is about; frameworks select by it.
    #[serde(default)]
    pub about: Vec<Aspect>,
    /// The CloudFormation types that it judges.
    pub types: Vec<Arc<str>>,
    /// What shows it: `template`, `live` or both. What only a live account can show is listed, and judges nothing.
    pub evidence: Vec<Arc<str>>,
    /// Why it matters.
    pub rationale: Arc<str>,
    /// The exact condition, in words.
    pub condition: Arc<str>,
    /// The AWS text or field that decides it, by reference.
    pub source: Arc<str>,
    /// The same rule elsewhere.
    #[serde(default)]
    pub ids: Ids,
    /// What can be set, named as AWS Config names it, with what holds where it is not.
    #[serde(default)]
    pub parameters: Parameters,
    /// What must hold, all of it; nothing where the control is judged in Rust.
    #[serde(default, rename = "require", skip_serializing)]
    pub rules: Vec<Rule>,
    /// What to do.
    #[serde(default)]
    pub remedy: RemedyText,
    /// How it is judged where rules are not enough.
    #[serde(skip)]
    pub judge: Option<Judge>,
}

/// What controls are judged by, named as AWS Config names it.
pub type Parameters = toml::Table;

/// Judges one resource in one scenario.
pub type Judge = fn(&Control, &Subject<'_>) -> Judgement;

/// The ids of the same rule elsewhere.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ids {
    /// AWS Config's identifier, such as `S3_BUCKET_SSL_REQUESTS_ONLY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_config: Option<Arc<str>>,
    /// Security Hub's control, such as `S3.5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_hub: Option<Arc<str>>,
    /// Prowler's checks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prowler: Vec<Arc<str>>,
    /// Checkov's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checkov: Vec<Arc<str>>,
    /// The cfn-guard rules registry's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cfn_guard: Vec<Arc<str>>,
    /// Trivy's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trivy: Vec<Arc<str>>,
    /// Steampipe's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steampipe: Vec<Arc<str>>,
    /// Others', with who they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<Arc<str>>,
}

/// What to do, with places for the resource's own names: `{logical}`, `{name}`, `{arn}`, `{id}`, `{mesh}`, and
/// `{family}`, which is that of the parameter group. A policy has those of what it is for, too: `{of_logical}` and so on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RemedyText {
    /// In words.
    pub text: Arc<str>,
    /// The family of the parameter group where the resource's engine and version are not known.
    #[serde(skip_serializing)]
    pub family: Arc<str>,
    /// What to write in a template.
    pub cloudformation: Arc<str>,
    /// What to write in Terraform.
    pub terraform: Arc<str>,
    /// The command of the AWS CLI.
    pub cli: Arc<str>,
    /// What to do instead where the resource is of another type than most.
    #[serde(skip_serializing)]
    pub of: Vec<RemedyOf>,
}

/// What to do with resources of some types. What is empty is as for all others.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RemedyOf {
    /// The types.
    pub types: Vec<Arc<str>>,
    /// In words.
    pub text: Arc<str>,
    /// What to write in a template.
    pub cloudformation: Arc<str>,
    /// What to write in Terraform.
    pub terraform: Arc<str>,
    /// The command of the AWS CLI.
    pub cli: Arc<str>,
}

impl RemedyText {
    /// What to do with a resource of this type.
    pub fn for_type(&self, kind: &str) -> RemedyOf {
        let own = self.of.iter().find(|of| of.types.iter().any(|known| **known == *kind));
        let or = |own: Option<&Arc<str>>, other: &Arc<str>| {
            Arc::clone(own.filter(|own| !own.is_empty()).unwrap_or(other))
        };
        RemedyOf {
            types: vec![kind.into()],
            text: or(own.map(|own| &own.text), &self.text),
            cloudformation: or(own.map(|own| &own.cloudformation), &self.cloudformation),
            terraform: or(own.map(|own| &own.terraform), &self.terraform),
            cli: or(own.map(|own| &own.cli), &self.cli),
        }
    }
}

/// A parameter that a control can't be given.
#[derive(Debug, thiserror::Error)]
pub enum ParameterError {
    /// It has none that is called so.
    #[error("control {control} has no parameter `{name}`; {has}")]
    Unknown {
        /// The control.
        control: Arc<str>,
        /// What was to be set.
        name: String,
        /// Those that it has, in words.
        has: String,
    },
    /// It takes another kind of value.
    #[error(
        "parameter `{name}` of control {control} is {wanted}, not {given}; it is {known} where nothing is set"
    )]
    Kind {
        /// The control.
        control: Arc<str>,
        /// The parameter.
        name: String,
        /// What it takes.
        wanted: &'static str,
        /// What it was given.
        given: &'static str,
        /// What holds where nothing is set.
        known: String,
    },
}

/// A file that describes no control.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It is no TOML of that form.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// Its types or rules are missing.
    #[error(
        "control {id} has no {missing}; a control of one's own needs types, at least one [[require]], and \
         `template` among its evidence"
    )]
    Missing {
        /// The control.
        id: Arc<str>,
        /// What is missing.
        missing: &'static str,
    },
    /// A path in it leads to no property, so its rule would see nothing, ever.
    #[error("control {id}: {kind} has no {path}; see its properties in the CloudFormation reference")]
    Property {
        /// The control.
        id: Arc<str>,
        /// The type.
        kind: Arc<str>,
        /// The path.
        path: Path,
    },
}

impl Control {
    /// Reads a control that is whole in itself: one of the user's own.
    ///
    /// # Errors
    /// The text is no control, or it says nothing that could be judged.
    pub fn read(text: &str) -> Result<Self, ControlError> {
        let control: Self = toml::from_str(text)?;
        let missing = if control.types.is_empty() {
            Some("types")
        } else if control.rules.is_empty() {
            Some("[[require]]")
        } else if !control.shown_by_code() {
            Some("`template` among its evidence")
        } else {
            None
        };
        if let Some(missing) = missing {
            return Err(ControlError::Missing { id: control.id, missing });
        }
        match control.misspelt() {
            Some((kind, path)) => Err(ControlError::Property { id: control.id, kind, path }),
            None => Ok(control),
        }
    }

    /// A path of its rules that a type of theirs does not have. Types that the schemas do not have may have any.
    pub(crate) fn misspelt(&self) -> Option<(Arc<str>, Path)> {
        let paths = |kind: &Arc<str>| {
            let rules = self.rules.iter().filter(|rule| rule.is_for(kind));
            let kind = Arc::clone(kind);
            rules.flat_map(Rule::paths).map(move |path| (Arc::clone(&kind), path)).collect::<Vec<_>>()
        };
        self.types
            .iter()
            .filter(|kind| schema::knows_type(kind))
            .flat_map(paths)
            .find(|(kind, path)| !schema::knows(kind, path))
    }

    /// Judges a resource in a scenario. What is not there in it is not judged.
    pub fn judge(&self, subject: &Subject<'_>) -> Judgement {
        match subject.exists() {
            Some(false) => return Judgement::not_applicable(),
            Some(true) => {}
            None => {
                return Judgement::unknown("whether it is there at all is not known", subject.resource.at);
            }
        }
        if let Some(judge) = self.judge {
            return judge(self, subject);
        }
        self.judge_by_rules(subject)
    }

    /// Judges by the rules of its file alone.
    pub(crate) fn judge_by_rules(&self, subject: &Subject<'_>) -> Judgement {
        self.rules.iter().map(|rule| rule.judge(self, subject)).collect()
    }

    /// The same control with some of its parameters set.
    ///
    /// # Errors
    /// It has no parameter that is called so, or it takes another kind of value.
    pub fn with(&self, parameters: &Parameters) -> Result<Self, ParameterError> {
        let mut control = self.clone();
        for (name, value) in parameters {
            let known = self.parameters.get(name).ok_or_else(|| ParameterError::unknown(self, name))?;
            if !is_alike(known, value) {
                return Err(ParameterError::kind(self, name, known, value));
            }
            control.parameters.insert(name.clone(), value.clone());
        }
        Ok(control)
    }

    /// The texts of a parameter that is a list.
    pub fn listed(&self, parameter: &str) -> Vec<&str> {
        let listed = self.parameters.get(parameter).and_then(toml::Value::as_array);
        listed.into_iter().flatten().filter_map(toml::Value::as_str).collect()
    }

    /// Whether a parameter is true.
    pub fn flag(&self, parameter: &str) -> bool {
        self.parameters.get(parameter).and_then(toml::Value::as_bool).unwrap_or(false)
    }

    /// Whether infrastructure code can show it.
    pub fn shown_by_code(&self) -> bool {
        self.evidence.iter().any(|evidence| &**evidence == "template")
    }

    /// Whether this is what somebody calls it, here or in another tool. Case does not matter.
    pub fn is_called(&self, name: &str) -> bool {
        self.names().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The frameworks that ask for it, each with the clauses that it answers: `nist-800-53 (SC-8, SC-13)`.
    pub fn answers(&self) -> Vec<String> {
        let told = |framework: &framework::Framework| {
            let clauses: Vec<&str> = framework.answered_by(self).map(|clause| &*clause.id).collect();
            match (clauses.as_slice(), framework.clauses.as_slice()) {
                ([], _) => None,
                // A framework of one clause says it by its name.
                (_, [_]) => Some(framework.id.to_string()),
                (clauses, _) => Some(format!("{} ({})", framework.id, clauses.join(", "))),
            }
        };
        framework::all().iter().filter(|framework| !framework.is_part()).filter_map(told).collect()
    }

    /// What regulations and guides say of it, as formats of findings take it.
    pub fn compliance(&self) -> Compliance<'_> {
        let asking = || framework::all().iter().filter(|it| !it.is_part() && it.selects(self));
        let mut requirements: Vec<&str> = asking()
            .flat_map(|it| it.answered_by(self))
            .filter_map(|clause| clause.related.as_deref())
            .collect();
        requirements.dedup();
        let standard = |framework: &'static framework::Framework| Standard {
            title: &framework.title,
            id: framework.standard.as_deref(),
            finding_type: framework.finding_type.as_deref(),
        };
        Compliance {
            security_control: self.ids.security_hub.as_deref(),
            standards: asking().map(standard).collect(),
            requirements,
        }
    }

    /// All that is to be told of it, each fact by its name: what `explain` prints, and the pages of the book.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let ids = &self.ids;
        let about: Vec<&str> = self.about.iter().map(|aspect| aspect.as_str()).collect();
        let parameters = self.parameters.iter().map(|(name, value)| format!("{name} = {value}"));
        let all = [
            ("Severity", self.severity.as_str().to_owned()),
            ("Judges", self.types.join(", ")),
            ("About", about.join(", ")),
            ("Shown by", self.evidence.join(", ")),
            ("Holds where", self.condition.to_string()),
            ("Why", self.rationale.to_string()),
            ("Decided by", self.source.to_string()),
            ("Parameters", parameters.collect::<Vec<_>>().join("; ")),
            ("Frameworks", self.answers().join(", ")),
            ("AWS Config", ids.aws_config.as_deref().unwrap_or_default().to_owned()),
            ("Security Hub", ids.security_hub.as_deref().unwrap_or_default().to_owned()),
            ("Prowler", ids.prowler.join(", ")),
            ("Checkov", ids.checkov.join(", ")),
            ("cfn-guard", ids.cfn_guard.join(", ")),
            ("Trivy", ids.trivy.join(", ")),
            ("Steampipe", ids.steampipe.join(", ")),
            ("Others", ids.other.join(", ")),
            ("Do", self.remedy.text.to_string()),
        ];
        all.into_iter().filter(|(_, fact)| !fact.is_empty()).collect()
    }

    /// What to write where it does not hold, by language.
    pub fn written(&self) -> Vec<(&'static str, String)> {
        let RemedyText { cloudformation, terraform, cli, family, .. } = &self.remedy;
        let all = [("CloudFormation", cloudformation), ("Terraform", terraform), ("AWS CLI", cli)];
        all.into_iter()
            .map(|(language, lines)| (language, lines.trim().replace("{family}", family)))
            .filter(|(_, lines)| !lines.is_empty())
            .collect()
    }

    /// All its ids, its own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let ids = &self.ids;
        let lists = [&ids.prowler, &ids.checkov, &ids.cfn_guard, &ids.trivy, &ids.steampipe, &ids.other];
        std::iter::once(&self.id)
            .chain(&ids.aws_config)
            .chain(&ids.security_hub)
            .chain(lists.into_iter().flatten())
            .map(|id| &**id)
    }
}

impl ParameterError {
    fn unknown(control: &Control, name: &str) -> Self {
        let names: Vec<&str> = control.parameters.keys().map(String::as_str).collect();
        let has = match names.as_slice() {
            [] => "it has none".to_owned(),
            names => format!("it has {}", names.join(", ")),
        };
        Self::Unknown { control: Arc::clone(&control.id), name: name.to_owned(), has }
    }

    fn kind(control: &Control, name: &str, known: &toml::Value, given: &toml::Value) -> Self {
        Self::Kind {
            control: Arc::clone(&control.id),
            name: name.to_owned(),
            wanted: kind_of(known),
            given: kind_of(given),
            known: known.to_string(),
        }
    }
}

/// Whether one value can stand for another: lists of the same kind of elements, as far as they have some.
fn is_alike(known: &toml::Value, given: &toml::Value) -> bool {
    match (known, given) {
        (toml::Value::Array(known), toml::Value::Array(given)) => {
            // An empty list is one of texts.
            let text = toml::Value::String(String::new());
            let element = known.first().unwrap_or(&text);
            given.iter().all(|it| it.same_type(element))
        }
        (known, given) => known.same_type(given),
    }
}

fn kind_of(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a text",
        toml::Value::Integer(_) | toml::Value::Float(_) => "a number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(elements) => match elements.first() {
            None | Some(toml::Value::String(_)) => "a list of texts",
            Some(toml::Value::Integer(_) | toml::Value::Float(_)) => "a list of numbers",
            Some(_) => "a list of something else",
        },
        toml::Value::Table(_) => "a table",
    }
}

pub(crate) fn severity<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Severity, D::Error> {
    let text = String::deserialize(from)?;
    let all = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter().find(|severity| severity.as_str() == text).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "`{text}` is no severity; write informational, low, medium, high or critical"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(evidence: &str, path: &str) -> Result<Control, ControlError> {
        Control::read(&format!(
            "id = 'a'\ntitle = 'A'\nservice = 'ours'\nseverity = 'low'\nhop = 'h'\ntypes = ['AWS::SQS::Queue']\n\
             evidence = ['{evidence}']\ncondition = 'c'\nrationale = 'r'\nsource = 's'\n\
             [[require]]\npath = '{path}'\nmust = {{ exist = true }}\nmessage = 'm'\n"
        ))
    }

    #[test]
    fn a_parameter_that_a_control_has_can_be_set_and_no_other() {
        let control = crate::controls::called("ELB.17").next().unwrap();
        let set = |text: &str| control.with(&toml::from_str(text).unwrap());
        assert_eq!(set("ssl_policies = ['a']").unwrap().listed("ssl_policies"), ["a"]);
        let told = |text: &str| set(text).unwrap_err().to_string();
        assert!(told("ssl_policy = ['a']").ends_with("has no parameter `ssl_policy`; it has ssl_policies"));
        assert!(told("ssl_policies = 'a'").contains("is a list of texts, not a text"));
        assert!(told("ssl_policies = [true]").contains("is a list of texts, not"));
    }

    #[test]
    fn the_control_in_the_book_can_be_read() {
        let page = include_str!("../../../docs/src/how-to/write-a-control.md");
        let written = page.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```"));
        let control = Control::read(written.unwrap().0).unwrap();
        assert_eq!(&*control.id, "our-queues-keep-to-names");
    }

    #[test]
    fn a_control_of_ones_own_with_a_misspelt_path_is_refused() {
        assert!(own("template", "QueueName").is_ok());
        let refused = own("template", "QueueNam").unwrap_err().to_string();
        assert!(refused.contains("AWS::SQS::Queue has no QueueNam"), "{refused}");
    }

    #[test]
    fn a_control_of_ones_own_that_would_judge_no_code_is_refused() {
        let refused = own("live", "QueueName").unwrap_err().to_string();
        assert!(refused.contains("`template` among its evidence"), "{refused}");
    }
}
