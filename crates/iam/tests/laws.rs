//! Laws of the prover, over documents and requests made by chance.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use hermetic_iam::document::{Document, Key};
use hermetic_iam::request::{Caller, Context, Request};
use hermetic_iam::{Attached, Decided, Kind, Proof, Question, decide, prove};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const BUCKET: &str = "arn:aws:s3:::b";

fn principal() -> impl Strategy<Value = String> {
    select(vec![
        r#""Principal": "*""#,
        r#""Principal": "*""#,
        r#""Principal": {"AWS": "*"}"#,
        r#""Principal": {"AWS": "111122223333"}"#,
        r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/ana"}"#,
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}"#,
    ])
    .prop_map(str::to_owned)
}

fn action() -> impl Strategy<Value = String> {
    let actions = vec!["s3:*", "s3:Get*", "s3:*Object*", "s3:ListBucket", "s3:?et*", "*", "iam:*", "S3:PUT*"];
    (any::<bool>(), subsequence(actions, 1..3))
        .prop_map(|(not, actions)| format!("\"{}Action\": {actions:?}", if not { "Not" } else { "" }))
}

fn resource() -> impl Strategy<Value = String> {
    let resources = vec![
        "*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b*",
        "arn:aws:s3:::b/a*",
        "arn:aws:s3:::*/?",
        "arn:*:s3:::b/*a",
        "arn:aws:s3:::other/*",
    ];
    (any::<bool>(), subsequence(resources, 1..4))
        .prop_map(|(not, resources)| format!("\"{}Resource\": {resources:?}", if not { "Not" } else { "" }))
}

fn condition() -> impl Strategy<Value = String> {
    let tests = vec![
        r#""Bool": {"aws:SecureTransport": "false"}"#,
        r#""BoolIfExists": {"aws:PrincipalIsAWSService": "false"}"#,
        r#""NumericLessThan": {"s3:TlsVersion": "1.2"}"#,
        r#""StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}"#,
        r#""StringNotEquals": {"aws:PrincipalOrgID": "o-1"}"#,
        r#""StringLike": {"aws:UserAgent": ["a*", "*b"]}"#,
        r#""StringNotLike": {"aws:UserAgent": ["a*", "?"]}"#,
        r#""StringNotEqualsIgnoreCase": {"aws:Referer": "A"}"#,
        r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#,
        r#""NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.7"]}"#,
        r#""Null": {"aws:SourceVpce": "true"}"#,
        r#""StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}"#,
        r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}"#,
        r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ana"}"#,
        r#""ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}"#,
        r#""ForAllValues:StringNotEquals": {"aws:TagKeys": "a"}"#,
    ];
    // Two of an operator would be one key twice.
    subsequence(tests, 0..4).prop_filter_map("an operator stands twice", |tests| {
        let mut operators: Vec<&str> = tests.iter().filter_map(|test| test.split(':').next()).collect();
        operators.sort_unstable();
        let count = operators.len();
        operators.dedup();
        (operators.len() == count).then(|| format!("\"Condition\": {{{}}}", tests.join(", ")))
    })
}

fn statement() -> impl Strategy<Value = String> {
    (principal(), action(), resource(), condition()).prop_map(|(principal, action, resource, condition)| {
        format!("{{\"Effect\": \"Deny\", {principal}, {action}, {resource}, {condition}}}")
    })
}

fn document() -> impl Strategy<Value = (String, Document)> {
    proptest::collection::vec(statement(), 0..5).prop_map(|statements| {
        let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{}]}}", statements.join(",\n"));
        let document = Document::read(&text).unwrap();
        (text, document)
    })
}

