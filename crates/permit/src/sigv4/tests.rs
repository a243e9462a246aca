use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// Signatures that botocore 1.44.8 made, of its own key `AKIDEXAMPLE`.
const VECTORS: &str = include_str!("../../tests/vectors/signatures.json");
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const AT: &str = "2026-11-30T09:00:00Z";

struct Signed {
    service: Service,
    method: Method,
    target: Uri,
    authority: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Signed {
    fn named(name: &str) -> Self {
        let vectors: Vec<Json> = serde_json::from_str(VECTORS).unwrap();
        Self::of(vectors.iter().find(|vector| vector["name"] == name).unwrap())
    }

    fn of(vector: &Json) -> Self {
        let url: Uri = vector["url"].as_str().unwrap().parse().unwrap();
        let headers = vector["headers"].as_object().unwrap().iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value.as_str().unwrap()).unwrap();
            (name.parse::<HeaderName>().unwrap(), value)
        });
        Self {
            service: vector["service"].as_str().unwrap().parse().unwrap(),
            method: vector["method"].as_str().unwrap().parse().unwrap(),
            target: url.path_and_query().unwrap().as_str().parse().unwrap(),
            authority: url.authority().unwrap().to_string(),
            headers: headers.collect(),
            body: vector["body"].as_str().unwrap().into(),
        }
    }

    fn verified(&self, secret: &str, token: Option<&str>, now: &str) -> Result<(), Unproven> {
        self.verified_where(secret, token, now).map(drop)
    }

    fn verified_where(&self, secret: &str, token: Option<&str>, now: &str) -> Result<Verified, Unproven> {
        let head = Head {
            method: &self.method,
            target: &self.target,
            headers: &self.headers,
            authority: &self.authority,
            host: "store.test",
        };
        let written = Written::of(&head)?.unwrap();
        let signature = written.read()?;
        assert_eq!(signature.key_id, "AKIDEXAMPLE");
        let secret = Secret { secret, token };
        signature.verify(&head, self.service, Some(&self.body), &secret, now.parse().unwrap())
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }
}

#[test]
fn what_botocore_signs_is_verified_in_all_of_its_forms() {
    let vectors: Vec<Json> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in &vectors {
        let (signed, name) = (Signed::of(vector), &vector["name"]);
        let token = (name == "s3 token").then_some("the+token/=");
        assert_eq!(signed.verified(SECRET, token, AT), Ok(()), "{name}");
        assert_eq!(signed.verified("another", token, AT), Err(Unproven::Mismatch), "{name}");
    }
}

#[test]
fn what_is_changed_after_it_was_signed_is_found() {
    let put = || Signed::named("s3 put hash");
    assert_eq!(Signed { method: Method::POST, ..put() }.verified(SECRET, None, AT), Err(Unproven::Mismatch));
    let elsewhere = Signed { target: "/b/l".parse().unwrap(), ..put() };
    assert_eq!(elsewhere.verified(SECRET, None, AT), Err(Unproven::Mismatch));
    let other = put().set("x-amz-copy-source", "secret/d");
    assert_eq!(other.verified(SECRET, None, AT), Err(Unproven::Mismatch));
    assert!(matches!(
        put().set("x-amz-acl", "public-read").verified(SECRET, None, AT),
        Err(Unproven::Malformed(_))
    ));
    let body = Signed { body: b"other".to_vec(), ..put() };
    assert_eq!(body.verified(SECRET, None, AT), Err(Unproven::Payload));
    let queue = Signed { body: b"{}".to_vec(), ..Signed::named("sqs json") };
    assert_eq!(queue.verified(SECRET, None, AT), Err(Unproven::Mismatch));
    let version = Signed::named("s3 presigned");
    let target = version.target.to_string().replace("versionId=7", "versionId=8").parse().unwrap();
    assert_eq!(Signed { target, ..version }.verified(SECRET, None, AT), Err(Unproven::Mismatch));
}

