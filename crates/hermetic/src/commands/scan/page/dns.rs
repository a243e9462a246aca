//! What DNS says, for a person.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::super::report::dns::{Asked, Caa, Dane, Dns, Policy, Service, What};
use super::title;
use crate::output::plain;

pub fn section(page: &mut String, dns: &Dns) {
    title(page, &format!("DNS, by {}", dns.resolver));
    told(page, "CAA", &dns.caa, caa);
    if let Some(https) = &dns.https {
        told(page, "HTTPS records", https, services);
    }
    told(page, "DANE", &dns.dane, dane);
    if let Some(mail) = &dns.mail {
        told(page, "MTA-STS", &mail.mta_sts, |found| found.as_deref().map_or("none".to_owned(), plain));
        if let Some(policy) = &mail.mta_sts_policy {
            let _ = writeln!(page, "    its policy: {}", mail_policy(policy));
        }
        let all =
            |found: &Vec<String>| if found.is_empty() { "none".to_owned() } else { plain(&found.join(", ")) };
        told(page, "TLS-RPT", &mail.tls_rpt, all);
    }
}

fn mail_policy(policy: &Policy) -> String {
    let bad = AnsiColor::Red.on_default();
    match policy {
        Policy::Had { mode, mx, max_age, uncovered } => {
            let uncovered = uncovered.as_deref().unwrap_or_default();
            let uncovered = match uncovered {
                [] => String::new(),
                some => format!("; {bad}not {}{bad:#}", plain(&some.join(", "))),
            };
            format!("{mode}, for {}{uncovered}, kept for {max_age} s", plain(&mx.join(", ")))
        }
        Policy::Wrong { wrong } => format!("{bad}{}{bad:#}", plain(wrong)),
        Policy::CouldNotTell { could_not_tell } => format!("could not tell: {}", plain(could_not_tell)),
    }
}

fn told<T>(page: &mut String, what: &str, asked: &Asked<T>, text: impl Fn(&T) -> String) {
    let _ = match asked {
        Asked::Told { what: What { found }, authenticated: true } => {
            writeln!(page, "  {what}: {} (DNSSEC)", text(found))
        }
        Asked::Told { what: What { found }, .. } => writeln!(page, "  {what}: {}", text(found)),
        Asked::CouldNotTell { could_not_tell } => {
            writeln!(page, "  {what}: could not tell: {}", plain(could_not_tell))
        }
    };
}

fn caa(caa: &Caa) -> String {
    let bad = AnsiColor::Red.on_default();
    let allowed = plain(&caa.allowed.join(", "));
    match caa.issuer {
        None | Some("anybody") => "anybody may issue".to_owned(),
        Some("granted") => format!("its issuer may issue, as {allowed}"),
        Some("denied") if caa.allowed.is_empty() => format!("{bad}nobody may issue{bad:#}"),
        Some("denied") => format!("{bad}its issuer may not issue{bad:#}; {allowed} may"),
        Some(_) => format!("{allowed} may issue; whether that is its issuer is not known"),
    }
}

fn services(services: &Vec<Service>) -> String {
    let one = |service: &Service| {
        let ech = if service.ech { " with ECH" } else { "" };
        let target = if service.target.is_empty() { "itself" } else { &service.target };
        format!("{} {}{ech}", plain(target), plain(&service.protocols.join(" ")))
    };
    match services.as_slice() {
        [] => "none".to_owned(),
        some => some.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

fn dane(dane: &Dane) -> String {
    let (bad, good) = (AnsiColor::Red.on_default(), AnsiColor::Green.on_default());
    let reason = dane.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
    match dane.bound {
        "no" => "none".to_owned(),
        "verified" => format!("{good}verified{good:#}{reason}"),
        "mismatch" => format!("{bad}mismatch{bad:#}{reason}"),
        other => format!("{other}{reason}"),
    }
}
