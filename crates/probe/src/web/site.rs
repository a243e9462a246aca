//! The answer over TLS.

use hermetic_tls::{Inspection, PeerCertificateProblem};
use tokio::time::timeout;

use super::{Alternative, Cookie, Place, TransportSecurity};
use crate::http::{self, Head, LONGEST_HEAD};
use crate::observe::Manners;

/// The head of the root page, as far as it concerns transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Whether the server was who it must be. From one that was not, browsers take no `Strict-Transport-Security`.
    pub verified: Result<(), PeerCertificateProblem>,
    /// The status.
    pub status: u16,
    /// Where it redirects to.
    pub location: Option<String>,
    /// What it calls itself.
    pub server: Option<String>,
    /// `Strict-Transport-Security`.
    pub transport_security: TransportSecurity,
    /// The cookies that it sets.
    pub cookies: Vec<Cookie>,
    /// Where else it is to be had.
    pub alternatives: Vec<Alternative>,
    /// Whether its policy has browsers come by TLS for what a page names in cleartext.
    pub upgrades_insecure_requests: bool,
    /// Headers that browsers gave up, and that are better removed: `expect-ct`, `public-key-pins`.
    pub abandoned: Vec<String>,
}

/// Headers that concern transport and that browsers no longer read.
const ABANDONED: [&str; 3] = ["expect-ct", "public-key-pins", "public-key-pins-report-only"];

pub(super) async fn look(
    place: Place<'_>,
    inspection: &Inspection,
    manners: &Manners,
) -> Result<Site, String> {
    let io = manners.way.connect(place.address, manners.connect).await;
    let io = io.map_err(|error| format!("no connection: {error}"))?;
    let asked = async {
        let host = http::host_header(place.host, place.port, 443);
        let question = http::question(&host, "/");
        let asked = inspection.ask(io, question.as_bytes(), LONGEST_HEAD, Head::is_whole).await;
        asked.map_err(|uninspected| uninspected.to_string())
    };
    let asked = timeout(manners.answer, asked).await;
    let (inspected, heard) = asked.map_err(|_| "no answer in time".to_owned())??;
    let (head, _) = Head::read(&heard).map_err(|error| error.to_string())?;
    Ok(Site::of(&head, inspected.verified))
}

impl Site {
    /// Where it sends those who came by TLS, if that is in cleartext.
    pub fn leads_to_cleartext(&self) -> Option<&str> {
        let location = self.location.as_deref().filter(|_| (300..400).contains(&self.status))?;
        let scheme = location.get(..7)?;
        scheme.eq_ignore_ascii_case("http://").then_some(location)
    }

    fn of(head: &Head, verified: Result<(), PeerCertificateProblem>) -> Self {
        let policy = |text: &str| text.to_ascii_lowercase().contains("upgrade-insecure-requests");
        let abandoned = ABANDONED.into_iter().filter(|name| head.first(name).is_some());
        Self {
            verified,
            status: head.status,
            location: head.first("location").map(str::to_owned),
            server: head.first("server").map(str::to_owned),
            transport_security: TransportSecurity::of(head.first("strict-transport-security")),
            cookies: head.all("set-cookie").filter_map(Cookie::of).collect(),
            alternatives: head.all("alt-svc").flat_map(Alternative::all_of).collect(),
            upgrades_insecure_requests: head.all("content-security-policy").any(policy),
            abandoned: abandoned.map(str::to_owned).collect(),
        }
    }
}
