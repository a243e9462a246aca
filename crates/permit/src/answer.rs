//! Answers: how each service refuses, so that its clients understand. What decided is in the log, not in these.

use crate::enforcement::Refused;
use crate::head::Head;
use crate::service::Service;
use crate::sigv4::Unproven;

/// A refusal as its service writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type.
    pub content_type: &'static str,
    /// The code of the error, as clients know it.
    pub code: &'static str,
    /// The body.
    pub body: String,
}

/// The code of a refusal: for S3, for JSON, for a query.
type Codes = (u16, [&'static str; 3], &'static str);

impl Answer {
    /// The refusal of a request. `id` is told to the client, and is in the log.
    pub fn to(head: &Head<'_>, service: Service, refused: &Refused, id: &str) -> Self {
        let (status, [of_s3, of_json, of_query], message) = codes(refused);
        if service == Service::S3 {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{of_s3}</Code><Message>{message}</Message>\
                 <RequestId>{id}</RequestId></Error>"
            );
            return Self { status, content_type: "application/xml", code: of_s3, body };
        }
        if head.speaks_json() || !service.speaks_query() {
            // Both spellings: which one the members of errors have, differs among the services.
            let body =
                format!("{{\"__type\":\"{of_json}\",\"message\":\"{message}\",\"Message\":\"{message}\"}}");
            return Self { status, content_type: json(service), code: of_json, body };
        }
        let space = match service {
            Service::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
            _ => "http://queue.amazonaws.com/doc/2012-11-05/",
        };
        let body = format!(
            "<ErrorResponse xmlns=\"{space}\"><Error><Type>Sender</Type><Code>{of_query}</Code>\
             <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
        );
        Self { status, content_type: "text/xml", code: of_query, body }
    }
}

fn json(service: Service) -> &'static str {
    match service {
        Service::Sqs | Service::DynamoDb => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    }
}

fn codes(refused: &Refused) -> Codes {
    const DENIED: Codes = (403, ["AccessDenied", "AccessDeniedException", "AccessDenied"], "Access Denied");
    match refused {
        Refused::Denied(_) | Refused::Unmapped(_) => DENIED,
        Refused::Unproven(unproven) => match unproven {
            Unproven::UnknownKey => (
                403,
                ["InvalidAccessKeyId", "UnrecognizedClientException", "InvalidClientTokenId"],
                "The access key is not known.",
            ),
            Unproven::Mismatch => (
                403,
                ["SignatureDoesNotMatch", "InvalidSignatureException", "SignatureDoesNotMatch"],
                "The signature is not that of the request.",
            ),
            Unproven::Skewed => (
                403,
                ["RequestTimeTooSkewed", "InvalidSignatureException", "RequestExpired"],
                "The time of the request and that of the server differ too much.",
            ),
            Unproven::Token => (
                400,
                ["InvalidToken", "UnrecognizedClientException", "InvalidClientTokenId"],
                "The session token is not that of the access key.",
            ),
            Unproven::Payload => (
                400,
                ["XAmzContentSHA256Mismatch", "InvalidSignatureException", "SignatureDoesNotMatch"],
                "The body is not the one that was signed.",
            ),
            Unproven::Malformed(_) => (
                400,
                ["AuthorizationHeaderMalformed", "IncompleteSignatureException", "IncompleteSignature"],
                "The signature can not be read.",
            ),
            Unproven::Expired | Unproven::Kind => DENIED,
        },
    }
}
