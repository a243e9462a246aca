//! The page of the book, its pictures, and the broken templates.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::form::{self, Form};
use super::variants::{VARIANTS, Variant};
use super::{audited, hops};

const HEAD: &str = "\
<!-- Written by `cargo xtask docs`; don't edit. -->

# One architecture, broken twelve ways

A shop: its viewers reach it through CloudFront and a load balancer; tasks of ECS keep its data in Aurora PostgreSQL and \
send orders to a queue; a Lambda function takes them and puts labels into a bucket. `examples/architecture` has it as a \
CloudFormation template (`sound.yaml`), as the CDK writes it (`cdk/app.js`, `cdk/cdk.out`) and for Terraform \
(`terraform/main.tf`, with `plan.json`, before it is deployed, and `state.json`, after). All three are judged alike, but that \
a plan can't know what AWS gives when something is made: the endpoint of a database that is not there yet is `unknown`, and so \
is the text that it is in.

In `broken` it is broken in twelve ways, each of them one line that somebody writes on some day. This is what \
`hermetic audit --flows` says of each. A test holds all of it.
";

/// Each file that is written, with its text.
pub fn all() -> Vec<(PathBuf, String)> {
    let book = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/explanation");
    let picture = |name: &str| book.join(format!("one-architecture/{name}.svg"));
    let (sound, drawn) = audited(&Form::CloudFormation.code(), "sound.yaml");
    let mut files = vec![(picture("sound"), timeless(&drawn))];
    let mut page = HEAD.to_owned();
    table(&mut page, &sound);
    let mut sections = format!("\n## Sound\n\n{}", hop_table(&sound, &sound));
    let _ = write!(sections, "\n![The path of the data](one-architecture/sound.svg)\n");
    for variant in &VARIANTS {
        let template = variant.template();
        let (report, drawn) = audited(&template, &format!("{}.yaml", variant.name));
        row(&mut page, variant, &report);
        section(&mut sections, variant, &report, &sound);
        files.push((picture(variant.name), timeless(&drawn)));
        files.push((form::folder().join(format!("broken/{}.yaml", variant.name)), template));
    }
    files.push((book.join("one-architecture.md"), page + &sections));
    files
}

/// Whether a file has this text. It is written first, where that is asked for.
pub fn is_kept(path: &Path, text: &str) -> bool {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::read_to_string(path).is_ok_and(|kept| kept == text)
}

fn table(page: &mut String, sound: &Value) {
    page.push_str("\n| | what is broken | its hop | worst hop of all | fails |\n|---|---|---|---|---|\n");
    let _ = writeln!(page, "| [sound](#sound) | | | {} | |", worst(sound));
}

fn row(page: &mut String, variant: &Variant, report: &Value) {
    let fails: Vec<String> = controls(report).into_iter().map(|control| format!("`{control}`")).collect();
    let (name, title, (from, to, verdict)) = (variant.name, variant.title, variant.hop);
    let anchor = name.replace('.', "");
    let _ = writeln!(
        page,
        "| [{name}](#{anchor}) | {title} | {from} → {to}: **{verdict}** | {} | {} |",
        worst(report),
        fails.join(", "),
    );
}

/// The worst hop of all flows: of those as bad the one that the first flow names.
fn worst(report: &Value) -> String {
    let flow = &report["flows"][0];
    format!("{}: **{}**", flow["worst"].as_str().unwrap(), flow["verdict"].as_str().unwrap())
}

fn controls(report: &Value) -> BTreeSet<&str> {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["control"].as_str().unwrap())
        .collect()
}

fn section(page: &mut String, variant: &Variant, report: &Value, sound: &Value) {
    let _ = write!(
        page,
        "\n## {}\n\n`examples/architecture/broken/{}.yaml`: {}.\n\n",
        variant.name, variant.name, variant.title
    );
    let (before, after) = variant.lines();
    let lines = |sign: char, lines: &[String]| {
        lines.iter().map(|line| format!("{sign} {}\n", line.trim())).collect::<String>()
    };
    let _ = write!(page, "```diff\n{}{}```\n\n", lines('-', &before), lines('+', &after));
    page.push_str(&hop_table(report, sound));
    for finding in report["findings"].as_array().unwrap() {
        let text = |name: &str| plain(finding[name].as_str().unwrap());
        let _ = write!(
            page,
            "\n- `{}`, {}, {} at line {}: {}. Do: {}\n",
            text("control"),
            text("severity"),
            text("resource"),
            finding["line"],
            text("message"),
            text("remedy"),
        );
    }
    let _ = write!(page, "\n![The path of the data](one-architecture/{}.svg)\n", variant.name);
}

/// The hops whose judgement is not that of the sound architecture; all of the sound one.
fn hop_table(report: &Value, sound: &Value) -> String {
    let is_sound = std::ptr::eq(report, sound);
    let rows = |report: &Value| hops(report).map(hop_row).collect::<Vec<String>>();
    let known: BTreeSet<String> = rows(sound).into_iter().collect();
    let mut seen = BTreeSet::new();
    let mut table = String::new();
    for row in rows(report).into_iter().filter(|row| is_sound || !known.contains(row)) {
        if seen.insert(row.clone()) {
            table += &row;
        }
    }
    if table.is_empty() {
        return "No hop is judged otherwise than in the sound one: what is broken is not on the data's path.\n".to_owned();
    }
    format!("| hop | verdict | why |\n|---|---|---|\n{table}")
}

fn hop_row(hop: &Value) -> String {
    let text = |name: &str| plain(hop[name].as_str().unwrap());
    format!("| {} → {} | **{}** | {} |\n", text("from"), text("to"), text("verdict"), text("reason"))
}

/// What Markdown would take for markup stays text.
fn plain(text: &str) -> String {
    text.replace('<', "&lt;").replace('*', "\\*").replace('|', "\\|").replace('\n', " ")
}

/// The picture without the time at which it was drawn: in its description, and below its title.
fn timeless(svg: &str) -> String {
    let without = |svg: &str, before: &str, after: &str| {
        let (start, rest) = svg.split_once(before).unwrap_or_else(|| panic!("no `{before}`: {svg}"));
        let (_, end) = rest.split_once(after).unwrap_or_else(|| panic!("no `{after}`: {rest}"));
        start.to_owned() + end
    };
    without(&without(svg, " on 20", "Z"), ", 20", " UTC")
}
