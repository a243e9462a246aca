//! The list of rules, in the order in which they judge; a file each.

mod absolute_http_target;
mod below_floor;
mod clear_earlier_hop;
pub mod cleartext_redirect;
mod client_fingerprint;
mod early_data;
mod fallback;
pub mod forwarded_claims;
mod forwarded_conflict;
mod framing;
mod h2_to_h1;
pub mod host;
mod hsts;
mod insecure_location;
mod insecure_origin;
mod insecure_redirect_uri;
mod method;
mod misdirected;
mod no_server_name;
mod secure_cookies;
mod upgrade_h2c;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rule::{Rule, UnknownWord};

/// Declares the list: each rule's name as people write it, and its file.
macro_rules! rules {
    ($($(#[doc = $about:literal])+ $variant:ident = $name:literal in $file:ident,)+) => {
        /// The name of a rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RuleId { $($(#[doc = $about])+ #[serde(rename = $name)] $variant,)+ }

        /// All rules, in the order in which they judge.
        pub static RULES: [&Rule; RuleId::ALL.len()] = [$(&$file::RULE),+];

        impl RuleId {
            /// All of them, in the order in which they judge.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// As people write it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The rule.
            pub fn rule(self) -> &'static Rule {
                match self { $(Self::$variant => &$file::RULE,)+ }
            }
        }
    };
}

rules! {
    /// What a cleartext port answers.
    CleartextRedirect = "cleartext-redirect" in cleartext_redirect,
    /// Protocol versions, suites, groups and signatures below the policy.
    BelowFloor = "below-floor" in below_floor,
    /// A fallback that need not be.
    Fallback = "fallback" in fallback,
    /// Whether a client is of a kind that may come.
    ClientFingerprint = "client-fingerprint" in client_fingerprint,
    /// A hello that asks for no name.
    NoServerName = "no-server-name" in no_server_name,
    /// A request whose bounds can be read in two ways.
    Framing = "framing" in framing,
    /// What would be something else in HTTP/1.1.
    H2ToH1 = "h2-to-h1" in h2_to_h1,
    /// Which host a request is for.
    Host = "host" in host,
    /// Methods that are not served.
    Method = "method" in method,
    /// A target that says `http:` on an encrypted connection.
    AbsoluteHttpTarget = "absolute-http-target" in absolute_http_target,
    /// A host that the connection was not made for.
    Misdirected = "misdirected" in misdirected,
    /// Claims about the way, of strangers.
    ForwardedClaims = "forwarded-claims" in forwarded_claims,
    /// An earlier hop that contradicts itself.
    ForwardedConflict = "forwarded-conflict" in forwarded_conflict,
    /// An earlier hop that was in cleartext.
    ClearEarlierHop = "clear-earlier-hop" in clear_earlier_hop,
    /// A request that may be somebody's repetition.
    EarlyData = "early-data" in early_data,
    /// An upgrade to cleartext HTTP/2.
    UpgradeH2c = "upgrade-h2c" in upgrade_h2c,
    /// A page that was loaded in cleartext.
    InsecureOrigin = "insecure-origin" in insecure_origin,
    /// A way back that leads to cleartext.
    InsecureRedirectUri = "insecure-redirect-uri" in insecure_redirect_uri,
    /// Strict-Transport-Security.
    Hsts = "hsts" in hsts,
    /// Cookies that a browser would send in cleartext.
    SecureCookies = "secure-cookies" in secure_cookies,
    /// References to the same host in cleartext.
    InsecureLocation = "insecure-location" in insecure_location,
}

impl FromStr for RuleId {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|id| id.as_str() == text).ok_or_else(|| UnknownWord(text.to_owned()))
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Action, Judge, Phase};

    #[test]
    fn each_rule_is_where_its_id_says() {
        for (index, id) in RuleId::ALL.into_iter().enumerate() {
            assert_eq!((id as usize, RULES[index].id, id.rule().id), (index, id, id));
            assert_eq!(id.as_str().parse(), Ok(id));
        }
        assert_eq!("hsst".parse::<RuleId>(), Err(UnknownWord("hsst".to_owned())));
    }

    #[test]
    fn each_rule_may_do_what_it_does_and_judges_in_its_phase() {
        for rule in RULES {
            assert!(rule.allowed.contains(&rule.default), "{}", rule.id);
            assert!(rule.allowed.is_sorted_by(|a, b| a > b), "{}: the strongest first", rule.id);
            let fits = match rule.judge {
                Judge::Hello(_) => rule.phase == Phase::Hello,
                Judge::Request(_) => matches!(rule.phase, Phase::Request | Phase::Framing),
                Judge::Response(_) => rule.phase == Phase::Response && !rule.allowed.contains(&Action::Deny),
                Judge::InPlace => rule.is_fixed() && rule.default == Action::Deny,
            };
            assert!(fits, "{}", rule.id);
        }
    }

    #[test]
    fn the_phases_come_in_the_order_of_a_request() {
        // The first rule is of the port that has no hello.
        let phases: Vec<Phase> = RULES.iter().skip(1).map(|rule| rule.phase).collect();
        assert!(phases.is_sorted_by_key(|phase| *phase as usize), "{phases:?}");
    }

    #[test]
    fn each_rule_says_what_and_why_in_sentences() {
        for rule in RULES {
            assert!(rule.what.ends_with('.') && rule.why.ends_with('.'), "{}", rule.id);
        }
    }
}
