//! The picture as a page to send to somebody.

use hermetic_hop::{Report, Verdict};

use super::markup::{Markup, escaped};
use super::page::page;
use super::{lock, svg};

/// Colours follow the reader's choice; the picture has its own background.
const STYLE: &str = "\
:root { color-scheme: light dark; }
body { margin: 2rem auto; padding: 0 1rem; max-width: 80rem; font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif; }
main > svg { display: block; width: 100%; height: auto; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1rem; align-items: center; margin: 0; }
dt { display: flex; gap: .5rem; align-items: center; font-weight: 600; }
dt svg { flex: none; }
dd { margin: 0; }
footer { margin-top: 2rem; font-size: .9rem; opacity: .8; }
h3 { font-size: .9rem; margin: .6rem 0 .2rem; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid #94a3b866; overflow-wrap: break-word; }
td:first-child { white-space: nowrap; font-weight: 600; }
.critical td:first-child, .high td:first-child { color: #dc2626; }
.medium td:first-child, .low td:first-child { color: #b45309; }
pre { overflow-x: auto; padding: .6rem; background: #94a3b822; border-radius: .3rem; font-size: .85rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print { body { margin: 0; max-width: none; } }
";

/// What the verdicts mean, the best first.
const VERDICTS: [(Verdict, &str); 5] = [
    (Verdict::Sealed, "encrypted within policy, and verified"),
    (Verdict::Local, "cleartext that can't leave the host: loopback or a unix socket"),
    (Verdict::Unknown, "there is no evidence; it falls short"),
    (Verdict::Weak, "encrypted, but below policy, or the far end is not verified; it falls short"),
    (Verdict::Clear, "cleartext that can leave the host; it falls short"),
];

/// The kinds of evidence, the strongest first.
const EVIDENCE: [(&str, &str); 5] = [
    ("(negotiated)", "this very handshake was ours"),
    ("(probed)", "a probe saw what the far end accepts"),
    ("(logged)", "a log record says so"),
    ("(configured)", "a cloud resource or infrastructure code says so"),
    ("(declared)", "a configuration says so; nobody has looked"),
];

/// A page of its own with the picture, a legend, and the time at which the report was made. It holds no
/// script and loads nothing. `below` is more of it, as HTML, between the picture and the legend.
pub fn html(report: &Report, below: &str) -> String {
    let made = report.at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let body = format!(
        r#"<main>
{picture}{below}<h2>Verdicts</h2>
<dl>
{verdicts}</dl>
<h2>Evidence</h2>
<p>Each verdict names what it rests on.</p>
<dl>
{evidence}</dl>
</main>
<footer>Made by Hermetic on <time datetime="{at}">{made}</time>. A flow is worth what its weakest hop is worth. PQ marks a post-quantum key exchange.</footer>
"#,
        picture = svg::svg(report),
        verdicts = VERDICTS.iter().map(verdict).collect::<String>(),
        evidence = EVIDENCE.iter().map(|(kind, means)| entry(kind, means)).collect::<String>(),
        at = report.at,
    );
    page(&format!("{}: {}", svg::TITLE, escaped(&svg::summary(report))), STYLE, &body)
}

fn verdict((verdict, means): &(Verdict, &str)) -> String {
    let mut sign = Markup::default();
    lock::draw(&mut sign, (12, 12), *verdict, svg::ink(*verdict));
    let sign = format!(
        r##"<svg width="28" height="28" viewBox="-3 -3 30 30" aria-hidden="true"><circle cx="12" cy="12" r="15" fill="#ffffff"/>
{}</svg>"##,
        sign.into_text()
    );
    entry(&format!("{sign} {verdict}"), means)
}

fn entry(term: &str, means: &str) -> String {
    format!("<dt>{term}</dt><dd>{means}</dd>\n")
}
