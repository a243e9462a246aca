//! The page that shows a path: without scripts, without anything loaded, and with its style at the
//! end, so that it reads well in a browser and, as it comes over the wire, in a terminal.

use hermetic_hop::{
    Checked, EvidenceKind, HopName, HopReport, PartyName, PeerFacts, TlsReport, Verdict, View, relative,
};
use jiff::Timestamp;

use super::PathReport;
use super::escape::escape;

/// The style of the page; its hash is in [`SECURITY_HEADERS`](super::SECURITY_HEADERS).
pub const STYLE: &str = include_str!("page.css");

/// A page that leads on from here.
#[derive(Clone, Copy, Debug)]
pub struct Onward {
    /// Its path, on the host that was asked for.
    pub path: &'static str,
    /// What is there.
    pub says: &'static str,
}

/// Where the page leads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Links<'a> {
    /// The host and port that the client asked for.
    pub address: Option<&'a str>,
    /// The page behind this one.
    pub onward: Option<Onward>,
}

/// The page.
pub fn html(report: &PathReport, links: Links<'_>, now: Timestamp) -> String {
    let parties: Vec<_> = report.parties().map(|party| escape(party.as_str())).collect();
    let verdict = report.verdict;
    let word = verdict.as_str().to_uppercase();
    let hops: String = report.hops.iter().enumerate().map(|(at, hop)| section(at + 1, hop, now)).collect();
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{word}: {title}</title>\n\
         </head>\n\
         <body class=\"{verdict}\">\n\n\
         <h1>{word}</h1>\n\
         <p>{sentence}</p>\n\n\
         <p class=\"path\"><b>{chips}</b></p>\n\n\
         <p class=\"weakest\">{weakest}</p>\n\
         {visits}\
         {hops}\n\
         {footer}\n\
         <style>\n{STYLE}</style>\n\
         </body>\n\
         </html>\n",
        title = parties.join(" → "),
        sentence = sentence(report),
        chips = parties.join("</b> → <b>"),
        weakest = weakest(report),
        visits = visits(report),
        footer = footer(links, now),
    )
}

/// What the verdict means for this request.
fn sentence(report: &PathReport) -> String {
    let hop = report.weakest.as_ref().map(named).unwrap_or_default();
    match report.verdict {
        Verdict::Sealed => {
            "Every hop of the path that this very request took is encrypted within its policy.".to_owned()
        }
        Verdict::Local => format!("On {hop} this very request was in cleartext that can't leave its host."),
        Verdict::Unknown => format!("Nobody can say how this very request was protected on {hop}."),
        Verdict::Weak => format!("On {hop} this very request was encrypted, but not as its policy demands."),
        Verdict::Clear => format!("On {hop} anybody on the way could read this very request."),
    }
}

/// The hop that decides, and what there is to say of it.
fn weakest(report: &PathReport) -> String {
    let decides = report.weakest.as_ref().and_then(|name| report.hops.iter().find(|hop| hop.is(name)));
    let Some(hop) = decides else { return "No hop was seen.".to_owned() };
    let flow =
        report.flow.as_ref().map(|flow| format!("Flow: {}. ", escape(flow.as_str()))).unwrap_or_default();
    format!("{flow}Weakest hop: {}: {}.", named(&hop.name()), escape(&hop.weakness()))
}

/// How many visits the data store at the end keeps.
fn visits(report: &PathReport) -> String {
    let store = report.hops.last().map(|hop| escape(hop.to.as_str())).unwrap_or_default();
    let line =
        |visits| format!("<p class=\"visits\">Visits kept by {store}, this one among them: {visits}.</p>\n");
    report.visits.map(line).unwrap_or_default()
}

/// One hop.
fn section(number: usize, hop: &HopReport, now: Timestamp) -> String {
    let evidence = hop.evidence.map_or("no evidence", EvidenceKind::as_str);
    let tls = hop.tls.as_ref().map(|tls| handshake(hop, tls, now)).unwrap_or_default();
    format!(
        "\n<section class=\"{verdict}\">\n\
         <h2>{number}. {name} <em>{verdict} ({evidence})</em></h2>\n\
         <dl>\n\
         {tls}\
         {row_evidence}\
         {row_reason}\
         </dl>\n\
         </section>\n",
        verdict = hop.verdict,
        name = named(&hop.name()),
        row_evidence = row("evidence", &view(hop)),
        row_reason = row("reason", &escape(&hop.reason)),
    )
}

