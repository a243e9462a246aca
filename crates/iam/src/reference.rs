//! The page of the book about policies: operators, what is settled of keys, and the rules of the linter; made from
//! the tables.

use std::fmt::Write;

use crate::document::{Comparison, OPERATORS};
use crate::lint::{RULES, Weight};
use crate::services::Service;

const OPENING: &str = "\
<!-- Generated from the tables of crates/iam; don't edit. UPDATE_DOCS=1 cargo test -p hermetic-iam -->

# Policy documents

`hermetic policy` reads every legal policy document of AWS: elements with their `Not` forms, both versions of the language, lists and single values, booleans and numbers with and without quotes. Names of elements, operators and keys are known in any case. What AWS refuses is refused with line and column: unknown elements, an element and its opposite, the same key twice, unknown operators and principals, an `Effect` in other letters.

Two things are read more strictly than JSON has them: a key may stand once, because of two nobody knows which AWS takes; and a document nests 32 levels at most.

## Operators

`ForAllValues:` or `ForAnyValue:` may stand before each but `Null`, and `IfExists` behind.

| operator | compares | where the key is absent | wildcards | variables |
|---|---|---|---|---|
";

const KEYS: &str = "
Where the key is absent: with `IfExists` it holds; with `ForAllValues` it holds; with `ForAnyValue` it does not.

## Keys

A key is whatever the request has; what `prove` knows of some is this:

| key | what is settled |
|---|---|
| `aws:SecureTransport` | present in every request: `false` in cleartext, `true` over TLS |
| `s3:TlsVersion`, `s3express:TlsVersion`, `s3-object-lambda:TlsVersion` | present over TLS, to their own service alone |
| `aws:PrincipalIsAWSService`, `aws:ViaAWSService` | `false`: AWS's own services travel in AWS's network, and the keys of transport are taken from their requests. The first is absent where nobody signed |
| `aws:CalledVia…`, `aws:PrincipalServiceName…`, `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrg…` | absent: only services' requests have them |
| `aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:PrincipalType` | of whoever makes the request; absent where nobody signed, as are all other keys of principals |
| `aws:SourceIp` | present, unless the request comes through a VPC endpoint |
| `aws:SourceVpc`, `aws:SourceVpce`, `aws:VpcSourceIp` | present only through an endpoint |
| `aws:CurrentTime`, `aws:EpochTime` | present: one instant, any |
| `aws:ResourceAccount` | what the ARN or `--account` says; else it is not known, and a proof that depends on it ends as `unknown` |
| `aws:ResourceOrgID`, `aws:ResourceOrgPaths` | not known |
| all others | whoever makes the request chooses, or leaves them away |

## Rules of the linter

A `hole` leaves a way open that seems to be closed, a `trap` does something else than it says, a `risk` may break what should work.

| rule | weight | finds | do |
|---|---|---|---|
";

/// The reference page, in Markdown.
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    let yes = |it: bool| if it { "yes" } else { "" };
    for operator in OPERATORS {
        let absent = match (operator.comparison, operator.negated) {
            (Comparison::Null, _) => "is what it asks",
            (_, true) => "holds",
            (_, false) => "does not hold",
        };
        // A string takes whatever is written to it.
        let _ = writeln!(
            page,
            "| `{}` | {} | {absent} | {} | {} |",
            operator.name,
            compares(operator.comparison),
            yes(operator.has_wildcards()),
            yes(operator.has_variables())
        );
    }
    page.push_str(KEYS);
    for rule in RULES {
        let weight = match rule.weight {
            Weight::Hole => "hole",
            Weight::Trap => "trap",
            Weight::Risk => "risk",
        };
        let _ = writeln!(page, "| `{}` | {weight} | {} | {} |", rule.id, rule.title, rule.remedy);
    }
    page.push_str("\n## Services\n\nWhose actions and resources are known, and so can be proved about: ");
    let names: Vec<String> = Service::all().iter().map(|service| format!("`{}`", service.name)).collect();
    page + &names.join(", ") + ".\n"
}

fn compares(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Text => "texts, to the letter",
        Comparison::TextFolded => "texts, without regard to capitals",
        Comparison::Like => "texts",
        Comparison::Number(_) => "decimal numbers",
        Comparison::Date(_) => "instants: ISO 8601, or seconds since 1970",
        Comparison::Bool => "`true` or `false`, in any case",
        Comparison::Binary => "Base64, to the letter",
        Comparison::Address => "an address with blocks; one of IPv4 is in no block of IPv6",
        Comparison::Arn => "ARNs, part by part: a wildcard does not reach over a colon, but in the last part",
        Comparison::Null => "whether the key is absent: `true`, or present: `false`",
    }
}

#[cfg(test)]
mod tests {
    use super::reference;

    /// `UPDATE_DOCS=1` writes the page anew.
    #[test]
    fn the_page_of_the_book_is_what_the_tables_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/reference/policy-documents.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == reference(), "stale; run: UPDATE_DOCS=1 cargo test -p hermetic-iam");
    }
}
