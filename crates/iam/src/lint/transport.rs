//! Rules about `aws:SecureTransport` and the versions of TLS.

use super::facts::Facts;
use super::{Rule, Weight};
use crate::document::{Effect, Operand, Principal, Principals, ResourcePattern, Statement, Test};
use crate::json::Place;

pub(super) const JOINED: Rule = Rule {
    id: "transport-keys-joined",
    weight: Weight::Hole,
    title: "One Deny asks for aws:SecureTransport and for a version of TLS at once",
    remedy: "write two statements: one denies aws:SecureTransport false, one denies the version",
    check: joined,
};

pub(super) const INVERTED: Rule = Rule {
    id: "transport-inverted",
    weight: Weight::Hole,
    title: "A Deny is about TLS, or an Allow about cleartext",
    remedy: "deny with aws:SecureTransport \"false\"",
    check: inverted,
};

pub(super) const HALF: Rule = Rule {
    id: "half-the-resources",
    weight: Weight::Hole,
    title: "A Deny of cleartext names a bucket without its objects, or the objects without their bucket",
    remedy: "name both: arn:aws:s3:::bucket and arn:aws:s3:::bucket/*",
    check: half,
};

pub(super) const NAMED: Rule = Rule {
    id: "deny-of-some-principals",
    weight: Weight::Hole,
    title: "A Deny of cleartext is not about everybody",
    remedy: "write \"Principal\": \"*\"",
    check: named,
};

pub(super) const ALLOWED: Rule = Rule {
    id: "allow-where-deny-is-meant",
    weight: Weight::Hole,
    title: "An Allow asks for TLS, and nothing denies cleartext",
    remedy: "add a Deny with aws:SecureTransport \"false\"; another policy may allow what this one does not",
    check: allowed,
};

pub(super) const SERVICES_OF_TRANSPORT: Rule = Rule {
    id: "services-lack-transport-keys",
    weight: Weight::Risk,
    title: "A Deny also holds where aws:SecureTransport is absent, as in requests of AWS's own services",
    remedy: "write Bool instead of BoolIfExists, or add BoolIfExists aws:PrincipalIsAWSService \"false\"",
    check: services,
};

type Found = Vec<(Place, String)>;

/// The test of `aws:SecureTransport`, with the value it asks for.
fn transport(statement: &Statement) -> Option<(&Test, bool)> {
    statement.tests.iter().filter(|test| test.key.as_str() == "aws:securetransport").find_map(|test| {
        let [operand] = test.operands.as_slice() else { return None };
        let value = match operand {
            Operand::Bool(value) => *value,
            Operand::Text(pattern) => pattern.literal().and_then(|text| crate::document::boolean(&text)),
            _ => None,
        };
        Some((test, value? != test.operator.negated))
    })
}

fn version(statement: &Statement) -> Option<&Test> {
    statement.tests.iter().find(|test| test.key.as_str().ends_with(":tlsversion"))
}

pub(super) fn denies_cleartext(statement: &Statement) -> bool {
    statement.effect == Effect::Deny && transport(statement).is_some_and(|(_, asked)| !asked)
}

fn joined(_: &Facts<'_>, statement: &Statement) -> Found {
    let (Some((test, _)), Some(version)) = (transport(statement), version(statement)) else {
        return Vec::new();
    };
    if statement.effect == Effect::Allow || version.if_exists {
        return Vec::new();
    }
    let message = format!(
        "it denies only what meets both {} and {}; a request in cleartext has no {}, and gets through",
        test.key, version.key, version.key
    );
    vec![(test.place, message)]
}

fn inverted(_: &Facts<'_>, statement: &Statement) -> Found {
    match (statement.effect, transport(statement)) {
        (Effect::Deny, Some((test, true))) if version(statement).is_none() => {
            vec![(test.place, "it denies requests over TLS, and leaves those in cleartext".to_owned())]
        }
        (Effect::Allow, Some((test, false))) => {
            vec![(test.place, "it allows requests in cleartext".to_owned())]
        }
        _ => Vec::new(),
    }
}

fn half(facts: &Facts<'_>, statement: &Statement) -> Found {
    if !denies_cleartext(statement) {
        return Vec::new();
    }
    let Some(own) = &statement.resources else { return Vec::new() };
    let half_of = |pattern: &ResourcePattern| {
        let ResourcePattern::Arn(arn) = pattern else { return None };
        let [_, partition, service, _, _, rest] = &arn.0;
        if service.literal().as_deref() != Some("s3") {
            return None;
        }
        let partition = partition.literal().unwrap_or_else(|| "aws".to_owned());
        let (bucket, objects) = match rest.literal() {
            Some(bucket) if !bucket.contains('/') => (bucket, false),
            Some(_) => return None,
            None => (rest.literal_before_any()?.strip_suffix('/')?.to_owned(), true),
        };
        let whole = format!("arn:{partition}:s3:::{bucket}");
        match objects {
            true if !facts.denies_cleartext_to(&whole) => {
                Some(format!("the bucket {bucket} itself is not named: listing it gets through"))
            }
            false if !facts.denies_cleartext_to(&format!("{whole}/x")) => {
                Some(format!("the objects of {bucket} are not named: reading and writing them gets through"))
            }
            _ => None,
        }
    };
    if own.all_but {
        return Vec::new();
    }
    own.patterns.iter().filter_map(half_of).map(|message| (statement.place, message)).collect()
}

fn named(_: &Facts<'_>, statement: &Statement) -> Found {
    let is_everybody = |it: &Principals| !it.all_but && it.named.contains(&Principal::Everyone);
    match &statement.principals {
        Some(principals) if denies_cleartext(statement) && !is_everybody(principals) => {
            vec![(statement.place, "who is not named, or has no name, gets through in cleartext".to_owned())]
        }
        _ => Vec::new(),
    }
}

fn allowed(facts: &Facts<'_>, statement: &Statement) -> Found {
    match (statement.effect, transport(statement)) {
        (Effect::Allow, Some((test, true))) if !facts.denies_cleartext => {
            vec![(
                test.place,
                "an Allow with a condition denies nothing; what another policy allows gets through"
                    .to_owned(),
            )]
        }
        _ => Vec::new(),
    }
}

fn services(_: &Facts<'_>, statement: &Statement) -> Found {
    let Some((test, false)) = transport(statement) else { return Vec::new() };
    let holds_for_none = test.if_exists || test.operator.negated;
    let is_exempt = statement.tests.iter().any(|test| test.key.as_str() == "aws:principalisawsservice");
    match statement.effect == Effect::Deny && holds_for_none && !is_exempt {
        true => vec![(
            test.place,
            "AWS takes the key from requests of its own services, and they are denied".to_owned(),
        )],
        false => Vec::new(),
    }
}
