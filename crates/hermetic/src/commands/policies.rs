//! `hermetic tls policies`: the security policies, and how far the gateway can serve each.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use hermetic_tls::SecurityPolicy;
use hermetic_tls::policy::Fidelity;
use serde::Serialize;

use crate::arguments::Format;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Cell, Column, Table};

/// What `--format json` prints.
#[derive(Serialize)]
struct Policies {
    schema: &'static str,
    default: String,
    policies: Vec<Policy>,
}

#[derive(Serialize)]
struct Policy {
    name: String,
    versions: Vec<String>,
    /// `null` where the source does not tell.
    suites: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    group_source: String,
    post_quantum: bool,
    fips: bool,
    status: String,
    gateway: Gateway,
}

/// How far the gateway serves it.
#[derive(Serialize)]
struct Gateway {
    servable: bool,
    suites: Served,
    groups: Served,
}

#[derive(Serialize)]
struct Served {
    fidelity: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Prints all of them, or one in full.
pub fn run(name: Option<&str>, format: Format) -> Result<Exit, Failure> {
    let policies: Vec<&SecurityPolicy> = match name {
        Some(name) => vec![SecurityPolicy::named(name)?],
        None => SecurityPolicy::all().iter().collect(),
    };
    match (format, name, policies.as_slice()) {
        (Format::Json, ..) => output::print_json(&Policies {
            schema: "hermetic.policies/1",
            default: SecurityPolicy::default_policy().full_name(),
            policies: policies.iter().map(|policy| Policy::from(*policy)).collect(),
        })?,
        (Format::Table, Some(_), [policy]) => output::print(&in_full(policy))?,
        (Format::Table, ..) => output::print(&table(&policies).render(output::width()))?,
    }
    Ok(Exit::Fine)
}

fn table(policies: &[&SecurityPolicy]) -> Table {
    let columns = [
        Column::keep("POLICY"),
        Column::keep("VERSIONS"),
        Column::cut("SUITES"),
        Column::cut("GROUPS"),
        Column::drop("PQ", 1),
    ];
    let mut table = Table::new(columns);
    for policy in policies {
        table.row([
            Cell::from(policy.full_name()),
            Cell::from(versions(policy)),
            fidelity(&policy.suite_fidelity()),
            fidelity(&policy.group_fidelity()),
            Cell::from(if policy.post_quantum { "yes" } else { "no" }),
        ]);
    }
    table
}

/// `1.2–1.3`, or one alone.
fn versions(policy: &SecurityPolicy) -> String {
    let bare = |version: &hermetic_tls::ProtocolVersion| version.to_string().replace("TLSv", "");
    match (policy.versions.iter().min(), policy.versions.iter().max()) {
        (Some(lowest), Some(highest)) if lowest != highest => format!("{}–{}", bare(lowest), bare(highest)),
        (Some(only), _) => bare(only),
        _ => "–".to_owned(),
    }
}

/// A long list of what is missing is only counted here; `hermetic tls policies NAME` tells all of it.
fn fidelity<T: Display>(fidelity: &Fidelity<T>) -> Cell {
    let style = match fidelity {
        Fidelity::Exact => AnsiColor::Green.on_default(),
        Fidelity::Unsupported { .. } => AnsiColor::Red.on_default(),
        _ => Style::new(),
    };
    let text = match fidelity {
        Fidelity::Subset { missing } => match missing.as_slice() {
            [first, rest @ ..] if rest.len() > 1 => {
                format!("subset (missing {first} and {} more)", rest.len())
            }
            _ => fidelity.to_string(),
        },
        _ => fidelity.to_string(),
    };
    Cell::styled(text, style)
}

fn in_full(policy: &SecurityPolicy) -> String {
    let servable = match policy.is_servable() {
        Ok(()) => "yes".to_owned(),
        Err(reason) => format!("no: {reason}; the nearest is {}", policy.nearest_servable().full_name()),
    };
    let fields = [
        ("policy", policy.full_name()),
        ("versions", listed(policy.versions, ", ")),
        (
            "suites",
            policy.suites.map_or("its source does not tell".to_owned(), |suites| listed(suites, NEXT)),
        ),
        (
            "groups",
            policy.groups.map_or("its source does not tell".to_owned(), |groups| listed(groups, NEXT)),
        ),
        ("post-quantum", if policy.post_quantum { "can be negotiated" } else { "no" }.to_owned()),
        ("status", format!("{}, groups {}", policy.status, policy.group_source)),
        ("servable", servable),
        ("  suites", policy.suite_fidelity().to_string().replace(", ", &format!(",{NEXT}  "))),
        ("  groups", policy.group_fidelity().to_string().replace(", ", &format!(",{NEXT}  "))),
    ];
    fields.map(|(label, value)| format!("{label:<13} {value}\n")).concat()
}

/// A new line, where the values stand.
const NEXT: &str = "\n              ";

fn listed<T: Display>(items: &[T], between: &str) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(between)
}

impl From<&SecurityPolicy> for Policy {
    fn from(policy: &SecurityPolicy) -> Self {
        Self {
            name: policy.full_name(),
            versions: texts(policy.versions),
            suites: policy.suites.map(texts),
            groups: policy.groups.map(texts),
            group_source: policy.group_source.to_string(),
            post_quantum: policy.post_quantum,
            fips: policy.fips,
            status: policy.status.to_string(),
            gateway: Gateway {
                servable: policy.is_servable().is_ok(),
                suites: Served::from(policy.suite_fidelity()),
                groups: Served::from(policy.group_fidelity()),
            },
        }
    }
}

impl<T: Display> From<Fidelity<T>> for Served {
    fn from(fidelity: Fidelity<T>) -> Self {
        let plain = |fidelity| Self { fidelity, missing: Vec::new(), reason: None };
        match fidelity {
            Fidelity::Exact => plain("exact"),
            Fidelity::Undocumented => plain("undocumented"),
            Fidelity::Subset { missing } => Self { missing: texts(&missing), ..plain("subset") },
            Fidelity::Unsupported { reason } => Self { reason: Some(reason), ..plain("unsupported") },
        }
    }
}

fn texts<T: Display>(items: &[T]) -> Vec<String> {
    items.iter().map(T::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<&'static SecurityPolicy> {
        let names = [
            "mozilla/intermediate",
            "mozilla/modern",
            "mozilla-5.8/old",
            "cloudfront/TLSv1.2_2021",
            "elb/ELBSecurityPolicy-TLS13-1-2-2021-06",
        ];
        names.map(|name| SecurityPolicy::named(name).unwrap()).to_vec()
    }

    #[test]
    fn the_table_tells_suites_and_groups_apart() {
        let table = table(&some());
        let shown = |width| anstream::adapter::strip_str(&table.render(width)).to_string();
        insta::assert_snapshot!(format!("{}\n{}", shown(None), shown(Some(100))));
    }

    #[test]
    fn one_policy_is_shown_in_full() {
        let subset = SecurityPolicy::named("elb/ELBSecurityPolicy-TLS13-1-2-2021-06").unwrap();
        insta::assert_snapshot!(format!(
            "{}\n{}",
            in_full(SecurityPolicy::default_policy()),
            in_full(subset)
        ));
    }

    #[test]
    fn the_json_says_what_the_gateway_leaves_out() {
        let policy = Policy::from(SecurityPolicy::named("cloudfront/TLSv1.2_2021").unwrap());
        insta::assert_snapshot!(serde_json::to_string_pretty(&policy).unwrap());
    }
}
