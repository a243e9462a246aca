//! The query of a request: which sub-resource it asks for, and of which version.

use std::collections::HashSet;

use super::headers;
use super::operation::OPERATIONS;
use crate::call::{Unmapped, shown};
use crate::sigv4;
use crate::text::percent_decoded;

/// What of a query counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// The sub-resource.
    pub selector: Option<&'static str>,
    /// Whether it names a version of the object.
    pub of_version: bool,
    /// What it says in the place of a header, by names in lower case.
    pub headers: Vec<String>,
}

/// Parameters that choose no operation. What is on no list may be a sub-resource of the store's own, so it is refused.
/// `x-id` names the operation for people.
const PARAMETERS: [&str; 30] = [
    "list-type",
    "prefix",
    "delimiter",
    "marker",
    "max-keys",
    "continuation-token",
    "start-after",
    "fetch-owner",
    "encoding-type",
    "key-marker",
    "version-id-marker",
    "upload-id-marker",
    "max-uploads",
    "max-parts",
    "part-number-marker",
    "partNumber",
    "max-buckets",
    "bucket-region",
    "id",
    "select-type",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "AWSAccessKeyId",
    "Signature",
    "Expires",
    "x-id",
];

/// Headers that presigned requests say in their query, where S3 honours any of its headers, and that ask for nothing.
const HARMLESS: [&str; 10] = [
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-mode",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-content-sha256",
    "x-amz-sdk-checksum-algorithm",
    // That of version 2 of signatures is in lower case.
    "x-amz-security-token",
    "x-amz-user-agent",
];

/// Sub-resources that are one by what they say: where that is nothing, a store may overlook them.
const SAYING: [&str; 1] = ["uploadId"];

impl Query {
    /// Reads a query.
    pub fn read(text: &str) -> Result<Self, Unmapped> {
        let (mut query, mut names) = (Self::default(), HashSet::new());
        // It was a separator once (HTML 4.01, B.2.2), and is to some readers still.
        if text.contains(';') {
            return Err(Unmapped::Form);
        }
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decoded(name).ok_or(Unmapped::Form)?;
            if value.contains('%') && percent_decoded(value).is_none() {
                return Err(Unmapped::Form);
            }
            query.take(&name, value)?;
            if !names.insert(name.to_ascii_lowercase()) {
                return Err(Unmapped::Twice(shown(&name)));
            }
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Unmapped> {
        let selector = OPERATIONS.iter().map(|it| it.selector).find(|it| *it == name && !it.is_empty());
        if let Some(selector) = selector {
            if value.is_empty() && SAYING.contains(&selector) {
                return Err(Unmapped::Blank(selector));
            }
            return match self.selector.replace(selector) {
                None => Ok(()),
                Some(before) => Err(Unmapped::TwoSelectors(before, selector)),
            };
        }
        if name == "versionId" {
            self.of_version = true;
            return if value.is_empty() { Err(Unmapped::Blank("versionId")) } else { Ok(()) };
        }
        let header = name.to_ascii_lowercase();
        let is_metadata = header.starts_with("x-amz-meta-") && headers::is_known(&header);
        if is_metadata || sigv4::IN_QUERY.contains(&name) || HARMLESS.contains(&&*header) {
            self.headers.push(header);
            return Ok(());
        }
        match PARAMETERS.contains(&name) {
            true => Ok(()),
            false => Err(Unmapped::Parameter(shown(name))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_resource_is_known_however_it_is_encoded() {
        assert_eq!(Query::read("%61cl&x-id=GetObjectAcl").unwrap().selector, Some("acl"));
        assert_eq!(Query::read("acl=").unwrap().selector, Some("acl"));
        assert_eq!(Query::read("list-type=2&prefix=acl").unwrap().selector, None);
    }

    #[test]
    fn two_sub_resources_and_unknown_parameters_are_refused() {
        assert_eq!(Query::read("acl&policy"), Err(Unmapped::TwoSelectors("acl", "policy")));
        assert!(Query::read("acl&acl").is_err());
        assert_eq!(Query::read("ACL"), Err(Unmapped::Parameter("ACL".to_owned())));
        assert!(Query::read("versionId=1&versionId=2").is_err());
    }

    #[test]
    fn headers_in_the_query_are_those_of_signatures_and_such_as_ask_for_nothing() {
        let presigned = "X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Date=c&X-Amz-Expires=1&X-Amz-SignedHeaders=host\
                         &X-Amz-Signature=d&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&x-amz-checksum-mode=ENABLED\
                         &x-amz-meta-by=ana";
        assert_eq!(Query::read(presigned).unwrap().headers.len(), 9);
        for name in [
            "x-amz-acl",
            "x-amz-meta-snowball-auto-extract",
            "X-Amz-Copy-Source",
            "x%2Damz-tagging",
            "x-amz-signature",
            "X-AMZ-CREDENTIAL",
            "x-goog-signature",
            "x-minio-extract",
            "x-anything",
            "awsaccesskeyid",
        ] {
            assert!(matches!(Query::read(&format!("{name}=1")), Err(Unmapped::Parameter(_))), "{name}");
        }
        assert!(Query::read("x-amz-checksum-mode=a&X-Amz-Checksum-Mode=b").is_err());
    }

    #[test]
    fn what_names_a_version_or_an_upload_names_one() {
        for blank in ["versionId", "versionId=", "uploadId", "partNumber=1&uploadId="] {
            assert!(matches!(Query::read(blank), Err(Unmapped::Blank(_))), "{blank}");
        }
    }

    #[test]
    fn what_readers_take_apart_differently_is_refused() {
        for text in ["prefix=a;acl", "prefix=%ff", "prefix=%2"] {
            assert_eq!(Query::read(text), Err(Unmapped::Form), "{text}");
        }
    }
}
