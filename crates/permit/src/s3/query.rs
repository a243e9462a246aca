//! The query of a request: which sub-resource it asks for, and of which version.

use std::collections::HashSet;

use super::operation::OPERATIONS;
use crate::call::{Unmapped, shown};
use crate::text::percent_decoded;

/// What of a query counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// The sub-resource.
    pub selector: Option<&'static str>,
    /// The version of the object.
    pub version: Option<String>,
}

/// Parameters that choose no operation. What is on neither list may be a sub-resource of the store's own, so it is
/// refused.
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
    "versionId",
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
];

impl Query {
    /// Reads a query.
    pub fn read(text: &str) -> Result<Self, Unmapped> {
        let (mut query, mut names) = (Self::default(), HashSet::new());
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decoded(name).ok_or(Unmapped::Path)?;
            query.take(&name, value)?;
            if !names.insert(name.clone()) {
                return Err(Unmapped::Twice(shown(&name)));
            }
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Unmapped> {
        let selector = OPERATIONS.iter().map(|it| it.selector).find(|it| *it == name && !it.is_empty());
        if let Some(selector) = selector {
            return match self.selector.replace(selector) {
                None => Ok(()),
                Some(before) => Err(Unmapped::TwoSelectors(before, selector)),
            };
        }
        if name == "versionId" {
            let version = percent_decoded(value).ok_or(Unmapped::Path)?;
            self.version = Some(version);
            return Ok(());
        }
        // `x-id` names the operation for people; S3 leaves all of `x-` to whoever writes it.
        let is_left = name.get(..2).is_some_and(|beginning| beginning.eq_ignore_ascii_case("x-"));
        match is_left || PARAMETERS.contains(&name) {
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
}
