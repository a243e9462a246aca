//! The picture of whole reports.

use std::io::Write as _;
use std::process::{Command, Stdio};

use hermetic_hop::Report;

use super::{dot, html, samples, svg};

/// What a program says of the text on its standard input.
fn told(text: &str, program: &str, arguments: &[&str]) -> Result<String, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test` installs it"));
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && said.is_empty() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(said)
    }
}

/// All text of an XML document, by a real parser.
fn text_of(xml: &str) -> String {
    let script = "import sys, xml.etree.ElementTree as t; \
                  r = t.fromstring(sys.stdin.buffer.read()); sys.stdout.buffer.write('|'.join(r.itertext()).encode())";
    told(xml, "python3", &["-c", script]).unwrap()
}

fn all() -> Vec<Report> {
    let mut all = vec![samples::empty(), samples::shop(), samples::estate()];
    all.extend((1..=9).map(samples::long));
    all
}

#[test]
fn the_picture_in_the_documentation_is_drawn_by_this_very_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/how-to/flows.svg");
    let drawn = svg(&samples::shop());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(path, &drawn).unwrap();
    }
    let shown = std::fs::read_to_string(path).unwrap();
    assert!(shown == drawn, "draw it anew with INSTA_UPDATE=always");
}

#[test]
fn a_picture_of_all_verdicts_and_a_flow_in_two_rows() {
    insta::assert_snapshot!(svg(&samples::estate()));
}

#[test]
fn a_page_with_the_picture_and_its_legend() {
    insta::assert_snapshot!(html(&samples::empty(), ""));
}

#[test]
fn a_graph_tells_the_same() {
    insta::assert_snapshot!(dot(&samples::estate()));
}

#[test]
fn graphviz_takes_every_graph() {
    for report in all() {
        let drawn = told(&dot(&report), "dot", &["-Tplain"]).unwrap();
        let edges = drawn.lines().filter(|line| line.starts_with("edge ")).count();
        let in_flows: usize = report.flows.iter().map(|flow| flow.hops().count()).sum();
        assert!(edges >= in_flows, "{drawn}");
    }
}

#[test]
fn every_picture_is_xml_and_names_every_hop_and_verdict() {
    for report in all() {
        let text = text_of(&svg(&report));
        for hop in &report.hops {
            assert!(text.contains(&format!("{}: {}", hop.name(), hop.verdict)), "{}: {text}", hop.name());
        }
    }
}

#[test]
fn text_from_strangers_is_shown_and_never_obeyed() {
    let picture = svg(&samples::estate());
    assert!(!picture.contains("<script") && !picture.contains('\u{1b}'));
    assert!(text_of(&picture).contains("</text><script>alert('&\"')</script> \u{fffd}[2J"));
}

#[test]
fn the_weakest_hop_is_red_only_where_its_flow_falls_short() {
    let marks = |report: &Report| svg(report).matches("#fef2f2").count();
    assert_eq!(marks(&samples::long(3)), 0);
    assert!(svg(&samples::long(3)).contains("weakest hop</text>"));
    assert_eq!(marks(&samples::estate()), 2, "checkout and export; session stays on its host");
}

#[test]
fn a_page_has_no_script_and_loads_nothing() {
    for report in all() {
        let page = html(&report, "");
        assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("href="), "{page}");
    }
}
