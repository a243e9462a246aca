//! What an organisation requires of an audit: which controls count, and how much each weighs.

use hermetic_hop::{FailOn, Severity};

use crate::control::{Control, Parameters};
use crate::framework::Framework;

/// Controls that are required, and how much they weigh.
#[derive(Clone, Debug, Default)]
pub struct Requirement {
    /// All that these ask for.
    pub frameworks: Vec<&'static Framework>,
    /// These, too, by their ids here or in another tool.
    pub controls: Vec<String>,
    /// What its controls are judged by, beyond what they ask for by themselves.
    pub parameters: Parameters,
    /// How bad it is where one of them does not hold; `None`: each says so itself.
    pub severity: Option<Severity>,
    /// From which severity on one of them falls short; `None`: it says nothing of that.
    pub fail_on: Option<FailOn>,
}

/// All requirements of an audit.
#[derive(Clone, Debug, Default)]
pub struct Requirements {
    /// Those of controls that they name.
    named: Vec<Requirement>,
    /// Those of all other controls.
    general: Vec<Requirement>,
    /// What was said for this one audit, and holds whatever else is required.
    fail_on: Option<FailOn>,
}

impl Requirement {
    /// Whether it says which controls it is about.
    fn names_some(&self) -> bool {
        !(self.frameworks.is_empty() && self.controls.is_empty())
    }

    fn is_about(&self, control: &Control) -> bool {
        self.frameworks.iter().any(|framework| framework.selects(control))
            || self.controls.iter().any(|name| control.is_called(name))
    }
}

impl Requirements {
    /// These requirements; `fail_on` was said for this one audit.
    pub fn new(all: Vec<Requirement>, fail_on: Option<Severity>) -> Self {
        let (named, general) = all.into_iter().partition(Requirement::names_some);
        Self { named, general, fail_on: fail_on.map(FailOn::Severity) }
    }

    /// Whether a control is to be judged: all of them where no requirement names any.
    pub fn ask_for(&self, control: &Control) -> bool {
        self.named.is_empty() || self.named.iter().any(|requirement| requirement.is_about(control))
    }

    /// The parameters of a control that are set: by frameworks, and after them by requirements that name it.
    pub fn parameters(&self, control: &Control) -> Parameters {
        let frameworks = self.named.iter().flat_map(|requirement| &requirement.frameworks);
        let asked = frameworks.filter_map(|framework| framework.parameters.get(&control.id));
        let names_it =
            |requirement: &&Requirement| requirement.controls.iter().any(|name| control.is_called(name));
        let has = |(name, _): &(&String, &toml::Value)| control.parameters.contains_key(*name);
        let set = self.named.iter().filter(names_it).flat_map(|requirement| &requirement.parameters);
        let all = asked.flatten().chain(set.filter(has));
        all.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// How bad it is where a control does not hold: the worst that a requirement says; `None` where none does.
    pub fn severity(&self, control: &Control) -> Option<Severity> {
        let said = |requirement: &Requirement| requirement.severity;
        let general = self.general.iter().filter_map(said).max();
        self.about(control).filter_map(said).max().or(general)
    }

    /// Whether a control that does not hold falls short, at this severity. The strictest requirement that names it
    /// says so; one that names it and leaves that open wants what all others must keep.
    pub fn count(&self, control: &Control, severity: Severity) -> bool {
        let general = self.general.iter().filter_map(|requirement| requirement.fail_on).min();
        let general = general.unwrap_or(FailOn::Severity(Severity::Informational));
        let named = self.about(control).map(|requirement| requirement.fail_on.unwrap_or(general)).min();
        match self.fail_on.or(named).unwrap_or(general) {
            FailOn::Severity(least) => severity >= least,
            FailOn::Never => false,
        }
    }

    fn about<'r>(&'r self, control: &Control) -> impl Iterator<Item = &'r Requirement> {
        self.named.iter().filter(|requirement| requirement.is_about(control))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{controls, framework};