/// A request in cleartext, as AWS makes its context.
fn request() -> impl Strategy<Value = Request> {
    let callers = vec![
        None,
        Some("arn:aws:iam::111122223333:user/ana"),
        Some("arn:aws:iam::111122223333:user/ben"),
        Some("arn:aws:iam::444455556666:user/ana"),
        Some("arn:aws:sts::111122223333:assumed-role/app/s"),
    ];
    let actions =
        vec!["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:RestoreObject", "s3:DeleteBucket"];
    let keys = vec!["a", "aa", "ba", "z", "/", "o"];
    let texts = vec![None, Some("a"), Some("b"), Some("ab"), Some("z")];
    let ways = vec![
        ("aws:SourceIp", "10.1.2.3"),
        ("aws:SourceIp", "192.0.2.7"),
        ("aws:SourceIp", "8.8.8.8"),
        ("aws:SourceVpce", "vpce-1"),
        ("aws:SourceVpce", "vpce-2"),
    ];
    let tags = vec![None, Some(vec!["a"]), Some(vec!["c"]), Some(vec!["a", "c"])];
    let organisations = vec![None, Some("o-1"), Some("o-3")];
    (
        select(callers),
        select(actions),
        select(keys),
        select(texts.clone()),
        select(texts),
        select(ways),
        select(tags),
        select(organisations),
    )
        .prop_map(|(caller, action, key, agent, referer, way, tags, organisation)| {
            let is_of_bucket = action.ends_with("Bucket");
            let resource = if is_of_bucket { BUCKET.to_owned() } else { format!("{BUCKET}/{key}") };
            let mut context = Context::default();
            let mut add = |name: &str, values: Vec<&str>| {
                let values = values.into_iter().map(str::to_owned).collect();
                context = std::mem::take(&mut context).with(Key::read(name).unwrap(), values);
            };
            add("aws:SecureTransport", vec!["false"]);
            add("aws:CurrentTime", vec!["2026-11-30T12:00:00Z"]);
            add(way.0, vec![way.1]);
            agent.into_iter().for_each(|agent| add("aws:UserAgent", vec![agent]));
            referer.into_iter().for_each(|referer| add("aws:Referer", vec![referer]));
            tags.into_iter().for_each(|tags| add("aws:TagKeys", tags));
            let principal = caller.map_or(Caller::Anonymous, |arn| Caller::Arn(arn.to_owned()));
            if let Caller::Arn(arn) = &principal {
                add("aws:PrincipalIsAWSService", vec!["false"]);
                add("aws:PrincipalArn", vec![&principal.role().unwrap_or_else(|| arn.clone())]);
                add("aws:PrincipalAccount", vec![principal.account().unwrap().as_str()]);
                organisation
                    .into_iter()
                    .for_each(|organisation| add("aws:PrincipalOrgID", vec![organisation]));
            }
            Request { principal, action: action.to_owned(), resource, context }
        })
}

fn is_denied(document: &Document, request: &Request) -> bool {
    let attached = [Attached { kind: Kind::Resource, name: "it", document }];
    decide(request, &attached, None).effect == Decided::ExplicitDeny
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// What is proved denied is denied for every request that chance finds; what is open is open by the evaluator's
    /// own word; and nothing of this kind is too much.
    #[test]
    fn a_proof_is_what_the_evaluator_says(
        (text, document) in document(),
        requests in proptest::collection::vec(request(), 64),
    ) {
        match prove(&Question { documents: &[&document], resource: BUCKET, account: None, floor: None }).unwrap() {
            Proof::Denied => {
                for request in requests {
                    prop_assert!(is_denied(&document, &request), "{text}\n{request:?}");
                }
            }
            Proof::Open(found) => {
                prop_assert!(!is_denied(&document, &found.request), "{text}\n{:?}", found.request);
                let secure = found.request.context.values("aws:securetransport").unwrap();
                prop_assert_eq!(secure, &["false".to_owned()][..]);
            }
            Proof::Unknown(reason) => prop_assert!(false, "{text}\n{reason}"),
        }
    }
}

/// Two elements of which every request meets exactly one: each stands for a part of all requests.
const HALVES: [(&str, &str, &str); 11] = [
    ("action", r#""Action": ["s3:Get*", "s3:*Bucket"]"#, r#""NotAction": ["s3:Get*", "s3:*Bucket"]"#),
    (
        "resource",
        r#""Resource": ["arn:aws:s3:::b/a*", "arn:aws:s3:::*/?"]"#,
        r#""NotResource": ["arn:aws:s3:::b/a*", "arn:aws:s3:::*/?"]"#,
    ),
    (
        "principal",
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:user/ana"}"#,
        r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/ana"}"#,
    ),
    (
        "like",
        r#""StringLike": {"aws:UserAgent": ["a*", "*b"]}"#,
        r#""StringNotLike": {"aws:UserAgent": ["a*", "*b"]}"#,
    ),
    (
        "equals",
        r#""StringEquals": {"aws:PrincipalOrgID": "o-1"}"#,
        r#""StringNotEquals": {"aws:PrincipalOrgID": "o-1"}"#,
    ),
    (
        "address",
        r#""IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}"#,
        r#""NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}"#,
    ),
    ("null", r#""Null": {"aws:SourceVpce": "true"}"#, r#""Null": {"aws:SourceVpce": "false"}"#),
    (
        "arn",
        r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}"#,
        r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}"#,
    ),
    (
        "number",
        r#""NumericLessThan": {"s3:max-keys": 10}"#,
        r#""NumericGreaterThanEqualsIfExists": {"s3:max-keys": 10}"#,
    ),
    (
        "date",
        r#""DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}"#,
        r#""DateGreaterThanEquals": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}"#,
    ),
    (
        "set",
        r#""ForAnyValue:StringLike": {"aws:TagKeys": "a*"}"#,
        r#""ForAllValues:StringNotLike": {"aws:TagKeys": "a*"}"#,
    ),
];

