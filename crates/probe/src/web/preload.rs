//! Whether a name may go onto the list that browsers come with, by the rules of hstspreload.org, as far as answers show
//! them. That the name is one that was registered, and that all below it is served by TLS, they don't.

use hermetic_tls::Identity;

use super::{Plain, Site, TransportSecurity, Web};

/// A year in seconds: what the list demands.
const A_YEAR: u64 = 31_536_000;

/// The rules that are not met, and those of which nobody can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preload {
    /// Why it may not go there.
    pub unmet: Vec<String>,
    /// Why nobody can tell.
    pub untold: Vec<String>,
}

impl Preload {
    /// By what it says, to those who expect this name there.
    pub fn of(web: &Web, expected: &Identity) -> Self {
        let mut preload = Self::default();
        if !matches!(expected, Identity::Dns(_)) {
            preload.not("the list has names alone");
        }
        match &web.site {
            Ok(site) => preload.site(site),
            Err(reason) => preload.untold.push(format!("its answer over TLS: {reason}")),
        }
        match &web.plain {
            Some(plain) => preload.plain(plain),
            None => preload.untold.push("what its port for cleartext does was not asked".to_owned()),
        }
        preload
    }

    /// Whether all rules are met.
    pub fn is_met(&self) -> bool {
        self.unmet.is_empty() && self.untold.is_empty()
    }

    fn not(&mut self, reason: impl Into<String>) {
        self.unmet.push(reason.into());
    }

    fn site(&mut self, site: &Site) {
        if let Err(problem) = &site.verified {
            self.not(format!("its certificate is not accepted: {problem}"));
        }
        if let Some(location) = site.leads_to_cleartext() {
            self.not(format!("over TLS it leads to cleartext: {location}"));
        }
        match &site.transport_security {
            TransportSecurity::Absent => self.not("it has no Strict-Transport-Security"),
            TransportSecurity::Invalid(_) => self.not("its Strict-Transport-Security is invalid"),
            TransportSecurity::Set { max_age, include_subdomains, preload } => {
                if *max_age < A_YEAR {
                    self.not(format!("max-age is {max_age}, and must be {A_YEAR}"));
                }
                if !include_subdomains {
                    self.not("includeSubDomains is missing");
                }
                if !preload {
                    self.not("preload is missing");
                }
            }
        }
    }

    /// Where the port takes no connection there is nothing to redirect.
    fn plain(&mut self, plain: &Plain) {
        match plain {
            Plain::Closed(_) => {}
            Plain::Unclear(reason) => self.untold.push(format!("what its port for cleartext does: {reason}")),
            Plain::Serves { status, .. } => {
                self.not(format!("its port for cleartext answers {status}, and leads nobody to TLS"));
            }
            Plain::LeadsToTls { same_host: true, through } if through.len() == 1 => {}
            Plain::LeadsToTls { .. } | Plain::LeadsElsewhere { .. } | Plain::Circles { .. } => {
                self.not("its port for cleartext does not lead to TLS on the same host at once");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hermetic_tls::PeerCertificateProblem;

    use super::super::Redirect;
    use super::*;
    use crate::samples::site;

    fn leads(count: usize, same_host: bool) -> Plain {
        let redirect = Redirect { status: 301, location: "https://shop.test/".to_owned() };
        Plain::LeadsToTls { through: vec![redirect; count], same_host }
    }

    fn of(site: Site, plain: Plain) -> Preload {
        let web = Web { site: Ok(site), plain: Some(plain) };
        Preload::of(&web, &Identity::host("shop.test").unwrap())
    }

    #[test]
    fn a_name_may_be_preloaded_whose_cleartext_leads_to_tls_at_once_or_is_closed() {
        for plain in [leads(1, true), Plain::Closed("refused".to_owned())] {
            assert!(of(site(), plain.clone()).is_met(), "{plain:?}");
        }
    }

    #[test]
    fn a_port_80_that_serves_or_leads_by_a_detour_keeps_a_name_off_the_list() {
        let serves = Plain::Serves { through: Vec::new(), status: 200 };
        assert_eq!(of(site(), serves).unmet, ["its port for cleartext answers 200, and leads nobody to TLS"]);
        for plain in [leads(2, true), leads(1, false), Plain::Circles { through: Vec::new() }] {
            let preload = of(site(), plain.clone());
            assert_eq!((preload.unmet.len(), preload.is_met()), (1, false), "{plain:?}");
        }
    }

    #[test]
    fn what_was_not_to_be_seen_is_no_yes() {
        let unclear = of(site(), Plain::Unclear("no answer in time".to_owned()));
        assert_eq!(unclear.untold, ["what its port for cleartext does: no answer in time"]);
        let web = Web { site: Ok(site()), plain: None };
        let unasked = Preload::of(&web, &Identity::host("shop.test").unwrap());
        assert!(!unasked.is_met() && unasked.unmet.is_empty(), "{unasked:?}");
    }

    #[test]
    fn each_rule_that_is_not_met_is_told() {
        let short = TransportSecurity::Set { max_age: 60, include_subdomains: false, preload: false };
        let site = Site {
            verified: Err(PeerCertificateProblem::UnknownIssuer),
            status: 302,
            location: Some("HTTP://shop.test/in".to_owned()),
            transport_security: short,
            ..site()
        };
        let web = Web { site: Ok(site), plain: Some(leads(1, true)) };
        let preload = Preload::of(&web, &Identity::host("10.0.0.1").unwrap());
        for rule in
            ["names alone", "not accepted", "leads to cleartext", "max-age is 60", "includeSub", "preload"]
        {
            assert!(preload.unmet.iter().any(|it| it.contains(rule)), "{rule}: {preload:?}");
        }
        assert_eq!(preload.unmet.len(), 6);
    }
}
