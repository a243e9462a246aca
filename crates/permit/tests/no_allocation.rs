//! A decision takes no memory once documents and facts are there.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::sync::Arc;

use hermetic_iam::compiled::Who;
use hermetic_iam::document::Document;
use hermetic_iam::request::Caller;
use hermetic_permit::{
    Buckets, Call, Enforcement, Facts, Head, PolicyDocument, Resource, Service, Stated, Way,
};
use http::{HeaderMap, HeaderValue, Method, Uri};

/// Ten statements with all kinds of patterns and tests, none of which is about the request.
fn ten() -> String {
    let conditions = [
        r#""Bool": {"aws:SecureTransport": "false"}"#,
        r#""NumericLessThan": {"s3:TlsVersion": "1.2"}"#,
        r#""NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}"#,
        r#""StringLike": {"aws:UserAgent": ["*curl*", "wget/?.*"]}"#,
        r#""StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}"#,
        r#""DateGreaterThan": {"aws:CurrentTime": "2090-01-01T00:00:00Z"}"#,
        r#""Null": {"aws:UserAgent": "true"}"#,
        r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ben"}"#,
        r#""ForAnyValue:StringEquals": {"aws:PrincipalAccount": "999999999999"}"#,
        r#""StringEquals": {"aws:Referer": "${aws:username}"}"#,
    ];
    let mut text = r#"{"Version": "2012-10-17", "Statement": ["#.to_owned();
    for (at, condition) in conditions.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"Sid": "S{at}", "Effect": "Deny", "Principal": "*", "Action": ["s3:Get*", "s3:Put*"],
               "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*", "arn:aws:s3:::*/{at}"],
               "Condition": {{{condition}}}}}"#
        )
        .unwrap();
    }
    text + "]}"
}

#[test]
fn a_decision_takes_no_memory() {
    let (document, stated) = (Document::read(&ten()).unwrap(), Stated::default());
    let document = Arc::new(PolicyDocument { name: "p.json".to_owned(), document, stated });
    let caller = "[[caller]]\nprincipal = \"arn:aws:iam::111122223333:user/ana\"\nidentity = \"dns:a\"\n";
    let callers = hermetic_permit::Callers::read(caller, &|text| Ok(text.to_owned())).unwrap();
    let enforcement =
        Enforcement::of(&[document], Buckets::InPath, Some(Arc::new(callers))).unwrap().unwrap();
    let target: Uri = "/bucket/a/key?versionId=7".parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("user-agent", HeaderValue::from_static("Boto3/1.44.8"));
    let head = Head { method: &Method::GET, target: &target, headers: &headers, authority: "h", host: "h" };
    let from = "192.0.2.1".to_owned();
    let mut way = Way { secure: true, tls: Some("1.3"), from: from.parse().unwrap(), written_from: from };
    let who = Who::new(Caller::Arn("arn:aws:iam::111122223333:user/ana".to_owned()));
    let now = "2026-11-30T09:00:00Z".parse().unwrap();
    let resource = Resource::Arn("arn:aws:s3:::bucket/a/key".to_owned());
    let calls = [Call { action: "s3:GetObjectVersion", resource }];

    for (secure, denied) in [(true, None), (false, Some("S0"))] {
        way.secure = secure;
        let facts = Facts::new(&head, Service::S3, &way, &who, now);
        let mut found = None;
        let taken = allocation_counter::measure(|| found = enforcement.denial(&calls, &facts));
        assert_eq!(found.and_then(|(_, told, _)| told.sid.as_deref()), denied);
        assert_eq!(taken.count_total, 0);
    }
}