/// The elements that a part has of its own.
type Part = Vec<(&'static str, &'static str)>;

/// All requests, cut into parts again and again.
fn cut(cuts: &[(usize, usize)]) -> Vec<Part> {
    let mut parts = vec![Part::new()];
    for (part, half) in cuts {
        let part = part % parts.len();
        let (kind, one, other) = HALVES[half % HALVES.len()];
        if parts[part].iter().any(|(known, _)| *known == kind) {
            continue;
        }
        let mut second = parts[part].clone();
        parts[part].push((kind, one));
        second.push((kind, other));
        parts.push(second);
    }
    parts
}

fn denying(parts: &[Part]) -> String {
    let statements: Vec<String> = parts
        .iter()
        .map(|part| {
            let element = |kind: &str, otherwise: &str| {
                part.iter().find(|(known, _)| *known == kind).map_or(otherwise.to_owned(), |(_, text)| (*text).to_owned())
            };
            let elements = ["action", "resource", "principal"];
            let tests = part.iter().filter(|(kind, _)| !elements.contains(kind)).map(|(_, text)| format!(", {text}"));
            format!(
                r#"{{"Effect": "Deny", {}, {}, {}, "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}{}}}}}"#,
                element("principal", r#""Principal": "*""#),
                element("action", r#""Action": "s3:*""#),
                element("resource", r#""Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#),
                tests.collect::<String>(),
            )
        })
        .collect();
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{}]}}", statements.join(",\n"))
}

fn proof(text: &str) -> Proof {
    let document = Document::read(text).unwrap();
    prove(&Question { documents: &[&document], resource: BUCKET, account: None, floor: None }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// However all requests are cut into parts, a Deny for each part denies them all.
    #[test]
    fn parts_that_only_together_cover_all_are_proved(cuts in proptest::collection::vec((0usize..64, 0usize..64), 0..9)) {
        let text = denying(&cut(&cuts));
        prop_assert_eq!(proof(&text), Proof::Denied, "{}", text);
    }

    /// Without one of the parts, what is open is found in that part: it is denied with it.
    #[test]
    fn a_part_that_lacks_its_deny_is_found(
        cuts in proptest::collection::vec((0usize..64, 0usize..64), 1..9),
        lacking in 0usize..64,
        requests in proptest::collection::vec(request(), 64),
    ) {
        let mut parts = cut(&cuts);
        let part = parts.remove(lacking % parts.len());
        let text = denying(&parts);
        let whole = Document::read(&denying(&[part])).unwrap();
        match proof(&text) {
            Proof::Open(found) => prop_assert!(is_denied(&whole, &found.request), "{text}\n{:?}", found.request),
            // The part may be empty: nobody without a name has a name.
            Proof::Denied => {
                let document = Document::read(&text).unwrap();
                for request in requests {
                    prop_assert!(is_denied(&document, &request), "{text}\n{request:?}");
                }
            }
            Proof::Unknown(reason) => prop_assert!(false, "{text}\n{reason}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is open is closed by what is added, and proved so.
    #[test]
    fn a_fixed_document_is_always_proved((text, _) in document()) {
        let fixed = hermetic_iam::fix(&text, BUCKET, Some(hermetic_iam::Floor::Tls1_2)).unwrap();
        let document = Document::read(&fixed.text).unwrap();
        let floor = Some(hermetic_iam::Floor::Tls1_2);
        let question = Question { documents: &[&document], resource: BUCKET, account: None, floor };
        prop_assert_eq!(prove(&question).unwrap(), Proof::Denied);
    }
}
