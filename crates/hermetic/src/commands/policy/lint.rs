//! `hermetic policy lint`.

use anstyle::{AnsiColor, Style};
use hermetic_iam::lint::{self, Lint as Found, RULES, Weight};
use serde::Serialize;

use crate::arguments::{Format, Lint};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// `hermetic.policy-lint/1`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    file: String,
    #[serde(flatten)]
    found: Found,
}

/// `hermetic.policy-rules/1`.
#[derive(Serialize)]
struct Rules {
    schema: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    id: &'static str,
    weight: Weight,
    title: &'static str,
    remedy: &'static str,
}

pub fn run(arguments: &Lint) -> Result<Exit, Failure> {
    if arguments.rules {
        rules(arguments.format)?;
        return Ok(Exit::Fine);
    }
    let mut findings = Vec::new();
    for file in &arguments.files {
        let found = lint::lint(&super::document(file)?);
        findings.extend(found.into_iter().map(|found| Finding { file: super::name(file), found }));
    }
    let exit = Exit::of(!findings.is_empty());
    match arguments.format {
        Format::Json => output::print_json(&Report { schema: "hermetic.policy-lint/1", findings })?,
        Format::Table => output::print(&findings.iter().map(line).collect::<String>())?,
    }
    Ok(exit)
}

/// As compilers write it, so that editors find the place.
fn line(finding: &Finding) -> String {
    let Finding { file, found } = finding;
    let (tone, dimmed) = (tone(found.weight), Style::new().dimmed());
    let weight = word(found.weight);
    format!(
        "{}:{}:{}: {tone}{weight}{tone:#}: {} {dimmed}[{}]{dimmed:#}\n  {dimmed}do:{dimmed:#} {}\n",
        output::plain(file),
        found.place.line,
        found.place.column,
        output::plain(&found.message),
        found.rule,
        found.remedy
    )
}

fn rules(format: Format) -> Result<(), Failure> {
    let rule =
        |rule: &lint::Rule| Rule { id: rule.id, weight: rule.weight, title: rule.title, remedy: rule.remedy };
    match format {
        Format::Json => output::print_json(&Rules {
            schema: "hermetic.policy-rules/1",
            rules: RULES.iter().map(rule).collect(),
        }),
        Format::Table => {
            let mut table = Table::new([Column::keep("RULE"), Column::keep("WEIGHT"), Column::cut("FINDS")]);
            for rule in RULES {
                let weight = Cell::styled(word(rule.weight).to_owned(), tone(rule.weight));
                table.row([Cell::from(rule.id), weight, Cell::from(rule.title)]);
            }
            output::print(&table.render(output::width()))
        }
    }
}

fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Hole => "hole",
        Weight::Trap => "trap",
        Weight::Risk => "risk",
    }
}

fn tone(weight: Weight) -> Style {
    match weight {
        Weight::Hole => AnsiColor::Red.on_default().bold(),
        Weight::Trap => AnsiColor::Yellow.on_default(),
        Weight::Risk => AnsiColor::Cyan.on_default(),
    }
}
