//! The head of a request, as it came: before anything in it is changed for the way on.

use http::{HeaderMap, Method, Uri};

use crate::call::{Call, Unmapped, shown};
use crate::fields::Fields;
use crate::home::Home;
use crate::operations;
use crate::s3::{self, Buckets};
use crate::service::Service;

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

/// The most bytes of a body that is read: DynamoDB takes no more.
pub const LONGEST_BODY: usize = 16 * 1024 * 1024;

impl Head<'_> {
    /// Whether what is asked for stands in the body, of which no more than [`LONGEST_BODY`] is to be read.
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
        match service {
            Service::S3 => s3::calls(self, home, buckets, body),
            _ => self.by_operation(service, home, body),
        }
    }

    /// Whether it speaks JSON, as far as the refusal of it is concerned.
    pub fn speaks_json(&self) -> bool {
        self.headers.contains_key(TARGET)
    }

    /// By `X-Amz-Target`, or by `Action`: whichever of both counts, one is there alone.
    fn by_operation(&self, service: Service, home: &Home, body: &[u8]) -> Result<Vec<Call>, Unmapped> {
        if self.headers.contains_key(http::header::CONTENT_ENCODING) {
            return Err(Unmapped::Header("content-encoding"));
        }
        let query = Fields::of_form(self.target.query().unwrap_or_default())?;
        let mut targets = self.headers.get_all(TARGET).iter();
        match (targets.next(), targets.next()) {
            (Some(_), Some(_)) => Err(Unmapped::Twice(TARGET.to_owned())),
            (Some(target), None) => {
                let target = target.to_str().map_err(|_| Unmapped::Header(TARGET))?;
                let operation = operation(service, target)?;
                if query.keys().any(|key| key.eq_ignore_ascii_case("action")) {
                    return Err(Unmapped::TwoOperations);
                }
                let fields = Fields::of_json(body)?;
                operations::calls(service, operation, &self.with_path(service, fields), home)
            }
            (None, _) if service.speaks_query() => {
                let body = std::str::from_utf8(body).map_err(|_| Unmapped::Body("it is no text".into()))?;
                let fields = query.and(Fields::of_form(body)?)?;
                let operation = fields.text("Action")?.ok_or(Unmapped::NoOperation(service))?;
                operations::calls(service, operation, &self.with_path(service, fields.clone()), home)
            }
            (None, _) => Err(Unmapped::NoOperation(service)),
        }
    }

    /// With the queue that the path names, where no field does.
    fn with_path(&self, service: Service, fields: Fields) -> Fields {
        let path = self.target.path();
        match service {
            Service::Sqs if path.len() > 1 => fields.or("QueueUrl", path),
            _ => fields,
        }
    }
}

/// The header that names an operation.
const TARGET: &str = "x-amz-target";

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

    fn asked(
        service: Service,
        uri: &str,
        targets: &[&'static str],
        body: &str,
    ) -> Result<Vec<String>, Unmapped> {
        let (uri, mut headers) = (uri.parse().unwrap(), HeaderMap::new());
        for target in targets {
            headers.append(TARGET, HeaderValue::from_static(target));
        }
        let head = Head { method: &Method::POST, target: &uri, headers: &headers, authority: "h", host: "h" };
        let calls = head.calls(service, &home(), &Buckets::InPath, body.as_bytes())?;
        Ok(calls.iter().map(|call| format!("{} {}", call.action, call.resource.shown())).collect())
    }

    #[test]
    fn a_queue_is_named_by_its_url_in_json_in_a_form_or_by_the_path() {
        let expected = Ok(vec!["sqs:SendMessage arn:aws:sqs:eu-west-1:any:q".to_owned()]);
        let json = r#"{"QueueUrl": "http://h:1/111122223333/q", "MessageBody": "m"}"#;
        assert_eq!(asked(Service::Sqs, "/", &["AmazonSQS.SendMessage"], json), expected);
        let form = "Action=SendMessage&QueueUrl=http%3A%2F%2Fh%2F111122223333%2Fq";
        assert_eq!(asked(Service::Sqs, "/", &[], form), expected);
        assert_eq!(asked(Service::Sqs, "/111122223333/q", &[], "Action=SendMessage"), expected);
        assert_eq!(asked(Service::Sqs, "/q?Action=SendMessage", &[], ""), expected);
    }

    #[test]
    fn two_operations_are_none() {
        let json = r#"{"QueueUrl": "q"}"#;
        let asked = |uri, targets: &[&'static str], body| asked(Service::Sqs, uri, targets, body);
        assert!(asked("/?Action=PurgeQueue", &["AmazonSQS.SendMessage"], json).is_err());
        assert!(asked("/?Action=PurgeQueue", &[], "Action=SendMessage").is_err());
        assert!(asked("/", &["AmazonSQS.SendMessage", "AmazonSQS.PurgeQueue"], json).is_err());
        assert_eq!(asked("/", &[], ""), Err(Unmapped::NoOperation(Service::Sqs)));
    }

    #[test]
    fn an_operation_of_another_service_is_refused() {
        let refused = asked(Service::Kinesis, "/", &["DynamoDB_20120810.GetItem"], "{}");
        assert!(matches!(refused, Err(Unmapped::Operation { .. })));
    }
}
