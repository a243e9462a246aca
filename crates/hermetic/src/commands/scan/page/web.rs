//! What HTTP says, for a person.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::super::report::web::{PlainReport, Site, StrictTransportSecurity, Web};
use super::title;
use crate::output::plain;

pub fn section(page: &mut String, web: &Web) {
    title(page, "HTTP");
    if let Some(site) = &web.site {
        answer(page, site);
    }
    if let Some(reason) = &web.unseen {
        let _ = writeln!(page, "  could not tell: {}", plain(reason));
    }
    if let Some(told) = &web.plain {
        cleartext(page, told);
    }
}

fn answer(page: &mut String, site: &Site) {
    let odd = AnsiColor::Yellow.on_default();
    let server = site.server.as_deref().map(|server| format!(", {}", plain(server))).unwrap_or_default();
    let leads = site.location.as_deref().map(|location| format!(", and leads to {}", plain(location)));
    let _ = writeln!(page, "  answers {}{}{server}", site.status, leads.unwrap_or_default());
    let told = &site.strict_transport_security;
    let _ = match (told.state, told.max_age) {
        ("set", Some(age)) => {
            let below = if told.include_subdomains { ", with all names below" } else { "" };
            writeln!(page, "  HSTS for {} days{below}{}", age / 86_400, preloading(told))
        }
        ("invalid", _) => writeln!(page, "  {odd}HSTS is invalid{odd:#}, and browsers pass over it"),
        _ => writeln!(page, "  {odd}no HSTS{odd:#}"),
    };
    for cookie in site.cookies.iter().filter(|cookie| !cookie.secure) {
        let _ = writeln!(page, "  {odd}the cookie {} goes out in cleartext, too{odd:#}", plain(&cookie.name));
    }
    if !site.alternatives.is_empty() {
        let all: Vec<_> = site.alternatives.iter().map(|it| plain(&it.protocol)).collect();
        let _ = writeln!(page, "  also by {}", all.join(", "));
    }
    if !site.abandoned.is_empty() {
        let _ = writeln!(page, "  headers that browsers gave up: {}", site.abandoned.join(", "));
    }
}

/// Of a site that asks to be on the list that browsers come with.
fn preloading(told: &StrictTransportSecurity) -> String {
    let all = |rules: &[String]| rules.iter().map(|rule| plain(rule)).collect::<Vec<_>>().join("; ");
    match (told.preload, &told.preload_unmet[..], &told.preload_untold[..]) {
        (false, ..) => String::new(),
        (true, [], []) => ", may be preloaded".to_owned(),
        (true, [], untold) => format!(", whether it may be preloaded nobody can tell: {}", all(untold)),
        (true, unmet, _) => format!(", may not be preloaded: {}", all(unmet)),
    }
}

fn cleartext(page: &mut String, told: &PlainReport) {
    let (bad, odd) = (AnsiColor::Red.on_default(), AnsiColor::Yellow.on_default());
    let through: Vec<_> = told.redirects.iter().map(|it| plain(&it.location)).collect();
    let through = through.join(", then ");
    let reason = told.reason.as_deref().map(plain).unwrap_or_default();
    let _ = match (told.does, told.same_host) {
        ("closed", _) => writeln!(page, "  in cleartext: closed"),
        ("leads to TLS", Some(true)) if told.redirects.len() == 1 => {
            writeln!(page, "  in cleartext: leads to TLS")
        }
        ("leads to TLS", _) => {
            writeln!(page, "  {odd}in cleartext: leads to TLS by a detour{odd:#}: {through}")
        }
        ("serves", _) => {
            writeln!(page, "  {bad}in cleartext: serves{bad:#}, status {}", told.status.unwrap_or(0))
        }
        ("leads elsewhere", _) => {
            writeln!(page, "  {bad}in cleartext: leads on in cleartext{bad:#}: {through}")
        }
        ("circles", _) => writeln!(page, "  {odd}in cleartext: redirects without end{odd:#}: {through}"),
        _ => writeln!(page, "  in cleartext: could not tell: {reason}"),
    };
}
