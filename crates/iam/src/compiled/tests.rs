use proptest::prelude::*;
use proptest::sample::select;

use super::{Asked, Compiled, Fact, Facts, KnownKey, Told, UnenforceableProblem, Who};
use crate::document::{Document, Key};
use crate::request::{Caller, Context, Request};
use crate::{Attached, Decided, Kind, decide};

const ACTIONS: [&str; 3] = ["s3:getobject", "s3:putobject", "s3:listbucket"];
const ANA: &str = "arn:aws:iam::111122223333:user/ana";

#[derive(Clone, Copy, Debug)]
struct Name(&'static str);

const KEYS: [&str; 4] = ["aws:securetransport", "s3:tlsversion", "aws:sourceip", "aws:useragent"];

impl KnownKey for Name {
    fn named(name: &str) -> Option<Self> {
        KEYS.into_iter().find(|known| *known == name).map(Self)
    }

    fn is_of_caller(self) -> bool {
        self.0 == "aws:useragent"
    }
}

/// A way with an agent.
#[derive(Clone, Debug)]
struct Way {
    tls: Option<&'static str>,
    address: &'static str,
    agent: Option<&'static str>,
}

impl Facts<Name> for Way {
    fn fact(&self, Name(key): Name) -> Fact<'_> {
        match key {
            "aws:securetransport" => Fact::Bool(self.tls.is_some()),
            "s3:tlsversion" => self.tls.map_or(Fact::Absent, Fact::Text),
            "aws:sourceip" => Fact::Address(self.address.parse().unwrap(), self.address),
            _ => self.agent.map_or(Fact::Absent, Fact::Text),
        }
    }
}

impl Way {
    fn context(&self) -> Context {
        let values = [
            ("aws:SecureTransport", Some(if self.tls.is_some() { "true" } else { "false" })),
            ("s3:TlsVersion", self.tls),
            ("aws:SourceIp", Some(self.address)),
            ("aws:UserAgent", self.agent),
        ];
        values
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .fold(Context::default(), |context, (key, value)| {
                context.with(Key::of(key), vec![value.to_owned()])
            })
    }
}

fn denying(elements: &str) -> Document {
    Document::read(&format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "It", "Effect": "Deny", {elements}}}]}}"#
    ))
    .unwrap()
}

fn compiled(elements: &str) -> Compiled<Name> {
    Compiled::new(&denying(elements), ACTIONS, true).unwrap()
}

const PLAIN: Way = Way { tls: None, address: "192.0.2.1", agent: None };
const EVERYBODY: &str = r#""Principal": "*", "Action": "s3:*""#;

