//! The picture of an endpoint: the hop to it with its lock, the versions that it speaks, and its suites and groups as
//! cells, each in its server's order. Colours are of the page's style, so that they follow light and dark.

use std::fmt::Write as _;

use hermetic_hop::Verdict;
use hermetic_tls::{Authentication, Cipher, CipherSuite, NamedGroup, ProtocolVersion};

use super::super::super::report::{Answer, Protocol, Report};
use crate::picture::{Markup, escaped, sign};

const WIDTH: i32 = 800;
/// Where cells begin, right of their labels.
const CELLS: i32 = 150;
/// A cell and the space behind it.
const STEP: i32 = 22;
const IN_A_ROW: i32 = (WIDTH - CELLS) / STEP;

/// The picture, as an element of the page.
pub(super) fn svg(report: &Report) -> String {
    let mut body = String::new();
    let mut y = hop(&mut body, report);
    if !report.protocols.is_empty() {
        y = versions(&mut body, report, y);
        y = rows(&mut body, report, y);
    }
    let described = escaped(&format!("{}: {}", report.target, report.reason));
    format!("<svg viewBox=\"0 0 {WIDTH} {y}\" role=\"img\">\n<title>{described}</title>\n{body}</svg>\n")
}

/// From here to there, with the lock of the verdict.
fn hop(body: &mut String, report: &Report) -> i32 {
    let verdict = report.verdict();
    let name = escaped(&cut(&report.target, 44));
    let address = escaped(&cut(report.address.as_deref().unwrap_or_default(), 48));
    let handshake = report.handshake.as_ref();
    let version = handshake.and_then(|it| it.version).map(|it| it.to_string());
    let group = handshake.and_then(|it| it.group).map(|it| it.to_string());
    let above = match (verdict, version) {
        (Verdict::Clear | Verdict::Local, _) => "cleartext".to_owned(),
        (_, version) => version.into_iter().chain(group).collect::<Vec<_>>().join(", "),
    };
    let below = handshake.and_then(|it| it.suite).map(|suite| suite.to_string()).unwrap_or_default();
    let mut lock = Markup::default();
    sign(&mut lock, (285, 50), verdict, "currentColor");
    let _ = write!(
        body,
        "<rect class=\"box\" x=\"1\" y=\"26\" width=\"100\" height=\"48\" rx=\"8\"/><text x=\"51\" y=\"54\" text-anchor=\"middle\">client</text>\n\
         <g class=\"{verdict}\"><path class=\"line\" d=\"M101 50H468\"/><circle class=\"disc\" cx=\"285\" cy=\"50\" r=\"19\"/><g class=\"sign\">{}</g></g>\n\
         <text class=\"small\" x=\"285\" y=\"22\" text-anchor=\"middle\">{}</text>\n\
         <text class=\"small\" x=\"285\" y=\"90\" text-anchor=\"middle\">{}</text>\n\
         <rect class=\"box\" x=\"468\" y=\"20\" width=\"331\" height=\"60\" rx=\"8\"/>\n\
         <text class=\"bold\" x=\"633\" y=\"46\" text-anchor=\"middle\">{name}</text><text class=\"small\" x=\"633\" y=\"66\" text-anchor=\"middle\">{address}</text>\n",
        lock.into_text(),
        escaped(&above),
        escaped(&below),
    );
    110
}

/// A box for each version: full where it is spoken, hollow where it is refused, dashed where nobody can tell.
fn versions(body: &mut String, report: &Report, y: i32) -> i32 {
    let mut x = 1;
    for Protocol { version, support, .. } in &report.protocols {
        let old = *version < ProtocolVersion::TLS1_2;
        let (class, said) = match support.support {
            Answer::Yes if old => ("cell bad", "spoken"),
            Answer::Yes => ("cell good", "spoken"),
            Answer::CouldNotTell => ("hollow unknown", "could not tell"),
            Answer::No | Answer::NotApplicable => ("hollow off", "refused"),
        };
        let _ = writeln!(
            body,
            "<g><title>{version}: {said}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"122\" height=\"8\" rx=\"4\"/>\
             <text x=\"{x}\" y=\"{}\">{version}</text><text class=\"small\" x=\"{x}\" y=\"{}\">{said}</text></g>",
            y + 26,
            y + 42,
        );
        x += 134;
    }
    y + 64
}

fn rows(body: &mut String, report: &Report, mut y: i32) -> i32 {
    for list in &report.suites {
        let cells: Vec<_> =
            list.accepted.iter().map(|suite| (tone_of_suite(*suite), suite.to_string())).collect();
        y = row(body, &format!("{} suites", list.version), &cells, y);
    }
    for list in &report.groups {
        let cells: Vec<_> =
            list.accepted.iter().map(|group| (tone_of_group(*group), group.to_string())).collect();
        y = row(body, &format!("{} groups", list.version), &cells, y);
    }
    legend(body, y)
}

fn row(body: &mut String, label: &str, cells: &[(&str, String)], y: i32) -> i32 {
    let _ = writeln!(body, "<text class=\"small\" x=\"1\" y=\"{}\">{}</text>", y + 13, escaped(label));
    let (mut x, mut y) = (CELLS, y);
    for (place, (tone, name)) in cells.iter().enumerate() {
        if place > 0 && i32::try_from(place).is_ok_and(|place| place % IN_A_ROW == 0) {
            (x, y) = (CELLS, y + STEP);
        }
        let _ = writeln!(
            body,
            "<g class=\"{tone}\"><title>{}</title><rect class=\"cell\" x=\"{x}\" y=\"{y}\" width=\"18\" height=\"18\" rx=\"4\"/></g>",
            escaped(name)
        );
        x += STEP;
    }
    y + STEP + 6
}

fn legend(body: &mut String, y: i32) -> i32 {
    const MEANINGS: [(&str, &str, i32); 4] = [
        ("good", "sound", 66),
        ("pq", "post-quantum", 112),
        ("soft", "it can wait", 94),
        ("bad", "weak", 60),
    ];
    let mut x = CELLS;
    for (tone, meaning, width) in MEANINGS {
        let _ = writeln!(
            body,
            "<g class=\"{tone}\"><rect class=\"cell\" x=\"{x}\" y=\"{}\" width=\"10\" height=\"10\" rx=\"3\"/></g>\
             <text class=\"small\" x=\"{}\" y=\"{}\">{meaning}</text>",
            y + 4,
            x + 16,
            y + 13,
        );
        x += width + 12;
    }
    y + 24
}

fn tone_of_suite(suite: CipherSuite) -> &'static str {
    let broken = |cipher: Cipher| cipher.is_rc4() || cipher.has_small_blocks() || cipher.bits() < 112;
    let anonymous = suite.authentication() == Some(Authentication::Anonymous);
    if anonymous || suite.is_export() || suite.cipher().is_some_and(broken) {
        return "bad";
    }
    match (suite.is_forward_secret(), suite.is_aead()) {
        (Some(true), Some(true)) => "good",
        _ => "soft",
    }
}

fn tone_of_group(group: NamedGroup) -> &'static str {
    match group.security_bits() {
        _ if group.is_post_quantum() => "pq",
        Some(bits) if bits < 112 => "bad",
        Some(bits) if bits < 128 => "soft",
        _ => "good",
    }
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}
