use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::*;
use crate::answer::Answer;

const DENIES_CLEARTEXT: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
  {"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
   "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
  {"Sid": "Tls13", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
   "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.3"}}}]}"#;

const ANA: &str = "arn:aws:iam::111122223333:user/ana";

fn document(name: &str, text: &str) -> Arc<PolicyDocument> {
    let (document, stated) = (Document::read(text).unwrap(), Stated::default());
    Arc::new(PolicyDocument { name: name.to_owned(), document, stated })
}

fn callers() -> Arc<Callers> {
    let text = format!(
        "[[caller]]\nprincipal = \"{ANA}\"\naccess_key_id = \"AKIDEXAMPLE\"\n\
         secret_access_key = \"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\"\n"
    );
    Arc::new(Callers::read(&text, &|text| Ok(text.to_owned())).unwrap())
}

fn enforced(texts: &[&str], callers: Option<Arc<Callers>>) -> Result<Option<Enforcement>, EnforcementError> {
    let documents: Vec<_> = texts.iter().map(|text| document("p.json", text)).collect();
    Enforcement::of(&documents, Buckets::InPath, callers)
}

fn by(tls: Option<&'static str>) -> Way {
    let from = "192.0.2.1";
    Way { secure: tls.is_some(), tls, from: from.parse().unwrap(), written_from: from.to_owned() }
}

fn judged(
    enforcement: &Enforcement,
    target: &str,
    headers: &[(&'static str, &'static str)],
    way: &Way,
) -> Result<Passed, Refused> {
    let pairs =
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let (target, headers): (Uri, HeaderMap) = (target.parse().unwrap(), pairs.collect());
    let head = Head { method: &Method::PUT, target: &target, headers: &headers, authority: "h", host: "h" };
    enforcement.judge(&head, None, way, None, "2026-11-30T09:00:00Z".parse().unwrap())
}

#[test]
fn the_resources_own_policy_denies_cleartext_and_old_tls_with_the_statement() {
    let enforcement = enforced(&[DENIES_CLEARTEXT], None).unwrap().unwrap();
    let denial = |way| match judged(&enforcement, "/b/k", &[], &way) {
        Err(Refused::Denied(denied)) => Some(denied.to_string()),
        Ok(_) => None,
        other => panic!("{other:?}"),
    };
    let expected = "p.json:3 (TlsOnly) denies s3:PutObject on arn:aws:s3:::b/k by anonymous";
    assert_eq!(denial(by(None)).as_deref(), Some(expected));
    assert!(denial(by(Some("1.2"))).unwrap().starts_with("p.json:5 (Tls13)"));
    assert_eq!(denial(by(Some("1.3"))), None);
}

#[test]
fn each_call_of_a_request_must_pass() {
    let enforcement = enforced(&[DENIES_CLEARTEXT], None).unwrap().unwrap();
    let copy = [("x-amz-copy-source", "/b/k")];
    assert!(matches!(judged(&enforcement, "/other/k", &copy, &by(None)), Err(Refused::Denied(_))));
    assert!(judged(&enforcement, "/other/k", &[], &by(None)).is_ok());
}

#[test]
fn what_can_t_be_told_is_refused_though_nothing_denies_it() {
    let enforcement = enforced(&[DENIES_CLEARTEXT], None).unwrap().unwrap();
    let way = by(Some("1.3"));
    assert!(matches!(judged(&enforcement, "/b/k?unknown", &[], &way), Err(Refused::Unmapped(_))));
    let of_queue =
        "AWS4-HMAC-SHA256 Credential=a/20261130/r/sqs/aws4_request, SignedHeaders=host, Signature=0";
    let signed = [("authorization", of_queue), ("x-amz-date", "20261130T090000Z")];
    let refused = judged(&enforcement, "/b/k", &signed, &way);
    assert_eq!(refused, Err(Refused::Unmapped(Unmapped::SignedForAnother("sqs".to_owned()))));
}

#[test]
fn who_calls_is_known_where_callers_are() {
    let for_ana = format!(
        r#"{{"Statement": {{"Effect": "Deny", "Principal": {{"AWS": "{ANA}"}}, "Action": "s3:PutObject",
           "Resource": "arn:aws:s3:::b/*"}}}}"#
    );
    assert!(matches!(enforced(&[&for_ana], None), Err(EnforcementError::Unenforceable { .. })));
    let enforcement = enforced(&[&for_ana], Some(callers())).unwrap().unwrap();
    let way = by(Some("1.3"));
    assert!(judged(&enforcement, "/b/k", &[], &way).is_ok());
    let signed = [
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-amz-date", "20261130T090000Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261130/r/s3/aws4_request, SignedHeaders=host;\
             x-amz-content-sha256;x-amz-date, \
             Signature=0000000000000000000000000000000000000000000000000000000000000000",
        ),
    ];
    assert_eq!(judged(&enforcement, "/b/k", &signed, &way), Err(Refused::Unproven(Unproven::Mismatch)));
}