#[test]
fn the_statement_that_denies_is_told() {
    let document = compiled(&format!(r#"{EVERYBODY}, "Resource": "arn:aws:s3:::b/*""#));
    let who = Who::new(Caller::Anonymous);
    let asked = |resource| Asked { who: &who, action: "s3:getobject", resource };
    let told = Told { sid: Some("It".to_owned()), line: 1 };
    assert_eq!(document.denial(&asked(Some("arn:aws:s3:::b/k")), &PLAIN), Some(&told));
    assert_eq!(document.denial(&asked(Some("arn:aws:s3:::c/k")), &PLAIN), None);
}

#[test]
fn a_request_that_does_not_say_its_resource_may_be_about_any_that_is_denied() {
    let who = Who::new(Caller::Anonymous);
    let asked = Asked { who: &who, action: "s3:getobject", resource: None };
    for resource in [r#""Resource": "arn:aws:s3:::b/*""#, r#""NotResource": "arn:aws:s3:::b/*""#] {
        assert!(compiled(&format!("{EVERYBODY}, {resource}")).denial(&asked, &PLAIN).is_some());
    }
}

#[test]
fn an_action_that_no_index_has_is_decided_too() {
    let document = compiled(&format!(r#"{EVERYBODY}, "Resource": "*""#));
    let who = Who::new(Caller::Anonymous);
    let asked = |action| Asked { who: &who, action, resource: Some("*") };
    assert!(document.denial(&asked("s3:ListAllMyBuckets"), &PLAIN).is_some());
    assert!(document.denial(&asked("sqs:ListQueues"), &PLAIN).is_none());
}

#[test]
fn a_deny_that_depends_on_what_nobody_knows_is_refused_with_its_place() {
    let condition = r#""Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#;
    let document = denying(&format!(r#"{EVERYBODY}, "Resource": "*", {condition}"#));
    let refused = Compiled::<Name>::new(&document, ACTIONS, true).unwrap_err();
    assert_eq!(refused.problem, UnenforceableProblem::Key("aws:PrincipalOrgID".to_owned()));
    assert_eq!(refused.place.line, 1);
    let variable = denying(&format!(r#"{EVERYBODY}, "Resource": "arn:aws:s3:::b/${{aws:userid}}""#));
    assert!(Compiled::<Name>::new(&variable, ACTIONS, true).is_err());
}

#[test]
fn a_deny_for_callers_by_name_needs_to_know_who_calls() {
    let named = format!(r#""Principal": {{"AWS": "{ANA}"}}, "Action": "s3:*", "Resource": "*""#);
    let document = denying(&named);
    let refused = Compiled::<Name>::new(&document, ACTIONS, false).unwrap_err();
    assert_eq!(refused.problem, UnenforceableProblem::Callers);
    let but = named.replace("Principal", "NotPrincipal");
    assert!(Compiled::<Name>::new(&denying(&but), ACTIONS, false).is_err());
    assert!(
        Compiled::<Name>::new(&denying(&format!("{EVERYBODY}, \"Resource\": \"*\"")), ACTIONS, false).is_ok()
    );
}

fn condition() -> impl Strategy<Value = &'static str> {
    select(vec![
        r#""Condition": {"Bool": {"aws:SecureTransport": "false"}}"#,
        r#""Condition": {"StringEquals": {"aws:SecureTransport": "false"}}"#,
        r#""Condition": {"NumericLessThan": {"s3:TlsVersion": "1.3"}}"#,
        r#""Condition": {"NumericLessThanIfExists": {"s3:TlsVersion": ["1.2", "none"]}}"#,
        r#""Condition": {"Null": {"s3:TlsVersion": "true"}}"#,
        r#""Condition": {"Null": {"aws:UserAgent": "false"}}"#,
        r#""Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}"#,
        r#""Condition": {"StringLike": {"aws:SourceIp": "10.*"}}"#,
        r#""Condition": {"StringEqualsIgnoreCase": {"aws:UserAgent": "BOTO"}}"#,
        r#""Condition": {"StringNotLike": {"aws:UserAgent": ["a?", "b*o"]}}"#,
        r#""Condition": {"ForAllValues:StringEquals": {"aws:UserAgent": "boto"}}"#,
        r#""Condition": {"ForAnyValue:StringNotEquals": {"aws:UserAgent": "boto"}}"#,
        r#""Condition": {"StringEquals": {"aws:UserAgent": "${aws:SourceIp}"}}"#,
        r#""Condition": {"ArnLike": {"aws:UserAgent": "arn:*:s3:::b*"}}"#,
    ])
}

fn elements() -> impl Strategy<Value = String> {
    let principals = vec![
        r#""Principal": "*""#,
        r#""Principal": {"AWS": "111122223333"}"#,
        r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/ana"}"#,
        r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}"#,
    ];
    let actions = vec![r#""Action": "s3:Get*""#, r#""NotAction": "S3:putobject""#, r#""Action": "*""#];
    let resources = vec![
        r#""Resource": "arn:aws:s3:::b""#,
        r#""NotResource": "arn:aws:s3:::b/*""#,
        r#""Resource": ["arn:aws:s3:::*/k", "arn:aws:s3:::b/${aws:UserAgent, 'k'}"]"#,
        r#""Resource": "*""#,
    ];
    (select(principals), select(actions), select(resources), condition())
        .prop_map(|(principal, action, resource, test)| [principal, action, resource, test].join(", "))
}

proptest! {
    #[test]
    fn it_decides_as_the_evaluator_does(
        elements in elements(),
        caller in select(vec![None, Some(ANA), Some("arn:aws:sts::111122223333:assumed-role/app/s")]),
        action in select(ACTIONS.to_vec()),
        resource in select(vec!["arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::b/boto", "arn:aws:s3:::c/k"]),
        tls in select(vec![None, Some("1.2"), Some("1.3")]),
        address in select(vec!["10.1.2.3", "192.0.2.1", "2001:db8::1"]),
        agent in select(vec![None, Some("boto"), Some("ab"), Some("10.1.2.3"), Some("arn:aws:s3:::bx")]),
    ) {
        let document = denying(&elements);
        let way = Way { tls, address, agent };
        let principal = caller.map_or(Caller::Anonymous, |arn| Caller::Arn(arn.to_owned()));
        let who = Who::new(principal.clone());
        let asked = Asked { who: &who, action, resource: Some(resource) };
        let denied = Compiled::<Name>::new(&document, ACTIONS, true).unwrap().denial(&asked, &way).is_some();
        let (action, resource) = (action.to_owned(), resource.to_owned());
        let request = Request { principal, action, resource, context: way.context() };
        let attached = [Attached { kind: Kind::Resource, name: "it", document: &document }];
        let decided = decide(&request, &attached, None).effect;
        prop_assert_eq!(denied, decided == Decided::ExplicitDeny);
    }
}