/// What the two ends agreed on, and who they proved to be.
fn handshake(hop: &HopReport, tls: &TlsReport, now: Timestamp) -> String {
    let facts = &tls.facts;
    let text = |known: Option<String>| known.unwrap_or_else(|| "not known".to_owned());
    let resumed = if facts.resumed { " (session resumed)" } else { "" };
    let quantum = match tls.post_quantum {
        Some(true) => " <mark>post-quantum</mark>",
        Some(false) => " <mark class=\"not\">not post-quantum</mark>",
        None => "",
    };
    [
        row("version", &(text(facts.version.map(|version| version.to_string())) + resumed)),
        row("suite", &text(facts.suite.map(|suite| suite.to_string()))),
        row("key exchange", &(text(facts.group.map(|group| group.to_string())) + quantum)),
        peer(&hop.from, facts.client.as_ref(), &client_checked(hop, facts.client_checked), now),
        peer(&hop.to, facts.server.as_ref(), &server_checked(hop, facts.server_checked), now),
    ]
    .concat()
}

/// Who one end proved to be, until when, and to whom.
fn peer(party: &PartyName, shown: Option<&PeerFacts>, checked: &str, now: Timestamp) -> String {
    let label = escape(party.as_str());
    let Some(facts) = shown else { return row(&label, &format!("showed no certificate; {checked}")) };
    let names: Vec<_> = facts.identities.iter().map(|identity| escape(&identity.to_string())).collect();
    let names = if names.is_empty() { "a certificate without names".to_owned() } else { names.join(", ") };
    let until = facts.not_after;
    let expiry = if until < now { "expired" } else { "expires" };
    row(
        &label,
        &format!(
            "{names}<br>\n{INDENT}{expiry} {}, {}<br>\n{INDENT}{checked}",
            until.strftime("%Y-%m-%d %H:%M UTC"),
            relative(until, now)
        ),
    )
}

fn server_checked(hop: &HopReport, checked: Checked) -> String {
    let (from, to) = (escape(hop.from.as_str()), escape(hop.to.as_str()));
    match checked {
        Checked::Verified => format!("verified by {from}"),
        Checked::NotVerified => format!("not verified by {from}"),
        Checked::NotAsked => format!("{from} asked for no certificate"),
        Checked::NotObservable => {
            format!("whether {from} checked the certificate is not observable from {to}, the server")
        }
    }
}

fn client_checked(hop: &HopReport, checked: Checked) -> String {
    let (from, to) = (escape(hop.from.as_str()), escape(hop.to.as_str()));
    match checked {
        Checked::Verified => format!("verified by {to}"),
        Checked::NotVerified => format!("not verified by {to}"),
        Checked::NotAsked => format!("{to} asked for none"),
        Checked::NotObservable => {
            format!("whether {to} checks client certificates is not observable from {from}, the client")
        }
    }
}