    fn control(name: &str) -> &'static Control {
        controls::called(name).next().unwrap()
    }

    fn of_framework(name: &str, fail_on: Option<FailOn>) -> Requirement {
        let frameworks = framework::called(name).into_iter().collect();
        Requirement { frameworks, fail_on, ..Requirement::default() }
    }

    fn of_control(name: &str, fail_on: Option<FailOn>) -> Requirement {
        Requirement { controls: vec![name.to_owned()], fail_on, ..Requirement::default() }
    }

    #[test]
    fn without_a_requirement_every_control_is_asked_for_at_its_own_severity() {
        let (none, bucket) = (Requirements::default(), control("S3.5"));
        assert!(none.ask_for(bucket) && none.count(bucket, Severity::Informational));
        assert_eq!(none.severity(bucket), None);
    }

    #[test]
    fn requirements_that_name_controls_ask_for_no_others() {
        let all = vec![of_framework("cis-aws", None), of_control("CKV_AWS_2", None)];
        let required = Requirements::new(all, None);
        assert!(required.ask_for(control("S3.5")) && required.ask_for(control("CKV_AWS_2")));
        assert!(!required.ask_for(control("RDS.38")));
        let weighed = Requirement { fail_on: Some(FailOn::Never), ..Requirement::default() };
        assert!(Requirements::new(vec![weighed], None).ask_for(control("RDS.38")));
    }

    #[test]
    fn fedramp_asks_for_modules_of_fips_140_and_others_do_not() {
        let fips = control("elbv2-listener-fips-policy");
        let asked = |name| {
            let required = Requirements::new(vec![of_framework(name, None)], None);
            fips.with(&required.parameters(fips)).unwrap().flag("required")
        };
        assert!(asked("FedRAMP high") && asked("FIPS 140-3") && !asked("pci-dss-4"));
    }

    #[test]
    fn a_parameter_is_set_for_the_controls_that_are_named_and_have_it() {
        let parameters: toml::Table = toml::from_str("ssl_policies = ['a']").unwrap();
        let both = vec!["ELB.17".to_owned(), "S3.5".to_owned()];
        let requirement = Requirement { controls: both, parameters, ..Requirement::default() };
        let required = Requirements::new(vec![requirement], None);
        assert!(required.parameters(control("ELB.17")).contains_key("ssl_policies"));
        assert!(required.parameters(control("S3.5")).is_empty());
        assert!(required.parameters(control("APIGateway.11")).is_empty());
    }

    #[test]
    fn the_strictest_requirement_that_names_a_control_decides_and_the_command_line_before_it() {
        let bucket = control("S3.5");
        let never = of_control("S3.5", Some(FailOn::Never));
        let high = of_framework("cis-aws", Some(FailOn::Severity(Severity::High)));
        assert!(!Requirements::new(vec![never.clone()], None).count(bucket, Severity::Critical));
        let both = Requirements::new(vec![never.clone(), high], None);
        assert!(both.count(bucket, Severity::High) && !both.count(bucket, Severity::Medium));
        let open = Requirements::new(vec![never.clone(), of_framework("cis-aws", None)], None);
        assert!(open.count(bucket, Severity::Low));
        assert!(Requirements::new(vec![never], Some(Severity::Low)).count(bucket, Severity::Low));
    }

    #[test]
    fn what_is_said_of_all_controls_holds_for_those_of_which_nothing_else_is_said() {
        let general = Requirement {
            severity: Some(Severity::Low),
            fail_on: Some(FailOn::Severity(Severity::High)),
            ..Requirement::default()
        };
        let named = Requirement { severity: Some(Severity::Critical), ..of_control("S3.5", None) };
        let required = Requirements::new(vec![general, named, of_control("RDS.38", None)], None);
        assert_eq!(required.severity(control("S3.5")), Some(Severity::Critical));
        assert_eq!(required.severity(control("RDS.38")), Some(Severity::Low));
        assert!(!required.count(control("RDS.38"), Severity::Medium));
    }
}
