use super::{Floor, Proof, Question, prove};
use crate::document::Document;

const BUCKET: &str = "arn:aws:s3:::b";

fn document(statements: &str) -> Document {
    Document::read(&format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}")).unwrap()
}

fn proof_of(document: &Document, floor: Option<Floor>, resource: &str) -> Proof {
    prove(&Question { documents: &[document], resource, account: None, floor }).unwrap()
}

/// `denied`, `unknown`, or the request that gets through.
fn verdict(statements: &str) -> String {
    told(proof_of(&document(statements), None, BUCKET))
}

fn told(proof: Proof) -> String {
    match proof {
        Proof::Denied => "denied".to_owned(),
        Proof::Unknown(reason) => format!("unknown: {reason}"),
        Proof::Open(it) => {
            format!("open: {} {} {}", it.request.action, it.request.principal, it.request.resource)
        }
    }
}

/// A Deny of everybody and everything in cleartext, with these elements put in place of its own.
fn deny(principal: &str, action: &str, resource: &str, condition: &str) -> String {
    format!(r#"{{"Effect": "Deny", {principal}, {action}, {resource}, "Condition": {{{condition}}}}}"#)
}

const ALL: &str = r#""Principal": "*""#;
const S3: &str = r#""Action": "s3:*""#;
const BOTH: &str = r#""Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]"#;
const CLEAR: &str = r#""Bool": {"aws:SecureTransport": "false"}"#;

#[test]
fn the_usual_statement_denies() {
    assert_eq!(verdict(&deny(ALL, S3, BOTH, CLEAR)), "denied");
    assert_eq!(
        verdict(&deny(
            r#""Principal": {"AWS": ["*"]}"#,
            r#""action": ["S3:*"]"#,
            BOTH,
            r#""BOOLIFEXISTS": {"AWS:securetransport": [false]}"#
        )),
        "denied"
    );
    assert_eq!(
        verdict(&deny(
            ALL,
            r#""Action": "*""#,
            r#""Resource": "*""#,
            r#""StringEquals": {"aws:SecureTransport": "false"}"#
        )),
        "denied"
    );
    assert_eq!(
        verdict(&deny(ALL, r#""NotAction": "iam:*""#, r#""NotResource": "arn:aws:s3:::other/*""#, CLEAR)),
        "denied"
    );
    assert_eq!(verdict(&deny(ALL, S3, r#""Resource": "arn:aws:s3:::b*""#, CLEAR)), "denied");
}

#[test]
fn an_allow_denies_nothing() {
    let allow = deny(ALL, S3, BOTH, r#""Bool": {"aws:SecureTransport": "true"}"#).replace("Deny", "Allow");
    assert_eq!(verdict(&allow), "open: s3:GetObject arn:aws:iam::123456789012:user/anyone arn:aws:s3:::b/x");
    assert!(verdict("").starts_with("open"));
}

#[test]
fn half_of_the_resources_leaves_the_other_half_open() {
    let objects = deny(ALL, S3, r#""Resource": "arn:aws:s3:::b/*""#, CLEAR);
    assert_eq!(verdict(&objects), "open: s3:ListBucket arn:aws:iam::123456789012:user/anyone arn:aws:s3:::b");
    let bucket = deny(ALL, S3, r#""Resource": "arn:aws:s3:::b""#, CLEAR);
    assert_eq!(verdict(&bucket), "open: s3:GetObject arn:aws:iam::123456789012:user/anyone arn:aws:s3:::b/x");
    assert_eq!(verdict(&format!("{objects}, {bucket}")), "denied");
}

#[test]
fn objects_behind_a_prefix_alone_leave_the_others_open() {
    let some = deny(ALL, S3, r#""Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/secret/*"]"#, CLEAR);
    assert!(verdict(&some).ends_with("arn:aws:s3:::b/x"), "{}", verdict(&some));
    let rest = deny(ALL, S3, r#""NotResource": "arn:aws:s3:::b/secret/*""#, CLEAR);
    assert_eq!(verdict(&format!("{some}, {rest}")), "denied");
}

#[test]
fn too_few_actions_leave_others_open() {
    let some = deny(ALL, r#""Action": ["s3:Get*", "s3:Put*", "s3:List*", "s3:Delete*"]"#, BOTH, CLEAR);
    assert!(verdict(&some).starts_with("open: s3:"), "{}", verdict(&some));
    let rest = deny(ALL, r#""NotAction": ["s3:Get*", "s3:Put*", "s3:List*", "s3:Delete*"]"#, BOTH, CLEAR);
    assert_eq!(verdict(&format!("{some}, {rest}")), "denied");
}

#[test]
fn a_principal_other_than_everybody_leaves_strangers_open() {
    let account = deny(r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#, S3, BOTH, CLEAR);
    assert!(verdict(&account).starts_with("open"));
    let but_one = deny(r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/ana"}"#, S3, BOTH, CLEAR);
    assert!(verdict(&but_one).contains("user/ana"), "{}", verdict(&but_one));
    let her = deny(
        ALL,
        S3,
        BOTH,
        &format!(r#"{CLEAR}, "ArnEquals": {{"aws:PrincipalArn": "arn:aws:iam::*:user/ana"}}"#),
    );
    assert_eq!(verdict(&format!("{but_one}, {her}")), "denied");
}

#[test]
fn a_condition_beside_leaves_those_open_who_do_not_meet_it() {
    for beside in [
        r#""StringEquals": {"aws:PrincipalOrgID": "o-1"}"#,
        r#""StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}"#,
        r#""IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}"#,
        r#""NumericLessThan": {"s3:max-keys": 10}"#,
        r#""DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}"#,
        r#""Null": {"aws:SourceVpce": "true"}"#,
        r#""ForAnyValue:StringLike": {"aws:TagKeys": "*"}"#,
    ] {
        let verdict = verdict(&deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}")));
        assert!(verdict.starts_with("open"), "{beside}: {verdict}");
    }
}

#[test]
fn statements_that_only_together_cover_deny() {
    let with = |beside: &str| deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}"));
    for (one, other) in [
        (
            r#""StringEquals": {"aws:PrincipalOrgID": "o-1"}"#,
            r#""StringNotEquals": {"aws:PrincipalOrgID": "o-1"}"#,
        ),
        (r#""Null": {"aws:SourceVpce": "true"}"#, r#""Null": {"aws:SourceVpce": "false"}"#),
        (
            r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#,
            r#""NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#,
        ),
        (
            r#""NumericLessThan": {"s3:max-keys": 10}"#,
            r#""NumericGreaterThanEqualsIfExists": {"s3:max-keys": 10}"#,
        ),
        (
            r#""DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}"#,
            r#""DateGreaterThan": {"aws:EpochTime": "1798761599"}"#,
        ),
        (r#""StringLike": {"aws:UserAgent": "a*"}"#, r#""StringNotLike": {"aws:UserAgent": "a*"}"#),
        (
            r#""ForAllValues:StringLike": {"aws:TagKeys": "a*"}"#,
            r#""ForAnyValue:StringNotLike": {"aws:TagKeys": "a*"}"#,
        ),
    ] {
        assert_eq!(verdict(&format!("{}, {}", with(one), with(other))), "denied", "{one} and {other}");
        assert!(verdict(&with(one)).starts_with("open"), "{one}");
        assert!(verdict(&with(other)).starts_with("open"), "{other}");
    }
}

#[test]
fn a_public_way_and_a_way_by_an_endpoint_are_two() {
    let with = |beside: &str| deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}"));
    let not_endpoint = with(r#""StringNotEquals": {"aws:SourceVpce": "vpce-1"}"#);
    let any_address = with(r#""IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}"#);
    assert!(verdict(&format!("{not_endpoint}, {any_address}")).starts_with("open"));
    let by_endpoint = with(r#""StringLike": {"aws:SourceVpce": "*"}"#);
    assert_eq!(verdict(&format!("{by_endpoint}, {any_address}")), "denied");
}

#[test]
fn services_of_aws_may_be_exempt_and_nobody_else() {
    let exempt =
        r#""Bool": {"aws:SecureTransport": "false"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}"#;
    assert_eq!(verdict(&deny(ALL, S3, BOTH, exempt)), "denied");
    // A request that nobody signed has no such key.
    let anonymous = r#""Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}"#;
    assert_eq!(verdict(&deny(ALL, S3, BOTH, anonymous)), "open: s3:GetObject anonymous arn:aws:s3:::b/x");
}

#[test]
fn secure_transport_joined_with_a_version_leaves_cleartext_open() {
    for joined in [
        r#""Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}"#,
        r#""Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}"#,
        r#""NumericLessThan": {"s3:TlsVersion": "1.2"}"#,
    ] {
        assert!(verdict(&deny(ALL, S3, BOTH, joined)).starts_with("open"), "{joined}");
    }
    // The version is not there in cleartext, and then IfExists holds.
    assert_eq!(
        verdict(&deny(ALL, S3, BOTH, r#""NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}"#)),
        "denied"
    );
}

#[test]
fn a_floor_is_held_by_a_statement_of_its_own() {
    let clear = deny(ALL, S3, BOTH, CLEAR);
    let old = deny(ALL, S3, BOTH, r#""NumericLessThan": {"s3:TlsVersion": "1.2"}"#);
    let proof = |statements: &str, floor| told(proof_of(&document(statements), Some(floor), BUCKET));
    assert!(proof(&clear, Floor::Tls1_2).starts_with("open"));
    assert_eq!(proof(&format!("{clear}, {old}"), Floor::Tls1_2), "denied");
    assert!(proof(&format!("{clear}, {old}"), Floor::Tls1_3).starts_with("open"));
    let unread = old.replace("\"1.2\"", "\"TLSv1.2\"");
    assert!(proof(&format!("{clear}, {unread}"), Floor::Tls1_2).starts_with("open"));
}

#[test]
fn queues_topics_keys_and_secrets_are_proved_alike() {
    for (service, resource) in [
        ("sqs", "arn:aws:sqs:eu-west-1:111122223333:orders"),
        ("sns", "arn:aws:sns:eu-west-1:111122223333:orders"),
        ("kms", "arn:aws:kms:eu-west-1:111122223333:key/1"),
        ("secretsmanager", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"),
        ("elasticfilesystem", "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1"),
        ("dynamodb", "arn:aws:dynamodb:eu-west-1:111122223333:table/t"),
        ("kinesis", "arn:aws:kinesis:eu-west-1:111122223333:stream/s"),
    ] {
        let all = deny(ALL, &format!("\"Action\": \"{service}:*\""), r#""Resource": "*""#, CLEAR);
        assert_eq!(told(proof_of(&document(&all), None, resource)), "denied", "{service}");
        let get = deny(ALL, &format!("\"Action\": \"{service}:Get*\""), r#""Resource": "*""#, CLEAR);
        assert!(told(proof_of(&document(&get), None, resource)).starts_with("open"), "{service}");
    }
}

#[test]
fn what_rests_on_the_account_of_a_bucket_is_not_to_be_told() {
    let account = r#""StringEquals": {"aws:ResourceAccount": "111122223333"}"#;
    let theirs = deny(ALL, S3, BOTH, &format!("{CLEAR}, {account}"));
    assert!(verdict(&theirs).starts_with("unknown"), "{}", verdict(&theirs));
    let document = document(&theirs);
    let question = Question {
        documents: &[&document],
        resource: BUCKET,
        account: crate::document::AccountId::read("111122223333"),
        floor: None,
    };
    assert_eq!(prove(&question), Ok(Proof::Denied));
}

#[test]
fn what_rests_on_a_variable_is_open_to_whoever_it_does_not_stand_for() {
    let own = deny(ALL, S3, r#""Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/${aws:username}/*"]"#, CLEAR);
    assert!(verdict(&own).starts_with("open"), "{}", verdict(&own));
    let all = deny(ALL, S3, BOTH, CLEAR);
    assert_eq!(verdict(&format!("{own}, {all}")), "denied");
}

#[test]
fn an_inherited_document_denies_as_well() {
    let (own, inherited) = (document(""), document(&deny(ALL, S3, r#""Resource": "*""#, CLEAR)));
    let question = Question { documents: &[&own, &inherited], resource: BUCKET, account: None, floor: None };
    assert_eq!(prove(&question), Ok(Proof::Denied));
}

#[test]
fn whoever_comes_from_an_account_that_is_given_in_part_is_thought_of() {
    let with = |beside: &str| verdict(&deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}")));
    let account = with(r#""StringNotLike": {"aws:PrincipalAccount": "1111*"}"#);
    assert_eq!(account, "open: s3:GetObject arn:aws:iam::111100000000:user/anyone arn:aws:s3:::b/x");
    let arn = with(r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*2222:role/*"}"#);
    assert!(arn.contains("arn:aws:sts::000000002222:assumed-role/"), "{arn}");
    // Which accounts begin so and end otherwise, is not gone through.
    let two = [
        r#""StringLike": {"aws:PrincipalAccount": "1111*"}"#,
        r#""StringNotLike": {"aws:PrincipalAccount": "1111*0"}"#,
    ];
    let two = two.map(|beside| deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}"))).join(", ");
    assert!(!verdict(&two).starts_with("denied"), "{}", verdict(&two));
}

#[test]
fn whoever_is_federated_is_thought_of() {
    let beside = r#""ArnNotLike": {"aws:PrincipalArn": "arn:aws:sts::*:federated-user/*"}"#;
    let verdict = verdict(&deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}")));
    assert!(verdict.contains(":federated-user/"), "{verdict}");
}

#[test]
fn all_but_those_whom_no_arn_tells_is_not_to_be_told() {
    for nobody in [r#""Federated": "accounts.example.com""#, r#""CanonicalUser": "79a5""#] {
        let but = deny(&format!("\"NotPrincipal\": {{{nobody}}}"), S3, BOTH, CLEAR);
        assert!(verdict(&but).starts_with("unknown"), "{}", verdict(&but));
        assert_eq!(verdict(&format!("{but}, {}", deny(ALL, S3, BOTH, CLEAR))), "denied");
    }
}

#[test]
fn a_key_that_is_compared_in_several_ways_is_not_to_be_told_and_never_called_denied() {
    let with = |beside: &str| deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}"));
    let one = with(r#""NumericLessThan": {"s3:max-keys": "10"}"#);
    let other = with(r#""StringNotLike": {"s3:max-keys": "?"}"#);
    assert!(!verdict(&format!("{one}, {other}")).starts_with("denied"));
}

#[test]
fn one_deny_of_everybody_is_enough_whomever_else_a_document_names() {
    let named: Vec<String> = (0..20_000).map(|number| format!("arn:aws:iam::{number:012}:user/u")).collect();
    let others = deny(&format!(r#""NotPrincipal": {{"AWS": {named:?}}}"#), S3, BOTH, CLEAR);
    assert_eq!(verdict(&format!("{others}, {}", deny(ALL, S3, BOTH, CLEAR))), "denied");
}

#[test]
fn a_deny_of_everybody_that_meets_only_whoever_has_no_name_is_not_enough() {
    let with = |beside: &str| verdict(&deny(ALL, S3, BOTH, &format!("{CLEAR}, {beside}")));
    for nameless in [
        r#""Null": {"aws:PrincipalArn": "true"}"#,
        r#""StringEquals": {"aws:PrincipalType": "Anonymous"}"#,
        // The variable stands for nothing in a request that nobody signed, and for `false` in all others.
        r#""StringNotEquals": {"aws:ViaAWSService": "${aws:PrincipalIsAWSService}"}"#,
    ] {
        let verdict = with(nameless);
        assert!(verdict.starts_with("open: s3:GetObject arn:"), "{nameless}: {verdict}");
    }
}

/// Made so that each choice goes with each other, and none with all.
#[test]
fn a_document_that_would_take_for_ever_ends_as_unknown() {
    let alternatives: Vec<String> = (0..30).map(|number| format!("*{number}*a*b*")).collect();
    let tests = (0..30).map(|number| {
        let operator = ["StringNotLike", "StringNotLikeIfExists"][number % 2];
        deny(ALL, S3, BOTH, &format!(r#"{CLEAR}, "{operator}": {{"aws:UserAgent": {alternatives:?}}}"#))
    });
    let covered = deny(ALL, S3, BOTH, &format!(r#"{CLEAR}, "StringLike": {{"aws:UserAgent": "*a*"}}"#));
    let statements = tests.chain([covered]).collect::<Vec<_>>().join(", ");
    assert!(verdict(&statements).starts_with("unknown: the document is too involved"));
}

#[test]
fn a_document_that_names_thousands_ends() {
    let named: Vec<String> = (0..20_000).map(|number| format!("arn:aws:iam::{number:012}:user/u")).collect();
    let principals = format!(r#""NotPrincipal": {{"AWS": {named:?}}}"#);
    assert!(!verdict(&deny(&principals, S3, BOTH, CLEAR)).starts_with("denied"));
    let many = vec![deny(ALL, r#""Action": "s3:Get*""#, BOTH, CLEAR); 30_000].join(", ");
    assert!(!verdict(&many).starts_with("denied"));
}
