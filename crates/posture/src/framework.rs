//! Frameworks: what regulations and guides ask for encryption in transit, clause by clause, and which controls answer it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::aspect::Aspect;
use crate::control::{Control, Parameters};

/// A framework, or one of its clauses alone.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// How it is called on the command line, such as `pci-dss-4`.
    pub id: Arc<str>,
    /// Its title.
    pub title: Arc<str>,
    /// What else people call it.
    #[serde(default)]
    pub names: Vec<Arc<str>>,
    /// Security Hub's id of it, where that has it as a standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<Arc<str>>,
    /// Its name among the types of findings of Security Hub, below `Industry and Regulatory Standards`.
    #[serde(skip_serializing)]
    pub finding_type: Option<Arc<str>>,
    /// What it asks for.
    #[serde(rename(deserialize = "clause"))]
    pub clauses: Vec<Clause>,
    /// What it asks of controls beyond what they ask for by themselves: their parameters, by their ids.
    #[serde(default)]
    pub parameters: BTreeMap<Arc<str>, Parameters>,
}

/// One thing that a framework asks for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// How the framework calls it, such as `SC-8`.
    pub id: Arc<str>,
    /// What it asks for, in short.
    pub asks: Arc<str>,
    /// What the controls are about that answer it.
    #[serde(default)]
    pub about: Vec<Aspect>,
    /// The kinds of hop that it is about; all where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Arc<str>>,
    /// Whether what Security Hub has a control for answers it.
    #[serde(default, skip_serializing)]
    pub security_hub: bool,
    /// The controls that answer it by name; where there are some, only these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Arc<str>>,
    /// The controls that do not answer it, though the rest would say so.
    #[serde(default, skip_serializing)]
    pub except: Vec<Arc<str>>,
    /// How Security Hub writes it among the requirements of a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<Arc<str>>,
    /// How it is called where it alone is asked for.
    #[serde(default, skip_serializing)]
    pub names: Vec<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    framework: Vec<Framework>,
}

/// All frameworks, and after each its clauses that people ask for alone.
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
        self.answered_by(control).next().is_some()
    }

    /// What of it a control answers.
    pub fn answered_by(&self, control: &Control) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(|clause| clause.is_answered_by(control))
    }

    /// Whether it is a clause of another one, and nothing else.
    pub fn is_part(&self) -> bool {
        self.clauses.iter().all(|clause| !clause.names.is_empty()) && self.clauses.len() == 1
    }

    /// Each of its clauses that has names of its own, as a framework.
    fn parts(&self) -> impl Iterator<Item = Self> + '_ {
        let named = self.clauses.iter().filter(|clause| !clause.names.is_empty());
        named.map(|clause| Self {
            id: format!("{}-{}", self.id, clause.id.to_ascii_lowercase()).into(),
            title: format!("{}, {}", self.title, clause.id).into(),
            names: clause.names.clone(),
            standard: None,
            finding_type: None,
            // Among the requirements of a finding it stands once, by the whole framework.
            clauses: vec![Clause { related: None, ..clause.clone() }],
            parameters: BTreeMap::new(),
        })
    }
}

impl Clause {
    /// Whether a control answers it.
    pub fn is_answered_by(&self, control: &Control) -> bool {
        if !self.controls.is_empty() {
            return self.controls.contains(&control.id);
        }
        let by_what_it_is_about = control.about.iter().any(|aspect| self.about.contains(aspect))
            && (self.hops.is_empty() || self.hops.contains(&control.hop));
        let by_security_hub = self.security_hub && control.ids.security_hub.is_some();
        (by_what_it_is_about || by_security_hub) && !self.except.contains(&control.id)
    }

    /// What it selects, in words.
    pub fn rule(&self) -> String {
        if !self.controls.is_empty() {
            return self.controls.join(", ");
        }
        if self.security_hub {
            return "the controls of Security Hub's standard".to_owned();
        }
        let about: Vec<&str> = self.about.iter().map(|aspect| aspect.as_str()).collect();
        match self.hops.as_slice() {
            [] => format!("controls about {}", about.join(", ")),
            hops => format!("controls about {}, on hops {}", about.join(", "), hops.join(", ")),
        }
    }
}

