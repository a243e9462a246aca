//! The page of the book about requests: what each asks for; made from the tables.

use std::fmt::Write;

use crate::facts::{KEYS, Key};
use crate::operations::Operation;
use crate::s3::{self, BY_HEADERS};
use crate::service::Service;

const OPENING: &str = "\
<!-- Generated from the tables of crates/permit; don't edit. UPDATE_DOCS=1 cargo test -p hermetic-permit -->

# Requests and actions

What a request asks for where a `policy_document` stands on its way. A request that is on none of these lists is refused, since what is behind may understand it; the log says why.

So is a request that servers read differently: with a header twice of which one counts (`Authorization`, `Content-Type`, `User-Agent`, `Referer` or any `x-amz-`), one with `_` in its name (`x-amz-meta-` apart), one that puts another method or path in the place of its own (`X-HTTP-Method-Override`, `X-Original-URL` and their kin), or a `;` between its parameters.

A request may ask for several actions, or for one on several resources; each must be let pass. *Not said* means that a request does not say its resource, or says it by a handle that only the service can open: it may be about whatever a Deny names, and is denied where any resource would be.

Names become ARNs in the region and account of the policy document (or as `policy_document` states them); an ARN of another region or account is refused.

## Condition keys

A Deny that depends on a key which is not on this list is refused when the configuration is read.

| key | value |
|---|---|
";

const S3: &str = "
## S3

A path or key with `.`, `..` or an empty step in it, two sub-resources, an unknown parameter, an unknown `x-amz-` header or one of another store's (`x-minio-`, `x-goog-` and so on), metadata that makes stores unpack archives, a `versionId` or `uploadId` that says nothing, and forms of browsers (a `POST` in parts) are refused. Of headers in the query, which S3 honours, those of a presigned signature, of checksums, of metadata and of the payload's hash may stand there; any other is refused. Where the route's `host` is exact, the bucket stands first in the path; where it is `*.store.example`, the bucket stands in the host; without `host`, each way to read it counts, save that a name which can be no bucket's is none.

| method | on | sub-resource | action | where a version is named |
|---|---|---|---|---|
";

const OTHERS: &str = "
## Operations by name

The services below name their operations: by `X-Amz-Target` with JSON, whose `Content-Type` must be `application/x-amz-json-1.0` or `-1.1`; SQS and SNS also by `Action` in the query or a form, whose `Content-Type` must be `application/x-www-form-urlencoded`. CBOR, other encodings than UTF-8, a path (but for that of a queue), fields whose names differ from the service's own in case alone, and signatures of older versions in fields are refused.

| service | longest body, in KiB |
|---|---|
";

/// The reference page, in Markdown.
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    // A string takes whatever is written to it.
    for (name, key) in KEYS {
        let _ = writeln!(page, "| `{}` | {} |", written(name), value(*key));
    }
    page.push_str(S3);
    for operation in s3::OPERATIONS {
        let of_version = operation.of_version.map_or_else(String::new, |it| format!("`{it}`"));
        let selector = match operation.selector {
            "" => String::new(),
            selector => format!("`?{selector}`"),
        };
        let (method, on, action) = (operation.method, operation.on.told(), operation.action);
        let _ = writeln!(page, "| {method} | {on} | {selector} | `{action}` | {of_version} |");
    }
    page.push_str(
        "\nAttributes ask for `s3:GetObject` too. A copy (`x-amz-copy-source`) asks for `s3:GetObject` on its \
         source, or for `s3:GetObjectVersion`; many deletions at once, up to 1,000, ask \
         for each of their keys. Headers ask for more:\n\n| action | header | asks for |\n|---|---|---|\n",
    );
    for (of, header, beside) in BY_HEADERS {
        let _ = writeln!(page, "| `{of}` | `{header}` | `{beside}` |");
    }
    page.push_str(OTHERS);
    for service in Service::ALL {
        let _ = writeln!(page, "| {service} | {} |", service.longest_body() / 1024);
    }
    for service in Service::ALL.into_iter().filter(|service| *service != Service::S3) {
        let _ = writeln!(page, "\n## {service}\n\n| operation | action | resource |\n|---|---|---|");
        for Operation { name, action, on } in Operation::of(service) {
            let _ = writeln!(page, "| {name} | `{action}` | {} |", on.told());
        }
        if service == Service::Kinesis {
            page.push_str("\nBeside a `ShardIterator`, a `NextToken` or a `StreamId`, which may be another stream's, not said.\n");
        }
        if service == Service::DynamoDb {
            page.push_str(
                "\nA statement of PartiQL (`ExecuteStatement`, `BatchExecuteStatement`, `ExecuteTransaction`) asks \
                 for the action that its first word says; its table counts as not said.\n",
            );
        }
    }
    page
}

/// A key as AWS writes it.
fn written(name: &str) -> String {
    hermetic_iam::document::Key::read(name).map_or_else(|_| name.to_owned(), |key| key.to_string())
}

fn value(key: Key) -> String {
    match key {
        Key::SecureTransport => "whether all of the way that is known was encrypted".to_owned(),
        Key::TlsVersion => {
            "the lowest version of TLS on that way, for S3; absent where it was not TLS".to_owned()
        }
        Key::SourceIp => "the client's address, as the first hop that is believed tells it".to_owned(),
        Key::Now => "the gateway's clock".to_owned(),
        Key::PrincipalArn => "the caller's ARN; of a session, its role's".to_owned(),
        Key::PrincipalAccount => "the caller's account".to_owned(),
        Key::PrincipalType => "what the caller is: `User`, `AssumedRole`, `Account`, `Anonymous`".to_owned(),
        Key::Username => "the caller's user name".to_owned(),
        Key::Never => "`false`: no service of AWS's comes here".to_owned(),
        Key::Absent => "absent from all requests that come here".to_owned(),
        Key::Header(name) => format!("the header `{name}`"),
        Key::Parameter(name) => format!("the parameter `{name}`"),
        Key::Payload => {
            "the header `x-amz-content-sha256`, or the parameter; `UNSIGNED-PAYLOAD` of what is presigned without"
                .to_owned()
        }
        Key::AuthType => {
            "`REST-HEADER` or `REST-QUERY-STRING`, where the signature was verified: needs `credentials`".to_owned()
        }
        Key::SignatureVersion => "`AWS4-HMAC-SHA256`, where that was verified: needs `credentials`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::reference;

    /// `UPDATE_DOCS=1` writes the page anew.
    #[test]
    fn the_page_of_the_book_is_what_the_tables_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src/reference/requests-and-actions.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == reference(), "stale; run: UPDATE_DOCS=1 cargo test -p hermetic-permit");
    }
}
