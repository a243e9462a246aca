//! Any request to S3 or another service is mapped to actions on resources or refused, and no signature of chance is
//! believed. The first line is the method and the target, the next ones are headers, and behind an empty line comes
//! the body.

#![no_main]

use std::sync::Arc;

use hermetic_iam::Document;
use hermetic_permit::{Buckets, Callers, Enforcement, Head, PolicyDocument, Refused, Service, Stated, Way};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use libfuzzer_sys::fuzz_target;

const CALLER: &str = "[[caller]]\nprincipal = \"arn:aws:iam::111122223333:user/ana\"\naccess_key_id = \"AKID\"\n\
                      secret_access_key = \"that no input holds\"\n";

fuzz_target!(|data: &[u8]| {
    let Some((&first, data)) = data.split_first() else { return };
    let at = data.windows(2).position(|two| two == b"\n\n").unwrap_or(data.len());
    let (head, body) = (&data[..at], data.get(at + 2..).unwrap_or_default());
    let mut lines = head.split(|&byte| byte == b'\n');
    let line = lines.next().unwrap_or_default();
    let at = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
    let Ok(method) = Method::from_bytes(&line[..at]) else { return };
    let target = Uri::try_from(line.get(at + 1..).unwrap_or_default()).unwrap_or_default();
    let headers: HeaderMap = lines.filter_map(header).collect();
    let head = Head {
        method: &method,
        target: &target,
        headers: &headers,
        authority: "b.store.test",
        host: "b.store.test",
    };

    let service = Service::ALL[usize::from(first) % Service::ALL.len()];
    let text = format!(
        r#"{{"Statement": {{"Effect": "Deny", "Principal": "*", "Action": "{service}:*", "Resource": "*",
            "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}}}"#
    );
    let document = PolicyDocument {
        name: "p".to_owned(),
        document: Document::read(&text).unwrap(),
        stated: Stated::default(),
    };
    let callers = Callers::read(CALLER, &|text| Ok(text.to_owned())).unwrap();
    let enforcement =
        Enforcement::of(&[Arc::new(document)], Buckets::Either, Some(Arc::new(callers))).unwrap().unwrap();
    let from = "192.0.2.1".to_owned();
    let way = |secure| Way { secure, tls: None, from: from.parse().unwrap(), written_from: from.clone() };
    let now = "2026-11-30T09:00:00Z".parse().unwrap();
    let body = head.needs_body(service).then_some(body);
    let sealed = enforcement.judge(&head, body, &way(true), None, now);
    let clear = enforcement.judge(&head, body, &way(false), None, now);
    match (sealed, clear) {
        // What passes asks for something, by nobody's name, and is denied in cleartext.
        (Ok(passed), Err(Refused::Denied(_))) => {
            assert!(!passed.calls.is_empty() && passed.caller == hermetic_iam::request::Caller::Anonymous);
        }
        (Err(sealed), Err(clear)) => assert_eq!(sealed, clear),
        (sealed, clear) => panic!("{sealed:?} {clear:?}"),
    }
});

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let at = line.iter().position(|&byte| byte == b':')?;
    Some((HeaderName::from_bytes(&line[..at]).ok()?, HeaderValue::from_bytes(&line[at + 1..]).ok()?))
}
