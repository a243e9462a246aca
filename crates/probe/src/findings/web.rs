//! What its HTTP leaves open to somebody in between.

use hermetic_hop::Severity;
use hermetic_tls::Identity;

use super::Findings;
use crate::web::{Plain, Redirect, Site, TransportSecurity, Web};

/// Half a year in seconds: what SSL Labs asks for, and where Mozilla's guidelines begin to be met.
const HALF_A_YEAR: u64 = 15_552_000;

pub(super) fn judge(findings: &mut Findings<'_>) {
    let beside = findings.case.scanned.beside.as_ref();
    let Some(Web { site, plain }) = beside.and_then(|beside| beside.web.as_ref()) else { return };
    if let Ok(site) = site {
        transport_security(findings, site);
        if let Some(location) = site.leads_to_cleartext() {
            let reason = format!(
                "over TLS it answers {}, and leads to cleartext: {location}; whoever is on the way can read what is \
                 said there, and change it",
                site.status
            );
            findings.tell("https-redirects-to-http", reason);
        }
        cookies(findings, site);
        if !site.abandoned.is_empty() {
            let reason = format!("it sends {}, which browsers gave up", site.abandoned.join(", "));
            findings.tell("abandoned-headers", reason);
        }
    }
    if let Some(plain) = plain {
        cleartext(findings, plain);
    }
}

/// Browsers keep it for names alone (RFC 6797 section 8.1.1).
fn transport_security(findings: &mut Findings<'_>, site: &Site) {
    if !matches!(findings.case.target.expected, Identity::Dns(_)) {
        return;
    }
    match &site.transport_security {
        TransportSecurity::Absent => findings.tell(
            "no-hsts",
            "it does not tell browsers to come by TLS alone: a first visit can be held in cleartext",
        ),
        TransportSecurity::Invalid(text) => {
            findings.tell("no-hsts", format!("browsers pass over Strict-Transport-Security: {text}"));
        }
        TransportSecurity::Set { max_age, .. } if *max_age < HALF_A_YEAR => {
            let days = max_age / 86_400;
            findings.tell("short-hsts", format!("Strict-Transport-Security holds for {days} days"));
        }
        TransportSecurity::Set { .. } => {}
    }
}

fn cookies(findings: &mut Findings<'_>, site: &Site) {
    let open: Vec<String> =
        site.cookies.iter().filter(|cookie| !cookie.secure).map(|cookie| cookie.name.clone()).collect();
    if !open.is_empty() {
        let reason = format!("browsers send {} in cleartext, too: without Secure", super::named(&open));
        findings.tell_of("insecure-cookie", reason, open, None);
    }
}

fn cleartext(findings: &mut Findings<'_>, plain: &Plain) {
    let way = |through: &[Redirect]| {
        through.iter().map(|redirect| redirect.location.as_str()).collect::<Vec<_>>().join(", then ")
    };
    match plain {
        // An error in cleartext gives nothing away, and leads nobody to TLS either.
        Plain::Serves { status, .. } if *status >= 400 => {
            let reason = format!("its port for cleartext answers {status}, and leads nobody to TLS");
            findings.tell_of("http-serves", reason, Vec::new(), Some(Severity::Informational));
        }
        Plain::Serves { status, .. } => {
            findings.tell("http-serves", format!("its port for cleartext serves, with status {status}"));
        }
        Plain::LeadsToTls { through, .. } if through.len() > 1 => {
            findings.tell(
                "http-redirects-late",
                format!("the way to TLS goes on in cleartext: {}", way(through)),
            );
        }
        Plain::LeadsToTls { through, same_host: false } => {
            let reason = format!(
                "it leads to TLS on another host, so that its own is kept by no browser: {}",
                way(through)
            );
            findings.tell("http-redirects-late", reason);
        }
        Plain::LeadsElsewhere { through } | Plain::Circles { through } => {
            findings.tell("http-redirects-late", format!("it leads on in cleartext: {}", way(through)));
        }
        Plain::LeadsToTls { .. } | Plain::Closed(_) | Plain::Unclear(_) => {}
    }
}