fn read() -> Result<Vec<Framework>, toml::de::Error> {
    let file: File = toml::from_str(include_str!("frameworks.toml"))?;
    let with_parts = |framework: Framework| {
        let parts: Vec<Framework> = framework.parts().collect();
        std::iter::once(framework).chain(parts)
    };
    Ok(file.framework.into_iter().flat_map(with_parts).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
            ("nist-800-53", &["NIST SP 800-53 Rev. 5", "nist-800-53-r5"]),
            ("nist-800-53-sc-8", &["NIST 800-53 SC-8", "sc-8", "SC-8(1)"]),
            ("nist-800-53-sc-23", &["NIST 800-53 SC-23", "sc 23"]),
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

    fn selected(name: &str) -> BTreeSet<&'static str> {
        let framework = called(name).unwrap();
        let selected = controls::all().iter().filter(|control| framework.selects(control));
        selected.map(|control| &*control.id).collect()
    }

    #[test]
    fn every_clause_names_controls_and_hops_that_there_are_and_is_answered_by_some() {
        let hops: BTreeSet<&str> = controls::all().iter().map(|control| &*control.hop).collect();
        for clause in read().unwrap().iter().flat_map(|framework| &framework.clauses) {
            for id in clause.controls.iter().chain(&clause.except) {
                assert!(controls::all().iter().any(|control| control.id == *id), "{}: {id}", clause.id);
            }
            assert!(clause.hops.iter().all(|hop| hops.contains(&**hop)), "{}", clause.id);
            assert!(controls::all().iter().any(|control| clause.is_answered_by(control)), "{}", clause.id);
        }
    }

    #[test]
    fn confidentiality_in_transit_and_authenticity_of_sessions_ask_for_different_controls() {
        let (transmission, session) = (selected("SC-8"), selected("SC-23"));
        for id in
            ["s3-bucket-ssl-requests-only", "alb-http-to-https-redirection-check", "rds-minimum-tls-version"]
        {
            assert!(transmission.contains(id) && !session.contains(id), "{id}");
        }
        for id in [
            "acm-certificate-expiration-check",
            "apigateway-integration-tls-verification",
            "cloudfront-viewer-mtls",
        ] {
            assert!(session.contains(id) && !transmission.contains(id), "{id}");
        }
        let both: BTreeSet<_> = transmission.union(&session).copied().collect();
        assert!(both.is_subset(&selected("nist-800-53")));
    }

    #[test]
    fn the_standards_of_security_hub_and_of_cis_select_what_they_have_and_nothing_else() {
        let fsbp = selected("fsbp");
        let known = |id: &&str| controls::called(id).any(|control| control.ids.security_hub.is_some());
        assert!(fsbp.iter().all(known) && fsbp.contains("s3-bucket-ssl-requests-only"));
        assert!(!fsbp.contains("iam-server-certificate-expiration-check"), "that is of the standard of CIS");
        let cis = selected("CIS");
        assert_eq!(
            cis,
            BTreeSet::from(["iam-server-certificate-expiration-check", "s3-bucket-ssl-requests-only"])
        );
    }

    #[test]
    fn what_runs_between_nodes_is_no_public_network_and_an_open_tunnel_no_encryption() {
        let pci = selected("PCI DSS 4");
        for (id, is_in) in [
            ("cloudfront-viewer-policy-https", true),
            ("rds-postgres-instance-encrypted-in-transit", true),
            ("msk-in-cluster-node-require-tls", false),
            ("elbv2-targetgroup-protocol-encrypted", false),
            ("vpc-vpn-2-tunnels-up", false),
            ("elbv2-listener-pqc-tls-enabled", false),
        ] {
            assert_eq!(pci.contains(id), is_in, "{id}");
        }
        for framework in ["sec09-bp02", "hipaa", "nist-800-53", "fedramp", "iso-27001", "soc-2"] {
            assert!(selected(framework).contains("msk-in-cluster-node-require-tls"), "{framework}");
            assert!(!selected(framework).contains("elbv2-listener-pqc-tls-enabled"), "{framework}");
        }
        assert!(!selected("hipaa").contains("alb-mutual-authentication-verify"));
        assert!(selected("iso-27001").contains("alb-mutual-authentication-verify"));
    }

    #[test]
    fn every_control_says_what_it_is_about() {
        for control in controls::all() {
            assert!(!control.about.is_empty(), "{}", control.id);
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