/// Whose view it is, and when.
fn view(hop: &HopReport) -> String {
    let (Some(kind), Some(view)) = (hop.evidence, hop.view) else { return "none".to_owned() };
    let whose = match view {
        View::Client => format!("seen by {}, the client", escape(hop.from.as_str())),
        View::Server => format!("seen by {}, the server", escape(hop.to.as_str())),
        View::Both => "seen by both ends".to_owned(),
        View::Observer => "seen from beside the path".to_owned(),
    };
    let when = hop.seen.map(|at| at.strftime(", %Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default();
    format!("{kind}, {whose}{when}")
}

/// A label and its value, aligned for those who read the source.
fn row(label: &str, value: &str) -> String {
    format!("<dt>{label:<13}<dd>{value}\n")
}

/// How far the values of rows are to the right in the source.
const INDENT: &str = "                     ";

fn named(hop: &HopName) -> String {
    format!("{} → {}", escape(hop.from.as_str()), escape(hop.to.as_str()))
}

fn footer(links: Links<'_>, now: Timestamp) -> String {
    let onward = links
        .onward
        .map(|Onward { path, says }| format!("<p><a href=\"{}\">{}</a></p>\n", escape(path), escape(says)));
    let json = links.address.map(|address| {
        let address = escape(address);
        format!("curl --cacert .hermetic/ca.pem -H 'Accept: application/json' https://{address}/   # this page, for programs\n")
    });
    format!(
        "<footer>\n\
         <h2>Try next</h2>\n\
         {}\
         <pre>\n\
         {}\
         hermetic hops           # every hop since the start, with counts\n\
         hermetic hops --watch   # the same, live\n\
         </pre>\n\
         <p>What each party saw of its own connections travelled with the request, in a header that only an \
         authenticated previous hop can set. Judged at {}.</p>\n\
         </footer>",
        onward.unwrap_or_default(),
        json.unwrap_or_default(),
        now.strftime("%Y-%m-%d %H:%M:%S UTC"),
    )
}

#[cfg(test)]
mod tests {
    use hermetic_hop::Flow;
    use hermetic_tls::{NamedGroup, ProtocolVersion};

    use super::*;
    use crate::path::samples::{edit, flow, now, tour};
    use crate::path::{SECURITY_HEADERS, Sighting};

    fn page(sightings: &[Sighting]) -> String {
        let flows: [Flow; 1] = [flow()];
        let links = Links { address: Some("localhost:8443"), onward: None };
        html(&PathReport::of(sightings, &flows, now()), links, now())
    }

    #[test]
    fn a_sealed_path_reads_well_as_it_comes_over_the_wire() {
        insta::assert_snapshot!(page(&tour()).replace(STYLE, ""));
    }

    #[test]
    fn a_weak_path_says_which_hop_and_why() {
        let page =
            page(&edit(tour(), "balancer → app", |facts| facts.version = Some(ProtocolVersion::TLS1_1)));
        assert!(page.contains("<h1>WEAK</h1>"));
        assert!(page.contains("Weakest hop: balancer → app: TLSv1.1 is not among the versions"), "{page}");
    }

    #[test]
    fn the_page_never_says_that_a_stranger_checked_our_certificate() {
        let page = page(&tour());
        assert!(
            page.contains("whether client checked the certificate is not observable from edge, the server")
        );
        assert!(!page.contains("verified by client"));
    }

    #[test]
    fn post_quantum_key_exchange_is_marked_on_its_hop_only() {
        let page = page(&edit(tour(), "balancer → app", |facts| facts.group = Some(NamedGroup::SECP256R1)));
        assert_eq!(page.matches("<mark>post-quantum</mark>").count(), 1);
        assert_eq!(page.matches("not post-quantum</mark>").count(), 2);
    }

    #[test]
    fn an_expired_certificate_is_called_so() {
        let past = now() - jiff::SignedDuration::from_hours(72);
        let page = page(&edit(tour(), "balancer → app", |facts| {
            facts.server.iter_mut().for_each(|server| server.not_after = past);
        }));
        assert!(page.contains("expired 2026-11-21 02:20 UTC, 3 days ago"), "{page}");
    }

    #[test]
    fn what_a_party_made_up_can_not_become_markup() {
        let mut sightings = tour();
        for sighting in &mut sightings {
            sighting.policy = "\"><script>alert(1)</script>".to_owned();
        }
        let page = page(&sightings);
        assert!(page.contains("&lt;script&gt;"), "{page}");
        assert!(!page.contains("<script"));
    }

    #[test]
    fn the_content_policy_names_the_hash_of_the_very_style_that_is_served() {
        let page = page(&tour());
        let (_, style) = page.split_once("<style>").unwrap();
        let (style, _) = style.split_once("</style>").unwrap();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, style.as_bytes());
        let expected = format!("'sha256-{}'", base64(digest.as_ref()));
        let (_, policy) = &SECURITY_HEADERS[0];
        assert!(policy.contains(&expected), "{expected} is the hash; the policy is {policy}");
    }

    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digit = |bits: u32, at: usize| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
        let group = |chunk: &[u8]| {
            let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
            (0..4).map(|at| if at <= chunk.len() { digit(bits, at) } else { '=' }).collect::<String>()
        };
        bytes.chunks(3).map(group).collect()
    }
}
