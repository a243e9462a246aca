use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::prelude::*;

use super::*;
use crate::service::Service;

fn home() -> Home {
    Home { partition: "aws".to_owned(), region: None, account: None }
}

fn at(
    method: &str,
    target: &str,
    headers: &[(&'static str, &str)],
    (host, buckets, body): (&str, Buckets, &str),
) -> Result<Vec<String>, Unmapped> {
    let pairs = headers.iter().map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    });
    let (target, headers): (Uri, HeaderMap) = (target.parse().unwrap(), pairs.collect());
    let method = method.parse::<Method>().unwrap();
    let head = Head { method: &method, target: &target, headers: &headers, authority: host, host };
    assert_eq!(head.needs_body(Service::S3), !body.is_empty());
    let calls = head.calls(Service::S3, &home(), &buckets, body.as_bytes())?;
    let shown = |call: &Call| {
        let resource = call.resource.shown();
        format!("{} {}", &call.action[3..], resource.strip_prefix("arn:aws:s3:::").unwrap_or(resource))
    };
    Ok(calls.iter().map(shown).collect())
}

fn asked(method: &str, target: &str, headers: &[(&'static str, &str)]) -> Vec<String> {
    at(method, target, headers, ("store.test", Buckets::InPath, "")).unwrap()
}

fn refused(method: &str, target: &str) -> Unmapped {
    at(method, target, &[], ("store.test", Buckets::InPath, "")).unwrap_err()
}

#[test]
fn methods_and_sub_resources_ask_for_their_actions() {
    for (method, target, expected) in [
        ("GET", "/", "ListAllMyBuckets *"),
        ("GET", "/b?list-type=2&prefix=a%2F", "ListBucket b"),
        ("HEAD", "/b/", "ListBucket b"),
        ("GET", "/b?versions", "ListBucketVersions b"),
        ("PUT", "/b?policy", "PutBucketPolicy b"),
        ("DELETE", "/b?lifecycle=", "PutLifecycleConfiguration b"),
        ("GET", "/b/a/b%20c", "GetObject b/a/b c"),
        ("GET", "/b/a/", "GetObject b/a/"),
        ("HEAD", "/b/k?versionId=7&partNumber=1", "GetObjectVersion b/k"),
        ("PUT", "/b/k?tagging&versionId=7", "PutObjectVersionTagging b/k"),
        ("PUT", "/b/k?partNumber=1&uploadId=x", "PutObject b/k"),
        ("DELETE", "/b/k?uploadId=x", "AbortMultipartUpload b/k"),
        ("POST", "/b/k?select&select-type=2", "GetObject b/k"),
        ("GET", "/b/k?X-Amz-Signature=0&x-id=GetObject", "GetObject b/k"),
    ] {
        assert_eq!(asked(method, target, &[]), [expected], "{method} {target}");
    }
}

#[test]
fn headers_ask_for_more() {
    let headers = [("x-amz-acl", "public-read"), ("x-amz-grant-read", "id=1"), ("x-amz-tagging", "a=b")];
    assert_eq!(asked("PUT", "/b/k", &headers), ["PutObject b/k", "PutObjectAcl b/k", "PutObjectTagging b/k"]);
    let bypassing = [("x-amz-bypass-governance-retention", "true")];
    let expected = ["DeleteObjectVersion b/k", "BypassGovernanceRetention b/k"];
    assert_eq!(asked("DELETE", "/b/k?versionId=7", &bypassing), expected);
    let attributes = ["GetObjectVersion b/k", "GetObjectVersionAttributes b/k"];
    assert_eq!(asked("GET", "/b/k?attributes&versionId=7", &[]), attributes);
}

#[test]
fn a_copy_reads_its_source() {
    let of = |source| asked("PUT", "/b/k", &[("x-amz-copy-source", source)]);
    assert_eq!(of("/c/a%20b"), ["PutObject b/k", "GetObject c/a b"]);
    assert_eq!(of("c/a?versionId=7"), ["PutObject b/k", "GetObjectVersion c/a"]);
    let part = asked("PUT", "/b/k?partNumber=1&uploadId=x", &[("x-amz-copy-source", "c/a")]);
    assert_eq!(part, ["PutObject b/k", "GetObject c/a"]);
    for source in [
        "c",
        "/c/",
        "c/../d/k",
        "c//k",
        "//c/k",
        "c/k#?versionId=7",
        "c/k#l",
        "c/k+l",
        "c/k?versionId",
        "c/k?versionId=",
        "c/k?versionId=7&a=b",
        "c/k?versionId=7;a",
        "c/k?a=b",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/k",
        "c/%ff",
    ] {
        let headers = [("x-amz-copy-source", source)];
        assert!(at("PUT", "/b/k", &headers, ("h", Buckets::InPath, "")).is_err(), "{source}");
    }
}

#[test]
fn many_deletions_are_one_for_each_key() {
    let body =
        "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>7</VersionId></Object></Delete>";
    let found = at("POST", "/b?delete", &[], ("h", Buckets::InPath, body)).unwrap();
    assert_eq!(found, ["DeleteObject b/a", "DeleteObjectVersion b/b"]);
}

#[test]
fn a_bucket_may_stand_in_the_host() {
    let suffix = || Buckets::InHost(".store.test".to_owned());
    let of = |host, buckets| at("GET", "/k/l", &[], (host, buckets, ""));
    assert_eq!(of("b.c.store.test", suffix()), Ok(vec!["GetObject b.c/k/l".to_owned()]));
    assert_eq!(of("store.test", suffix()), Err(Unmapped::Path));
    let either = ["GetObject k/l", "GetObject b/k/l", "GetObject b.store/k/l"].map(str::to_owned);
    assert_eq!(of("b.store.test", Buckets::Either), Ok(either.to_vec()));
    for address in ["192.0.2.1", "2001:db8::1", "localhost"] {
        assert_eq!(of(address, Buckets::Either), Ok(vec!["GetObject k/l".to_owned()]), "{address}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    assert_eq!(refused("GET", "/b/../c/k"), Unmapped::Path);
    assert_eq!(refused("GET", "/b/%2e%2e/c/k"), Unmapped::Path);
    assert_eq!(refused("GET", "/b/%ff"), Unmapped::Path);
    assert_eq!(refused("GET", "//b/k"), Unmapped::Path);
    assert_eq!(refused("GET", "/b//k"), Unmapped::Path);
    assert_eq!(refused("GET", "/b/k//"), Unmapped::Path);
    assert_eq!(refused("GET", "/b%2Fk"), Unmapped::Path);
    assert_eq!(refused("GET", "/b/k?versionId="), Unmapped::Blank("versionId"));
    assert!(matches!(refused("GET", "/b*/k"), Unmapped::Bucket(_)));
    assert!(matches!(refused("PATCH", "/b/k"), Unmapped::Method { .. }));
    assert!(matches!(refused("GET", "/b/k?policy"), Unmapped::Method { .. }));
    assert!(matches!(refused("GET", "/b?acl&policy"), Unmapped::TwoSelectors(..)));
    assert!(matches!(refused("GET", "/b?secrets"), Unmapped::Parameter(_)));
}

#[test]
fn a_form_of_a_browser_is_refused() {
    let parts = [("content-type", "Multipart/Form-Data; boundary=x")];
    assert!(matches!(refused("POST", "/b"), Unmapped::Method { .. }));
    assert_eq!(at("POST", "/b/k?uploads", &parts, ("h", Buckets::InPath, "")), Err(Unmapped::Parts));
}

#[test]
fn a_header_may_stand_in_the_query_alone_and_only_one_that_asks_for_nothing() {
    let of = |target, headers: &[_]| at("PUT", target, headers, ("h", Buckets::InPath, ""));
    assert!(matches!(of("/b/k?x-amz-copy-source=c%2Fk", &[]), Err(Unmapped::Parameter(_))));
    let hash = [("x-amz-content-sha256", "UNSIGNED-PAYLOAD")];
    let presigned = "/b/k?X-Amz-Signature=0&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD";
    assert_eq!(of(presigned, &[]), Ok(vec!["PutObject b/k".to_owned()]));
    assert_eq!(of(presigned, &hash), Err(Unmapped::Twice("x-amz-content-sha256".to_owned())));
}

#[test]
fn an_order_that_only_some_stores_know_is_refused() {
    for name in ["x-minio-extract", "x-amz-rename-source", "x-amz-meta-snowball-auto-extract"] {
        let refused = at("PUT", "/b/k", &[(name, "1")], ("h", Buckets::InPath, ""));
        assert_eq!(refused, Err(Unmapped::ForeignHeader(name.to_owned())));
    }
}

#[test]
fn a_copy_is_one_whatever_sub_resource_stands_beside_it() {
    let copy = [("x-amz-copy-source", "c/a")];
    for target in ["/b/k?retention", "/b/k?legal-hold", "/b/k?acl", "/b/k?tagging"] {
        let refused = at("PUT", target, &copy, ("h", Buckets::InPath, ""));
        assert_eq!(refused, Err(Unmapped::ForeignHeader("x-amz-copy-source".to_owned())), "{target}");
    }
}

#[test]
fn many_deletions_are_read_in_no_other_encoding() {
    let body = "<Delete><Object><Key>a</Key></Object></Delete>";
    for header in [("content-encoding", "gzip"), ("content-type", "text/xml; charset=utf-7")] {
        assert!(at("POST", "/b?delete", &[header], ("h", Buckets::InPath, body)).is_err(), "{header:?}");
    }
}

#[test]
fn where_a_bucket_may_stand_in_either_no_reading_that_can_t_be_meant_refuses_the_other() {
    let of = |method, host, target| at(method, target, &[], (host, Buckets::Either, ""));
    // No bucket is called so, and an address names none.
    assert_eq!(of("GET", "b.test", "/a%20b/c"), Ok(vec!["GetObject b/a b/c".to_owned()]));
    assert_eq!(of("GET", "192.0.2.1", "/a%20b/c"), Err(Unmapped::Bucket("a b".to_owned())));
    // An object has no policy; a store that overlooks it reads the object.
    assert_eq!(
        of("GET", "b.test", "/c?policy"),
        Ok(vec!["GetBucketPolicy c".into(), "GetObject b/c".into()])
    );
    assert!(matches!(of("PATCH", "b.test", "/c"), Err(Unmapped::Method { .. })));
    let body = "<Delete><Object><Key>a</Key></Object></Delete>";
    let deleted = at("POST", "/?delete", &[], ("b.test", Buckets::Either, body));
    assert_eq!(deleted, Ok(vec!["DeleteObject b/a".to_owned()]));
    let copied = at("PUT", "/k", &[("x-amz-copy-source", "c/a")], ("b.test", Buckets::Either, ""));
    assert_eq!(copied, Ok(vec!["CreateBucket k".into(), "PutObject b/k".into(), "GetObject c/a".into()]));
}

#[test]
fn every_action_on_buckets_and_objects_is_asked_for_by_some_request() {
    // What S3 does by itself, what its control API does under another host, and what a copy of AWS's own does.
    let of_others = [
        "s3:GetObjectVersionForReplication",
        "s3:InitiateReplication",
        "s3:ListTagsForResource",
        "s3:ObjectOwnerOverrideToBucketOwner",
        "s3:PauseReplication",
        "s3:ReplicateDelete",
        "s3:ReplicateObject",
        "s3:ReplicateTags",
        "s3:TagResource",
        "s3:UntagResource",
    ];
    let known = hermetic_iam::services::Service::named("s3").unwrap();
    let of_store = |types: &[&str]| types.iter().any(|it| matches!(*it, "bucket" | "object"));
    for action in known.actions.iter().filter(|action| of_store(&action.types)) {
        let action = format!("s3:{}", action.name);
        let by_header = operation::BY_HEADERS.iter().any(|(_, _, asked)| *asked == action);
        let is_it = |it: &Operation| {
            it.action == action || it.of_version.is_some_and(|of_version| of_version == action)
        };
        assert!((by_header || OPERATIONS.iter().any(is_it)) != of_others.contains(&&*action), "{action}");
    }
}

proptest! {
    #[test]
    fn no_request_panics_and_each_that_is_read_names_a_bucket_it_holds(
        path in "(/|b|%2[eEfF]|\\.|a|%|:|\\*){0,12}",
        query in "(acl|policy|delete|uploads|versionId|=|&|x-|%61){0,6}",
        host in "[a-c.]{0,12}",
    ) {
        let Ok(target) = format!("/{path}?{query}").parse::<Uri>() else { return Ok(()) };
        let headers = HeaderMap::new();
        for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE] {
            let head = Head { method: &method, target: &target, headers: &headers, authority: &host, host: &host };
            for call in head.calls(Service::S3, &home(), &Buckets::Either, b"").into_iter().flatten() {
                let resource = call.resource.shown();
                let rest = resource.strip_prefix("arn:aws:s3:::").unwrap_or_default();
                prop_assert!(!rest.contains("/../") && !rest.starts_with('/'), "{}", resource);
            }
        }
    }
}