#[test]
fn documents_that_can_t_be_enforced_are_refused() {
    let allows = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
    assert_eq!(enforced(&[allows], None).unwrap_err(), EnforcementError::DeniesNothing("p.json".to_owned()));
    let queue = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}"#;
    assert!(matches!(enforced(&[DENIES_CLEARTEXT, queue], None), Err(EnforcementError::Apart { .. })));
    let of_organisation = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}}"#;
    let told = enforced(&[of_organisation], None).unwrap_err().to_string();
    assert!(told.starts_with("p.json:2:40: this Deny depends on `aws:PrincipalOrgID`"), "{told}");
    assert_eq!(enforced(&[], None), Ok(None));
}

#[test]
fn each_service_refuses_in_its_own_words() {
    let answer = |service, target: Option<&'static str>| {
        let (uri, mut headers) = (Uri::from_static("/"), HeaderMap::new());
        if let Some(target) = target {
            headers.insert("x-amz-target", HeaderValue::from_static(target));
        }
        let head = Head { method: &Method::POST, target: &uri, headers: &headers, authority: "h", host: "h" };
        let refused = Refused::Unmapped(Unmapped::Path);
        let Answer { status, content_type, body, .. } = Answer::to(&head, service, &refused, "7f");
        (status, content_type, body)
    };
    let (status, media, body) = answer(Service::S3, None);
    assert_eq!((status, media), (403, "application/xml"));
    assert!(
        body.contains("<Code>AccessDenied</Code>") && body.contains("<RequestId>7f</RequestId>"),
        "{body}"
    );
    let (status, media, body) = answer(Service::DynamoDb, None);
    assert_eq!((status, media), (403, "application/x-amz-json-1.0"));
    assert!(body.contains("\"__type\":\"AccessDeniedException\""), "{body}");
    assert!(answer(Service::Sns, None).2.contains("<ErrorResponse xmlns=\"http://sns.amazonaws.com"));
    assert!(answer(Service::Sqs, Some("AmazonSQS.SendMessage")).2.starts_with('{'));
    assert!(answer(Service::Sqs, None).2.contains("<Type>Sender</Type>"));
}

#[test]
fn how_a_request_is_signed_is_known_where_that_was_verified() {
    let of = |test: &str| {
        format!(
            r#"{{"Statement": {{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
               "Condition": {{{test}}}}}}}"#
        )
    };
    let not_v4 = of(r#""StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}"#);
    assert!(matches!(enforced(&[&not_v4], None), Err(EnforcementError::Unenforceable { .. })));
    let enforcement = enforced(&[&not_v4], Some(callers())).unwrap().unwrap();
    // Nobody signed it, whatever it seems to say.
    assert!(matches!(judged(&enforcement, "/b/k", &[], &by(Some("1.3"))), Err(Refused::Denied(_))));

    let unsigned = of(r#""StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}"#);
    let enforcement = enforced(&[&unsigned], None).unwrap().unwrap();
    let asked = |target| judged(&enforcement, target, &[], &by(Some("1.3")));
    for target in ["/b/k?X-Amz-Signature=0", "/b/k?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"] {
        assert!(matches!(asked(target), Err(Refused::Denied(_))), "{target}");
    }
    assert!(asked("/b/k").is_ok());
}

#[test]
fn a_request_that_is_signed_in_another_way_is_nobodys() {
    let enforcement = enforced(&[DENIES_CLEARTEXT], Some(callers())).unwrap().unwrap();
    let refused = |target| judged(&enforcement, target, &[], &by(Some("1.3"))).unwrap_err();
    for target in ["/b/k?%41WSAccessKeyId=a&Signature=b", "/b/k?awsaccesskeyid=a"] {
        assert_eq!(refused(target), Refused::Unproven(Unproven::Kind), "{target}");
    }
    assert!(matches!(refused("/b/k?x-amz-credential=a"), Refused::Unproven(Unproven::Malformed(_))));
}
