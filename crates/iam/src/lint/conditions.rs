//! Rules about operators and their values.

use super::facts::{Facts, is_null};
use super::{Rule, Weight};
use crate::document::{Comparison, Effect, Operand, Quantifier, ResourcePattern, Statement, Test, Version};
use crate::json::Place;
use crate::pattern::{Pattern, Piece};

pub(super) const ANY_VALUE: Rule = Rule {
    id: "any-value-of-none",
    weight: Weight::Hole,
    title: "A Deny with ForAnyValue does not hold where the key is absent",
    remedy: "add a second Deny with Null \"true\" for the key",
    check: any_value,
};

pub(super) const ALL_VALUES: Rule = Rule {
    id: "all-values-of-none",
    weight: Weight::Hole,
    title: "An Allow with ForAllValues holds where the key is absent",
    remedy: "add Null \"false\" for the key to the condition",
    check: all_values,
};

pub(super) const SINGLE: Rule = Rule {
    id: "set-operator-on-one-value",
    weight: Weight::Trap,
    title: "ForAllValues or ForAnyValue with a key that has one value",
    remedy: "write the operator without ForAllValues or ForAnyValue",
    check: single,
};

pub(super) const OLD_VERSION: Rule = Rule {
    id: "variable-in-an-old-version",
    weight: Weight::Trap,
    title: "A policy variable in a document that is not of version 2012-10-17",
    remedy: "write \"Version\": \"2012-10-17\"",
    check: old_version,
};

pub(super) const WILDCARD: Rule = Rule {
    id: "wildcard-taken-literally",
    weight: Weight::Trap,
    title: "`*` or `?` in a value that is compared to the letter",
    remedy: "write StringLike or StringNotLike",
    check: wildcard,
};

pub(super) const NO_NUMBER: Rule = Rule {
    id: "version-is-no-number",
    weight: Weight::Hole,
    title: "A number is compared with a text that is none",
    remedy: "write a number, such as \"1.2\" for TLS 1.2",
    check: no_number,
};

pub(super) const NO_VALUE: Rule = Rule {
    id: "value-never-matches",
    weight: Weight::Trap,
    title: "A value that its operator can do nothing with",
    remedy: "write true or false, a date as 2026-11-30T00:00:00Z, an address block as 203.0.113.0/24, a whole ARN",
    check: no_value,
};

pub(super) const SERVICES_OF_NETWORK: Rule = Rule {
    id: "services-not-exempt",
    weight: Weight::Risk,
    title: "A Deny by network also denies AWS's own services",
    remedy: "add BoolIfExists aws:PrincipalIsAWSService \"false\" and aws:ViaAWSService \"false\"",
    check: services,
};

type Found = Vec<(Place, String)>;

fn tests(statement: &Statement, mut meant: impl FnMut(&Test) -> Option<String>) -> Found {
    statement.tests.iter().filter_map(|test| meant(test).map(|message| (test.place, message))).collect()
}

fn any_value(facts: &Facts<'_>, statement: &Statement) -> Found {
    tests(statement, |test| {
        let is_meant = statement.effect == Effect::Deny
            && test.quantifier == Some(Quantifier::Any)
            && !facts.denied_where_absent.contains(&test.key);
        is_meant.then(|| format!("where a request has no {}, nothing is denied", test.key))
    })
}

fn all_values(_: &Facts<'_>, statement: &Statement) -> Found {
    let is_present = |test: &Test| {
        statement.tests.iter().any(|other| {
            other.key == test.key && is_null(other) && other.operands == [Operand::Bool(Some(false))]
        })
    };
    tests(statement, |test| {
        let is_meant = statement.effect == Effect::Allow
            && test.quantifier == Some(Quantifier::All)
            && !is_present(test);
        is_meant.then(|| format!("where a request has no {}, it is allowed", test.key))
    })
}

fn single(_: &Facts<'_>, statement: &Statement) -> Found {
    tests(statement, |test| {
        let is_meant = test.quantifier.is_some() && has_one_value(test.key.as_str());
        is_meant.then(|| format!("{} has one value", test.key))
    })
}

/// Keys of AWS's own that have one value.
fn has_one_value(key: &str) -> bool {
    const SEVERAL: [&str; 8] = [
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
        "aws:requesttagkeys",
    ];
    (key.starts_with("aws:") && !SEVERAL.contains(&key)) || key.ends_with(":tlsversion")
}

fn old_version(facts: &Facts<'_>, statement: &Statement) -> Found {
    if facts.version == Version::V2012 {
        return Vec::new();
    }
    let has =
        |pattern: &Pattern| pattern.0.windows(2).any(|pair| pair == [Piece::Char('$'), Piece::Char('{')]);
    let message = || "`${…}` is plain text here, and no variable".to_owned();
    let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
    let in_resources = resources
        .filter(|pattern| matches!(pattern, ResourcePattern::Arn(arn) if arn.0.iter().any(has)))
        .map(|_| (statement.place, message()));
    let in_tests = tests(statement, |test| {
        let in_operand = |operand: &Operand| match operand {
            Operand::Text(pattern) => has(pattern),
            Operand::Arn(Some(arn)) => arn.0.iter().any(has),
            _ => false,
        };
        test.operands.iter().any(in_operand).then(message)
    });
    in_resources.chain(in_tests).collect()
}

fn wildcard(_: &Facts<'_>, statement: &Statement) -> Found {
    tests(statement, |test| {
        if !matches!(test.operator.comparison, Comparison::Text | Comparison::TextFolded) {
            return None;
        }
        let literal = |operand: &Operand| match operand {
            Operand::Text(pattern) => pattern.literal().filter(|text| text.contains(['*', '?'])),
            _ => None,
        };
        let text = test.operands.iter().find_map(literal)?;
        Some(format!("{} compares to the letter, and `{text}` stands for itself", test.operator.name))
    })
}

fn no_number(_: &Facts<'_>, statement: &Statement) -> Found {
    tests(statement, |test| {
        let is_meant = test.operands.contains(&Operand::Number(None));
        is_meant.then(|| format!("{} is held against a text that is no number, and never matches", test.key))
    })
}

fn no_value(_: &Facts<'_>, statement: &Statement) -> Found {
    tests(statement, |test| {
        let is_lost = |operand: &Operand| {
            matches!(
                operand,
                Operand::Bool(None) | Operand::Date(None) | Operand::Block(None) | Operand::Arn(None)
            )
        };
        let is_meant = test.operands.iter().any(is_lost);
        is_meant.then(|| format!("a value of {} never matches by {}", test.key, test.operator.name))
    })
}

fn services(_: &Facts<'_>, statement: &Statement) -> Found {
    let is_exempt = |key: &str| statement.tests.iter().any(|test| test.key.as_str() == key);
    if statement.effect == Effect::Allow
        || is_exempt("aws:principalisawsservice")
        || is_exempt("aws:viaawsservice")
    {
        return Vec::new();
    }
    tests(statement, |test| {
        let key = test.key.as_str();
        let is_of_network = key == "aws:sourceip" || key.starts_with("aws:sourcevpc");
        let is_meant = is_of_network && test.operator.negated;
        is_meant
            .then(|| format!("a request by a service of AWS's comes from elsewhere than {} says", test.key))
    })
}