#[test]
fn a_signature_counts_for_fifteen_minutes_and_a_presigned_one_for_as_long_as_it_says() {
    let header = Signed::named("s3 put hash");
    for (now, expected) in [
        ("2026-11-30T09:15:00Z", Ok(())),
        ("2026-11-30T09:15:01Z", Err(Unproven::Skewed)),
        ("2026-11-30T08:45:00Z", Ok(())),
        ("2026-11-30T08:44:59Z", Err(Unproven::Skewed)),
    ] {
        assert_eq!(header.verified(SECRET, None, now), expected, "{now}");
    }
    let presigned = Signed::named("s3 presigned");
    assert_eq!(presigned.verified(SECRET, None, "2026-11-30T10:00:00Z"), Ok(()));
    assert_eq!(presigned.verified(SECRET, None, "2026-11-30T10:00:01Z"), Err(Unproven::Expired));
}

#[test]
fn a_session_token_belongs_to_its_key() {
    let with = Signed::named("s3 token");
    assert_eq!(with.verified(SECRET, None, AT), Err(Unproven::Token));
    assert_eq!(with.verified(SECRET, Some("other"), AT), Err(Unproven::Token));
    assert_eq!(Signed::named("s3 put hash").verified(SECRET, Some("the+token/="), AT), Err(Unproven::Token));
}

#[test]
fn older_and_other_kinds_are_refused() {
    for authorization in
        ["AWS AKID:c2ln", "AWS4-ECDSA-P256-SHA256 Credential=a", "Bearer x", "AWS4-HMAC-SHA256x"]
    {
        let other = Signed::named("s3 put hash").set("authorization", authorization);
        assert_eq!(other.verified(SECRET, None, AT), Err(Unproven::Kind), "{authorization}");
    }
}

#[test]
fn what_is_signed_otherwise_in_the_query_is_not_taken_for_unsigned() {
    let written = |query: &str| {
        let target = format!("/b?{query}").parse().unwrap();
        let (method, headers) = (Method::GET, HeaderMap::new());
        let head = Head { method: &method, target: &target, headers: &headers, authority: "h", host: "h" };
        Written::of(&head).map(|written| written.is_some())
    };
    for query in
        ["AWSAccessKeyId=a&Signature=b", "%41WSAccessKeyId=a", "awsaccesskeyid=a", "SignatureVersion=2"]
    {
        assert_eq!(written(query), Err(Unproven::Kind), "{query}");
    }
    for query in ["x-amz-credential=a", "X-Amz-SIGNATURE=a", "x-amz%2dsignature=a", "%ff=a"] {
        assert!(matches!(written(query), Err(Unproven::Malformed(_))), "{query}");
    }
    assert!(written("X-Amz-Expires=60").is_err());
    assert_eq!(written("prefix=X-Amz-Credential"), Ok(false));
}

#[test]
fn where_a_signature_stood_is_told() {
    let told = |name| Signed::named(name).verified_where(SECRET, None, AT);
    assert_eq!(told("s3 put hash"), Ok(Verified::InHeader));
    assert_eq!(told("s3 presigned"), Ok(Verified::InQuery));
}

#[test]
fn a_signature_in_two_places_is_none() {
    let mut both = Signed::named("s3 put hash");
    both.target = Signed::named("s3 presigned").target;
    assert!(matches!(both.verified(SECRET, None, AT), Err(Unproven::Malformed(_))));
}

proptest! {
    #[test]
    fn no_header_and_no_query_panics(
        header in "(AWS4-HMAC-SHA256 |Credential=|SignedHeaders=|Signature=|host|a/2/b/c/aws4_request|,|;|[0-9a-f]{64}| ){0,9}",
        date in "[0-9TZ]{14,17}",
        query in "(X-Amz-Algorithm=|X-Amz-Credential=|X-Amz-Date=|AWS4-HMAC-SHA256|&|%2|a/b/c/d/aws4_request){0,9}",
    ) {
        let mut signed = Signed::named("s3 put hash");
        if let Ok(value) = HeaderValue::from_str(&header) {
            signed.headers.insert("authorization", value);
        }
        signed.headers.insert("x-amz-date", HeaderValue::from_str(&date).unwrap());
        if let Ok(target) = format!("/?{query}").parse() {
            signed.target = target;
        }
        let head = Head {
            method: &signed.method,
            target: &signed.target,
            headers: &signed.headers,
            authority: "h",
            host: "h",
        };
        if let Ok(Some(written)) = Written::of(&head)
            && let Ok(signature) = written.read()
        {
            let secret = Secret { secret: SECRET, token: None };
            let _ = signature.verify(&head, Service::S3, None, &secret, AT.parse().unwrap());
        }
    }
}
