//! Frameworks: what regulations and guides ask for encryption in transit, and which controls answer it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::control::{Control, Parameters};

/// A framework, or one of its requirements.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// How it is called on the command line, such as `pci-dss-4`.
    pub id: Arc<str>,
    /// Its title.
    pub title: Arc<str>,
    /// What it asks for, by reference.
    pub asks: Arc<str>,
    /// What else people call it.
    #[serde(default)]
    pub names: Vec<Arc<str>>,
    /// The kinds of hop that it is about; all where there are none.
    #[serde(default)]
    pub hops: Vec<Arc<str>>,
    /// Whether it is about what Security Hub has a control for.
    #[serde(default)]
    pub security_hub: bool,
    /// The controls that it names itself; where there are some, only these.
    #[serde(default)]
    pub controls: Vec<Arc<str>>,
    /// What it asks of controls beyond what they ask for by themselves: their parameters, by their ids.
    #[serde(default)]
    pub parameters: BTreeMap<Arc<str>, Parameters>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    framework: Vec<Framework>,
}

/// All frameworks.
pub fn all() -> &'static [Framework] {
    static ALL: OnceLock<Vec<Framework>> = OnceLock::new();
    // A test reads it; were it ever broken, there would be no framework, and asking for one an error.
    ALL.get_or_init(|| read().unwrap_or_default())
}

/// The framework that is called so. Case, spaces and hyphens do not matter.
pub fn called(name: &str) -> Option<&'static Framework> {
    let bare = |text: &str| {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let wanted = bare(name);
    let is_called = |framework: &&Framework| {
        std::iter::once(&framework.id).chain(&framework.names).any(|known| bare(known) == wanted)
    };
    all().iter().find(is_called)
}

/// All names that frameworks are called by.
pub fn names() -> impl Iterator<Item = &'static str> {
    all()
        .iter()
        .flat_map(|framework| std::iter::once(&framework.id).chain(&framework.names))
        .map(|name| &**name)
}

impl Framework {
    /// Whether a control answers what it asks.
    pub fn selects(&self, control: &Control) -> bool {
        if !self.controls.is_empty() {
            return self.controls.contains(&control.id);
        }
        (self.hops.is_empty() || self.hops.contains(&control.hop))
            && (!self.security_hub || control.ids.security_hub.is_some())
    }
}

fn read() -> Result<Vec<Framework>, toml::de::Error> {
    toml::from_str::<File>(include_str!("frameworks.toml")).map(|file| file.framework)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls;

    #[test]
    fn every_framework_reads_and_selects_something() {
        for framework in read().unwrap() {
            assert!(controls::all().iter().any(|control| framework.selects(control)), "{}", framework.id);
        }
    }

    #[test]
    fn what_a_framework_sets_is_a_parameter_of_a_control_that_it_selects() {
        for framework in read().unwrap() {
            for (id, parameters) in &framework.parameters {
                let control = controls::called(id).next().unwrap_or_else(|| panic!("no control {id}"));
                assert!(framework.selects(control), "{}: {id}", framework.id);
                control.with(parameters).unwrap();
            }
        }
    }

    #[test]
    fn a_framework_is_found_however_its_name_is_written() {
        for (id, names) in [
            ("pci-dss-4", &["PCI DSS 4", "pci-dss-4", "PCI-DSS v4.0.1", "pci", "PCI DSS 4.0"][..]),
            ("sec09-bp02", &["SEC09-BP02", "well architected", "SEC 9"]),
            ("fsbp", &["FSBP", "AWS Foundational Security Best Practices"]),
            ("cis-aws", &["CIS", "cis 3.0.0", "CIS AWS Foundations Benchmark v1.4.0"]),
            ("nist-800-53", &["NIST 800-53 SC-8", "sc-23", "NIST SP 800-53 Rev. 5", "nist-800-53-r5"]),
            ("nist-800-171", &["NIST 800-171", "CMMC"]),
            ("fedramp", &["FedRAMP Moderate"]),
            ("iso-27001", &["ISO 27001", "ISO/IEC 27001:2022", "ISO27001"]),
            ("soc-2", &["SOC 2", "soc2", "SOC 2 Type II"]),
            ("hipaa", &["HIPAA"]),
        ] {
            for name in names {
                assert_eq!(called(name).map(|framework| &*framework.id), Some(id), "{name}");
            }
        }
    }

    #[test]
    fn no_two_frameworks_are_called_the_same() {
        for framework in all() {
            for name in std::iter::once(&framework.id).chain(&framework.names) {
                assert_eq!(called(name).map(|called| &called.id), Some(&framework.id), "{name}");
            }
        }
    }
}
