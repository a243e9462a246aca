//! The certificates, for a person.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use hermetic_probe::certificates::SharedKey;

use super::super::report::Report;
use super::super::report::certificates::{Certificate, Chain, Read};
use super::title;
use crate::output::plain;

/// The keys that several targets have, behind the last page.
pub fn shared_keys(shared: &[SharedKey]) -> String {
    let mut page = String::new();
    title(&mut page, "Keys that several targets have");
    for key in shared {
        let _ = writeln!(page, "  {}", key.key_fingerprint);
        key.endpoints.iter().for_each(|endpoint| {
            let _ = writeln!(page, "    {}", plain(endpoint));
        });
        if key.more > 0 {
            let _ = writeln!(page, "    and {} more", key.more);
        }
    }
    page
}

pub fn section(page: &mut String, report: &Report) {
    let (chains, unseen) = (&report.certificates, &report.certificates_unseen);
    if chains.is_empty() {
        return;
    }
    title(page, "Certificates");
    for chain in chains {
        one(page, chain);
    }
    let could_not_tell = unseen.iter().filter(|unseen| !unseen.refused);
    for unseen in could_not_tell {
        let _ = writeln!(page, "  could not tell {}: {}", unseen.asked, plain(&unseen.reason));
    }
    for shared in &report.shared_keys {
        let odd = AnsiColor::Yellow.on_default();
        let more = if shared.more > 0 { format!(" and {} more", shared.more) } else { String::new() };
        let _ = writeln!(page, "  {odd}same key{odd:#} at {}{more}", plain(&shared.endpoints.join(", ")));
    }
}

fn one(page: &mut String, chain: &Chain) {
    let (bad, odd) = (AnsiColor::Red.on_default(), AnsiColor::Yellow.on_default());
    let asked = chain.asked.join("; ");
    match chain.leaf() {
        Some(leaf) => head(page, leaf, &asked),
        None => {
            let _ = writeln!(page, "  {bad}a certificate that can't be read{bad:#}, {asked}");
        }
    }
    for trust in &chain.trust {
        let _ = match &trust.problem {
            None => writeln!(page, "    trusted by {}", trust.store),
            Some(problem) => writeln!(page, "    {bad}not by {}{bad:#}: {}", trust.store, plain(problem)),
        };
    }
    if !chain.for_name {
        let _ = writeln!(page, "    {bad}not for the name{bad:#}");
    }
    let weaknesses =
        chain.certificates.iter().enumerate().filter_map(|(place, certificate)| match certificate {
            Certificate::Read(read) => Some((place, &read.weaknesses)),
            Certificate::Unreadable { .. } => None,
        });
    for (place, weaknesses) in weaknesses {
        for weakness in weaknesses {
            let _ = writeln!(page, "    {odd}certificate {place}{odd:#}: {}", plain(weakness));
        }
    }
    for fault in &chain.faults {
        let _ = writeln!(page, "    {odd}chain{odd:#}: {}", plain(fault));
    }
    details(page, chain);
}

fn head(page: &mut String, leaf: &Read, asked: &str) {
    const MOST_NAMES: usize = 4;
    let shown: Vec<_> = leaf.names.iter().take(MOST_NAMES).map(|name| plain(name)).collect();
    let more = match leaf.names.len().saturating_sub(MOST_NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let _ =
        writeln!(page, "  {}, {}, {} days left, {asked}", leaf.key, leaf.signature_algorithm, leaf.days_left);
    let _ = writeln!(page, "    {}{more} by {}", shown.join(" "), plain(&leaf.issuer));
}

fn details(page: &mut String, chain: &Chain) {
    let (bad, odd) = (AnsiColor::Red.on_default(), AnsiColor::Yellow.on_default());
    if chain.transparency.logs > 0 {
        let _ = writeln!(page, "    in {} logs of Certificate Transparency", chain.transparency.logs);
    }
    let staple = &chain.staple;
    let reason = staple.reason.as_ref().map(|reason| format!(", {}", plain(reason))).unwrap_or_default();
    let _ = match staple.says {
        "none" if chain.demands_staple => {
            writeln!(page, "    {bad}demands a staple, and none came{bad:#}: Firefox refuses it")
        }
        "none" => Ok(()),
        "good" => writeln!(page, "    stapled: good"),
        "revoked" => writeln!(page, "    {bad}stapled: revoked{bad:#}{reason}"),
        says => writeln!(page, "    {odd}stapled: {says}{odd:#}{reason}"),
    };
    for checked in &chain.revocation {
        let style = if checked.says == "revoked" { bad } else { anstyle::Style::new() };
        let reason = checked.reason.as_ref().map(|reason| format!(", {}", plain(reason))).unwrap_or_default();
        let _ = writeln!(
            page,
            "    certificate {} by {} {}: {style}{}{style:#}{reason}",
            checked.step,
            checked.source,
            plain(&checked.url),
            checked.says
        );
    }
    if let Some(completion) = &chain.completion {
        let _ = match (completion.outcome, &completion.reason) {
            ("whole", _) => writeln!(
                page,
                "    {odd}incomplete{odd:#}: trusted with {} more, which the server should send",
                completion.missing
            ),
            (_, reason) => {
                let reason = reason.as_deref().map(plain).unwrap_or_default();
                writeln!(page, "    with missing issuers fetched: not trusted, {reason}")
            }
        };
    }
}
