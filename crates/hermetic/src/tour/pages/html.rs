//! The pages of the tour as HTML: plain forms, nothing that runs.

use hermetic_gateway::path::{STYLE, escape};
use hermetic_hop::{HopReport, Report, Verdict};
use http::StatusCode;

use super::form::Token;
use super::{Sight, TourPages, wire};
use crate::picture;
use crate::tour::breakage::Breakage;

/// What the tour adds to the style of the path's page.
const OWN_STYLE: &str = include_str!("tour.css");

/// The style sheet.
pub(super) fn style() -> String {
    format!("{STYLE}{OWN_STYLE}")
}

/// The page with the hops and the buttons.
pub(super) fn overview(sight: &Sight, token: &Token, note: Option<&str>) -> String {
    let verdict = worst(&sight.report);
    let note = note.map(|note| format!("<p class=\"note\">{}</p>\n", escape(note))).unwrap_or_default();
    let content = format!(
        "{note}<p>{}</p>\n{flows}{hops}\n{actions}\n{wire}\
         <footer><p><a href=\"/\">The path of a request</a>, as its parties saw it. On the command line: \
         <code>hermetic hops --watch</code>, <code>hermetic tour wire</code>, <code>hermetic tour break</code>, <code>hermetic tour mend</code>.\
         </p></footer>\n",
        sentence(sight),
        flows = flows(&sight.report),
        hops = hops(&sight.report),
        actions = actions(sight.state.broken, token),
        wire = wire::form(token),
    );
    document(verdict, &verdict.as_str().to_uppercase(), &content)
}

/// How the tour stands. A hop may fall short that nobody broke on purpose: a database can end.
fn sentence(sight: &Sight) -> String {
    if let Some(kind) = sight.state.broken {
        return format!("Broken on purpose: {}.", kind.meaning());
    }
    match sight.report.hops.iter().find(|hop| hop.verdict.falls_short()) {
        Some(hop) => {
            format!("Nothing is broken on purpose, but {} falls short.", escape(&hop.name().to_string()))
        }
        None => "Every hop of the tour is as its configuration demands.".to_owned(),
    }
}

/// The flows alone, drawn anew every two seconds.
pub(super) fn live(report: &Report) -> String {
    let verdict = worst(report);
    let page = document(verdict, &verdict.as_str().to_uppercase(), &flows(report));
    page.replacen("</head>", "<meta http-equiv=\"refresh\" content=\"2\">\n</head>", 1)
}

/// The picture that `hermetic hops --format svg` draws.
fn flows(report: &Report) -> String {
    format!("<div class=\"flows\">\n<a href=\"/tour/flows\">{}</a>\n</div>\n", picture::svg(report))
}

/// What stands in place of an answer that did not come.
pub(super) fn failure(sight: &Sight, token: &Token, status: StatusCode) -> String {
    // What failed by itself may have failed in the middle of an exchange.
    let fallen =
        sight.report.hops.iter().find(|hop| hop.verdict.falls_short() && sight.state.broken.is_some());
    let told = match fallen {
        Some(hop) => format!(
            "<p>This request was refused at the hop <b>{}</b>. Nothing of it went over that hop.</p>\n{}",
            escape(&hop.name().to_string()),
            section(hop)
        ),
        None => "<p>The request was refused behind the edge, and the next one may pass.</p>\n".to_owned(),
    };
    let content = format!(
        "{told}\n{}\n<footer><p><a href=\"{}\">All hops</a>.</p></footer>\n",
        actions(sight.state.broken, token),
        TourPages::PATH
    );
    document(worst(&sight.report), status.as_str(), &content)
}

pub(super) fn document(verdict: Verdict, title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}: the tour</title>\n<link rel=\"stylesheet\" href=\"/tour/style.css\">\n</head>\n\
         <body class=\"{verdict}\">\n\n<h1>{title}</h1>\n{content}</body>\n</html>\n"
    )
}

fn worst(report: &Report) -> Verdict {
    report.flows.iter().map(|flow| flow.verdict).min().unwrap_or(Verdict::Unknown)
}

fn hops(report: &Report) -> String {
    report.hops.iter().map(section).collect()
}

fn section(hop: &HopReport) -> String {
    let evidence = hop.evidence.map_or("no evidence", hermetic_hop::EvidenceKind::as_str);
    format!(
        "<section class=\"{verdict}\">\n<h2>{name} <em>{verdict} ({evidence})</em></h2>\n<p>{reason}</p>\n</section>\n",
        verdict = hop.verdict,
        name = escape(&hop.name().to_string()),
        reason = escape(&hop.reason),
    )
}

/// The buttons that make sense now.
fn actions(broken: Option<Breakage>, token: &Token) -> String {
    match broken {
        Some(_) => format!(
            "<h2>Mend it</h2>\n<form method=\"post\" action=\"/tour/mend\">{}<button>Mend</button></form>",
            token.field()
        ),
        None => {
            let buttons: String = Breakage::ALL.into_iter().map(|kind| button(kind, token)).collect();
            format!("<h2>Break it</h2>\n<ul class=\"ways\">\n{buttons}</ul>")
        }
    }
}

fn button(kind: Breakage, token: &Token) -> String {
    format!(
        "<li><form method=\"post\" action=\"/tour/break\">{}<button name=\"kind\" value=\"{kind}\">{kind}</button></form> {}</li>\n",
        token.field(),
        kind.meaning()
    )
}
