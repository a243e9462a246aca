//! The head of a request, as it came, but for what belongs to the connection alone (RFC 9110 7.6.1): that does not go
//! on, and so must not be judged.

use http::{HeaderMap, Method, Uri, header};

use crate::call::{Call, Unmapped, shown};
use crate::fields::Fields;
use crate::headers;
use crate::home::Home;
use crate::operations;
use crate::s3::{self, Buckets};
use crate::service::Service;
use crate::sigv4;

/// The head of a request.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its target: path and query are what counts.
    pub target: &'a Uri,
    /// Its fields.
    pub headers: &'a HeaderMap,
    /// The host and port that it is for, as they are written.
    pub authority: &'a str,
    /// The host alone, in lower case.
    pub host: &'a str,
}

impl Head<'_> {
    /// Whether what is asked for stands in the body, of which no more than [`Service::longest_body`] is to be read.
    pub fn needs_body(&self, service: Service) -> bool {
        match service {
            Service::S3 => s3::needs_body(self),
            // Some servers read the body of a GET, too.
            _ => true,
        }
    }

    /// What it asks for. `body`: empty where it is not needed.
    pub fn calls(
        &self,
        service: Service,
        home: &Home,
        buckets: &Buckets,
        body: &[u8],
    ) -> Result<Vec<Call>, Unmapped> {
        headers::are_plain(self.headers)?;
        match service {
            Service::S3 => s3::calls(self, home, buckets, body),
            _ => self.by_operation(service, home, body),
        }
    }

    /// Whether it speaks JSON, as far as the refusal of it is concerned.
    pub fn speaks_json(&self) -> bool {
        self.headers.contains_key(TARGET)
    }

    /// By `X-Amz-Target`, or by `Action`: whichever of both counts, one is there alone. Servers go by the type of the
    /// content as well, so it must be that of the one.
    fn by_operation(&self, service: Service, home: &Home, body: &[u8]) -> Result<Vec<Call>, Unmapped> {
        if self.headers.contains_key(header::CONTENT_ENCODING) {
            return Err(Unmapped::Header("content-encoding"));
        }
        let queue = self.queue(service)?;
        let query = self.target.query().unwrap_or_default();
        match self.headers.get(TARGET) {
            Some(target) => {
                let target = target.to_str().map_err(|_| Unmapped::Header(TARGET))?;
                let operation = operation(service, target)?;
                only_signs(&Fields::of_forms([query, ""])?)?;
                if !headers::tell_content(self.headers, &JSON) {
                    return Err(Unmapped::ContentType("application/x-amz-json"));
                }
                operations::calls(service, operation, &Fields::of_json(body)?, queue, home)
            }
            None if service.speaks_query() => {
                let is_told = self.headers.contains_key(header::CONTENT_TYPE) || !body.is_empty();
                if is_told && !headers::tell_content(self.headers, &[FORM]) {
                    return Err(Unmapped::ContentType(FORM));
                }
                let body = std::str::from_utf8(body).map_err(|_| Unmapped::Body("it is no text".into()))?;
                let fields = Fields::of_forms([query, body])?;
                is_unsigned(&fields)?;
                let operation = fields.text("Action")?.ok_or(Unmapped::NoOperation(service))?;
                operations::calls(service, operation, &fields, queue, home)
            }
            None => Err(Unmapped::NoOperation(service)),
        }
    }

    /// The queue that the path names, where one may. Other services have one path, and what speaks for several
    /// services may go by it.
    fn queue(&self, service: Service) -> Result<Option<&str>, Unmapped> {
        match (self.target.path(), service) {
            ("" | "/", _) => Ok(None),
            (path, Service::Sqs) => Ok(Some(path)),
            _ => Err(Unmapped::Path),
        }
    }
}

/// The header that names an operation.
const TARGET: &str = "x-amz-target";

const JSON: [&str; 2] = ["application/x-amz-json-1.0", "application/x-amz-json-1.1"];
const FORM: &str = "application/x-www-form-urlencoded";

/// Of fields beside a body of JSON, those of a signature alone can mean nothing else.
fn only_signs(query: &Fields) -> Result<(), Unmapped> {
    match query.keys().find(|key| !sigv4::IN_QUERY.contains(key)) {
        Some(key) if key.eq_ignore_ascii_case("action") => Err(Unmapped::TwoOperations),
        Some(key) => Err(Unmapped::Parameter(shown(key))),
        None => Ok(()),
    }
}

/// Refuses fields of signatures that nobody verifies here, and those that some servers read as headers.
fn is_unsigned(fields: &Fields) -> Result<(), Unmapped> {
    const SIGNING: [&str; 4] = ["awsaccesskeyid", "signature", "signaturemethod", "signatureversion"];
    for key in fields.keys() {
        if SIGNING.iter().any(|known| key.eq_ignore_ascii_case(known)) {
            return Err(Unmapped::SignedInFields);
        }
        let is_header = key.get(..6).is_some_and(|it| it.eq_ignore_ascii_case("x-amz-"));
        if is_header && !sigv4::IN_QUERY.contains(&key) {
            return Err(Unmapped::Parameter(shown(key)));
        }
    }
    Ok(())
}

