//! What to do about a finding: in words that hold for any server, and in lines of configuration for the
//! software that the far end seems to be.

mod fill;
mod hybrid;
mod software;
mod table;

use hermetic_tls::SecurityPolicy;
use serde::Serialize;

pub use software::{Seeming, Sign, Signs, Software};

use super::Case;

/// What mends a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fix {
    /// TLS where there is none.
    Cleartext,
    /// The versions that are allowed.
    Versions,
    /// The suites that are allowed.
    Suites,
    /// The groups that are allowed.
    Groups,
    /// A post-quantum group, first.
    PostQuantum,
    /// Whatever stands in the way of large hellos.
    LargeHello,
    /// A newer release.
    Update,
    /// No compression within TLS.
    Compression,
    /// No renegotiation, or a secure one.
    Renegotiation,
    /// The next certificate, in time.
    Renew,
    /// Another certificate.
    Reissue,
    /// A certificate for another key.
    Rekey,
    /// A certificate that is signed otherwise.
    Resign,
    /// A smaller certificate, or fewer of them.
    Shrink,
    /// The intermediates.
    Chain,
    /// A chain in order.
    Order,
    /// The certificates of its authorities as they are now.
    Authorities,
    /// The right root.
    Root,
    /// A stapled OCSP response.
    Staple,
    /// `Strict-Transport-Security`.
    Hsts,
    /// A redirect to TLS.
    Redirect,
    /// Redirects that stay on TLS.
    Location,
    /// Cookies with `Secure`.
    Cookies,
    /// One header less.
    Header,
    /// Records in DNS.
    Dns,
    /// The policy of a domain's mail.
    MailPolicy,
}

/// Lines of configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// For which software.
    pub software: Software,
    /// Where they belong.
    pub place: &'static str,
    /// The lines.
    pub lines: Vec<String>,
    /// What they need, such as a release; empty where they need nothing special.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub needs: &'static str,
}

/// What to do.
pub(super) struct Remedy {
    pub(super) words: String,
    pub(super) configuration: Option<Configuration>,
}

/// What to do about a finding that this mends.
pub(super) fn of(fix: Fix, software: Option<Software>, case: Case<'_>) -> Remedy {
    let observed = case.scanned.observed.as_ref().and_then(|observed| observed.as_ref().ok());
    let name = case.target.expected.to_string();
    let blanks = fill::Blanks::of(case.target.policy, observed, name.trim_start_matches("dns:"));
    Remedy {
        words: blanks.fill(words(fix, case.target.policy)).unwrap_or_default(),
        configuration: configuration(fix, software.unwrap_or(Software::Openssl), &blanks),
    }
}

/// What to do under a policy about any endpoint, in words and for each software.
pub(super) fn of_any(fix: Fix, policy: &SecurityPolicy) -> (String, Vec<Configuration>) {
    let blanks = fill::Blanks::of(policy, None, "its name");
    let configurations =
        Software::ALL.into_iter().filter_map(|software| configuration(fix, software, &blanks));
    (blanks.fill(words(fix, policy)).unwrap_or_default(), configurations.collect())
}

fn configuration(fix: Fix, software: Software, blanks: &fill::Blanks) -> Option<Configuration> {
    let row = table::row(fix, software)?;
    // A line whose list would be empty, such as that of older suites under a policy of TLS 1.3, is left out.
    let lines: Vec<String> = row.lines.iter().filter_map(|line| blanks.fill(line)).collect();
    (!lines.is_empty()).then_some(Configuration { software, place: row.place, lines, needs: row.needs })
}

/// What to do, whatever it is.
fn words(fix: Fix, policy: &SecurityPolicy) -> &'static str {
    match fix {
        Fix::Cleartext => "serve TLS there, and refuse whoever comes without it",
        Fix::Versions => "allow {versions, } and nothing else",
        Fix::Suites => "allow the suites of {policy} and no others",
        Fix::Groups => "allow the groups of {policy} and no others",
        Fix::PostQuantum if !hybrid::are_allowed(policy) => {
            "choose a policy with post-quantum groups, which {policy} has not: {hybrid-policy}. Then put X25519MLKEM768 first among the groups; OpenSSL 3.5 and Go 1.24 have it"
        }
        Fix::PostQuantum => "put X25519MLKEM768 first among the groups; OpenSSL 3.5 and Go 1.24 have it",
        Fix::LargeHello => "find the box that takes a ClientHello for one packet: update it, or go round it",
        Fix::Update => "update the server and its TLS library",
        Fix::Compression => "switch compression within TLS off",
        Fix::Renegotiation => "switch renegotiation by clients off, or update the TLS library",
        Fix::Renew => "replace the certificate, and have it renewed at two thirds of its life",
        Fix::Reissue => "have a certificate issued for {name} by an authority that its clients believe",
        Fix::Rekey => {
            "have a certificate issued for {name} with a new key: ECDSA on P-256, or RSA with 2048 bits or more"
        }
        Fix::Resign => {
            "have a certificate issued for {name} whose signature, and those of the authorities behind it, are made with SHA-256 or better"
        }
        Fix::Shrink => {
            "have certificates issued with fewer names each, and send nothing but the leaf and its intermediates"
        }
        Fix::Chain => {
            "send the intermediate certificates behind the leaf; of a private authority, hand its root to --trust"
        }
        Fix::Order => {
            "send the leaf first, then for each certificate that of its issuer, and no root, nothing twice and nothing else"
        }
        Fix::Authorities => {
            "send the certificates that its authorities have now behind the leaf, or have one issued by an authority that lasts"
        }
        Fix::Root => {
            "have a certificate issued for {name} by an authority that its clients believe; of a private authority, hand its root to --trust"
        }
        Fix::Staple => {
            "have the server fetch and staple OCSP responses, or ask for a certificate that does not demand it"
        }
        Fix::Hsts => "send Strict-Transport-Security for two years, once all of the site is on TLS",
        Fix::Redirect => {
            "answer every request in cleartext with 301 to https:// on the same host, and nothing else"
        }
        Fix::Location => {
            "redirect to https://, or to a path alone; an application behind a proxy that ends TLS has to be told by which scheme its clients came, as by X-Forwarded-Proto"
        }
        Fix::Cookies => "set cookies with Secure, and with HttpOnly where no script needs them",
        Fix::Header => "leave the header out",
        Fix::MailPolicy => {
            "serve at https://mta-sts.DOMAIN/.well-known/mta-sts.txt, as text/plain and without a redirect: `version: STSv1`, `mode: enforce`, an `mx:` line for each mail server, `max_age: 604800`; then change the id in _mta-sts"
        }
        Fix::Dns => "put the record into the zone of {name}, and sign it",
    }
}

/// All that the table has, for this case.
#[cfg(test)]
pub(super) fn all(case: Case<'_>) -> Vec<Configuration> {
    let blanks = fill::Blanks::of(case.target.policy, None, "shop.test");
    table::all().filter_map(|(fix, software)| configuration(fix, software, &blanks)).collect()
}
