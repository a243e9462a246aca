//! What HTTP says, in the words of the report.

use hermetic_probe::web::{self, Plain, Preload, Redirect, TransportSecurity};
use hermetic_tls::Identity;
use serde::Serialize;

/// What an HTTP server says about its transport.
#[derive(Debug, Serialize)]
pub struct Web {
    pub site: Option<Site>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<String>,
    /// What the port for cleartext does; `null` where none belongs to it.
    pub plain: Option<PlainReport>,
}

/// The answer over TLS.
#[derive(Debug, Serialize)]
pub struct Site {
    /// Whether the server was who it must be.
    pub verified: bool,
    pub status: u16,
    pub location: Option<String>,
    pub server: Option<String>,
    pub strict_transport_security: StrictTransportSecurity,
    pub cookies: Vec<Cookie>,
    pub alternatives: Vec<Alternative>,
    pub upgrades_insecure_requests: bool,
    /// Headers that browsers gave up.
    pub abandoned: Vec<String>,
}

/// `Strict-Transport-Security`.
#[derive(Debug, Serialize)]
pub struct StrictTransportSecurity {
    /// `absent`, `set` or `invalid`.
    pub state: &'static str,
    pub max_age: Option<u64>,
    pub include_subdomains: bool,
    pub preload: bool,
    /// Whether all rules of the list that browsers come with are met, as far as answers show.
    pub may_be_preloaded: bool,
    /// Those that are not.
    pub preload_unmet: Vec<String>,
    /// Those of which nobody can tell.
    pub preload_untold: Vec<String>,
    /// The header, where it is invalid.
    pub invalid: Option<String>,
}

/// A cookie that was set.
#[derive(Debug, Serialize)]
pub struct Cookie {
    pub name: String,
    pub secure: bool,
    pub http_only: bool,
    pub same_site: Option<String>,
}

/// Another place for the same.
#[derive(Debug, Serialize)]
pub struct Alternative {
    pub protocol: String,
    pub authority: String,
    pub max_age: u64,
}

/// What the port for cleartext does.
#[derive(Debug, Serialize)]
pub struct PlainReport {
    /// `closed`, `unclear`, `serves`, `leads to TLS`, `leads elsewhere` or `circles`.
    pub does: &'static str,
    /// Of `leads to TLS`, whether it stays on the host.
    pub same_host: Option<bool>,
    /// The status of what it serves.
    pub status: Option<u16>,
    pub redirects: Vec<RedirectReport>,
    pub reason: Option<String>,
}

/// One redirect.
#[derive(Debug, Serialize)]
pub struct RedirectReport {
    pub status: u16,
    pub location: String,
}

impl Web {
    /// To those who expect this name there.
    pub fn of(web: &web::Web, expected: &Identity) -> Self {
        let plain = web.plain.as_ref().map(PlainReport::of);
        match &web.site {
            Ok(site) => Self { site: Some(Site::of(site, Preload::of(web, expected))), unseen: None, plain },
            Err(reason) => Self { site: None, unseen: Some(reason.clone()), plain },
        }
    }
}

impl Site {
    fn of(site: &web::Site, preload: Preload) -> Self {
        let cookie = |cookie: &web::Cookie| Cookie {
            name: cookie.name.clone(),
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site.clone(),
        };
        let alternative = |it: &web::Alternative| Alternative {
            protocol: it.protocol.clone(),
            authority: it.authority.clone(),
            max_age: it.max_age,
        };
        Self {
            verified: site.verified.is_ok(),
            status: site.status,
            location: site.location.clone(),
            server: site.server.clone(),
            strict_transport_security: StrictTransportSecurity::of(&site.transport_security, preload),
            cookies: site.cookies.iter().map(cookie).collect(),
            alternatives: site.alternatives.iter().map(alternative).collect(),
            upgrades_insecure_requests: site.upgrades_insecure_requests,
            abandoned: site.abandoned.clone(),
        }
    }
}

impl StrictTransportSecurity {
    fn of(told: &TransportSecurity, preloading: Preload) -> Self {
        let nothing = Self {
            state: "absent",
            max_age: None,
            include_subdomains: false,
            preload: false,
            may_be_preloaded: preloading.is_met(),
            preload_unmet: preloading.unmet,
            preload_untold: preloading.untold,
            invalid: None,
        };
        match told {
            TransportSecurity::Absent => nothing,
            TransportSecurity::Invalid(text) => {
                Self { state: "invalid", invalid: Some(text.clone()), ..nothing }
            }
            TransportSecurity::Set { max_age, include_subdomains, preload } => Self {
                state: "set",
                max_age: Some(*max_age),
                include_subdomains: *include_subdomains,
                preload: *preload,
                ..nothing
            },
        }
    }
}

impl PlainReport {
    fn of(plain: &Plain) -> Self {
        let does = |does| Self { does, same_host: None, status: None, redirects: Vec::new(), reason: None };
        let all = |through: &[Redirect]| through.iter().map(RedirectReport::of).collect();
        match plain {
            Plain::Closed(reason) => Self { reason: Some(reason.clone()), ..does("closed") },
            Plain::Unclear(reason) => Self { reason: Some(reason.clone()), ..does("unclear") },
            Plain::Serves { through, status } => {
                Self { status: Some(*status), redirects: all(through), ..does("serves") }
            }
            Plain::LeadsToTls { through, same_host } => {
                Self { same_host: Some(*same_host), redirects: all(through), ..does("leads to TLS") }
            }
            Plain::LeadsElsewhere { through } => Self { redirects: all(through), ..does("leads elsewhere") },
            Plain::Circles { through } => Self { redirects: all(through), ..does("circles") },
        }
    }
}

impl RedirectReport {
    fn of(redirect: &Redirect) -> Self {
        Self { status: redirect.status, location: redirect.location.clone() }
    }
}