fn operation(service: Service, target: &str) -> Result<&str, Unmapped> {
    let unknown = || Unmapped::Operation { operation: shown(target), service };
    let (prefix, operation) = target.split_once('.').ok_or_else(unknown)?;
    if service.targets().contains(&prefix) { Ok(operation) } else { Err(unknown()) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn home() -> Home {
        Home { partition: "aws".to_owned(), region: Some("eu-west-1".to_owned()), account: None }
    }

    /// With these headers; without any but those of targets, the type of the content is the one that belongs.
    fn asked(
        service: Service,
        uri: &str,
        lines: &[(&'static str, &'static str)],
        body: &str,
    ) -> Result<Vec<String>, Unmapped> {
        let (uri, mut headers) = (uri.parse().unwrap(), HeaderMap::new());
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        if !headers.contains_key("content-type") {
            let media_type = if headers.contains_key(TARGET) { JSON[0] } else { FORM };
            headers.insert("content-type", HeaderValue::from_static(media_type));
        }
        let head = Head { method: &Method::POST, target: &uri, headers: &headers, authority: "h", host: "h" };
        let calls = head.calls(service, &home(), &Buckets::InPath, body.as_bytes())?;
        Ok(calls.iter().map(|call| format!("{} {}", call.action, call.resource.shown())).collect())
    }

    const SEND: (&str, &str) = (TARGET, "AmazonSQS.SendMessage");

    #[test]
    fn a_queue_is_named_by_its_url_in_json_in_a_form_or_by_the_path() {
        let expected = Ok(vec!["sqs:SendMessage arn:aws:sqs:eu-west-1:any:q".to_owned()]);
        let json = r#"{"QueueUrl": "http://h:1/111122223333/q", "MessageBody": "m"}"#;
        assert_eq!(asked(Service::Sqs, "/", &[SEND], json), expected);
        let form = "Action=SendMessage&QueueUrl=http%3A%2F%2Fh%2F111122223333%2Fq";
        assert_eq!(asked(Service::Sqs, "/", &[], form), expected);
        assert_eq!(asked(Service::Sqs, "/111122223333/q", &[], "Action=SendMessage"), expected);
        assert_eq!(asked(Service::Sqs, "/q?Action=SendMessage", &[], ""), expected);
    }

    #[test]
    fn a_queue_in_the_path_and_another_in_the_body_are_both_asked_for() {
        let found = asked(Service::Sqs, "/111122223333/secret", &[SEND], r#"{"QueueUrl": "http://h/q"}"#);
        let of = |name: &str| format!("sqs:SendMessage arn:aws:sqs:eu-west-1:any:{name}");
        assert_eq!(found, Ok(vec![of("q"), of("secret")]));
        assert!(asked(Service::Sns, "/secret", &[], "Action=ListTopics").is_err());
    }

    #[test]
    fn two_operations_are_none() {
        let json = r#"{"QueueUrl": "q"}"#;
        let asked = |uri, lines: &[_], body| asked(Service::Sqs, uri, lines, body);
        assert_eq!(asked("/?Action=PurgeQueue", &[SEND], json), Err(Unmapped::TwoOperations));
        assert!(asked("/?Action=PurgeQueue", &[], "Action=SendMessage").is_err());
        assert!(asked("/", &[SEND, (TARGET, "AmazonSQS.PurgeQueue")], json).is_err());
        assert_eq!(asked("/", &[], ""), Err(Unmapped::NoOperation(Service::Sqs)));
    }

    #[test]
    fn an_operation_of_another_service_is_refused() {
        let refused = asked(Service::Kinesis, "/", &[(TARGET, "DynamoDB_20120810.GetItem")], "{}");
        assert!(matches!(refused, Err(Unmapped::Operation { .. })));
    }

    #[test]
    fn a_body_is_read_only_as_what_its_content_type_says() {
        let (json, form) = (r#"{"QueueUrl": "q"}"#, "Action=SendMessage&QueueUrl=q");
        let told = |target: &[_], told, body| {
            asked(Service::Sqs, "/", &[target, &[("content-type", told)]].concat(), body).is_ok()
        };
        assert!(told(&[SEND], "application/x-amz-json-1.1; charset=UTF-8", json));
        assert!(told(&[], "application/x-www-form-urlencoded; charset=utf-8", form));
        for other in [FORM, "application/cbor", "multipart/form-data; boundary=x", "text/plain"] {
            assert!(!told(&[SEND], other, json), "{other}");
        }
        for other in [JSON[0], "application/json", "multipart/form-data; boundary=x"] {
            assert!(!told(&[], other, form), "{other}");
        }
        let twice = [SEND, ("content-type", JSON[0]), ("content-type", FORM)];
        assert_eq!(asked(Service::Sqs, "/", &twice, json), Err(Unmapped::Twice("content-type".to_owned())));
        let cbor = [SEND, ("smithy-protocol", "rpc-v2-cbor")];
        assert!(matches!(asked(Service::Sqs, "/", &cbor, json), Err(Unmapped::ForeignHeader(_))));
    }

    #[test]
    fn what_signs_or_steers_by_fields_is_refused() {
        let asked =
            |query: &str, lines: &[_], body: &str| asked(Service::Sqs, &format!("/{query}"), lines, body);
        let form = "Action=SendMessage&QueueUrl=q";
        for signed in ["&AWSAccessKeyId=a", "&awsaccesskeyid=a", "&Signature=a", "&SignatureVersion=2"] {
            assert_eq!(asked("", &[], &format!("{form}{signed}")), Err(Unmapped::SignedInFields), "{signed}");
        }
        for steered in ["?X-Amz-Target=AmazonSQS.PurgeQueue", "?x-amz-date=1", "?x-amz-signature=1"] {
            assert!(matches!(asked(steered, &[], form), Err(Unmapped::Parameter(_))), "{steered}");
            assert!(asked(steered, &[SEND], r#"{"QueueUrl": "q"}"#).is_err(), "{steered}");
        }
        assert!(asked("?X-Amz-Signature=1", &[SEND], r#"{"QueueUrl": "q"}"#).is_ok());
    }
}
