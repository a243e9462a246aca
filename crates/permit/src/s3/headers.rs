//! The headers of S3's own: what is on none of these lists may be an order to the store that asks for more than the
//! request seems to, so it is refused.

use http::{HeaderMap, HeaderValue};

use crate::call::Unmapped;

/// Those of the API Reference, and of what SDKs and CloudFront add, behind `x-amz-`.
const KNOWN: [&str; 62] = [
    "acl",
    "bucket-namespace",
    "bucket-object-lock-enabled",
    "bucket-object-lock-token",
    "bypass-governance-retention",
    "cf-id",
    "client-token",
    "confirm-remove-self-bucket-access",
    "content-sha256",
    "copy-source",
    "copy-source-if-match",
    "copy-source-if-modified-since",
    "copy-source-if-none-match",
    "copy-source-if-unmodified-since",
    "copy-source-range",
    "copy-source-server-side-encryption-customer-algorithm",
    "copy-source-server-side-encryption-customer-key",
    "copy-source-server-side-encryption-customer-key-md5",
    "date",
    "decoded-content-length",
    "expected-bucket-owner",
    "grant-full-control",
    "grant-read",
    "grant-read-acp",
    "grant-write",
    "grant-write-acp",
    "if-match-initiated-time",
    "if-match-last-modified-time",
    "if-match-size",
    "max-parts",
    "metadata-directive",
    "mfa",
    "mp-object-size",
    "object-attributes",
    "object-if-match",
    "object-lock-legal-hold",
    "object-lock-mode",
    "object-lock-retain-until-date",
    "object-ownership",
    "optional-object-attributes",
    "part-number-marker",
    "request-payer",
    "sdk-checksum-algorithm",
    "security-token",
    "server-side-encryption",
    "server-side-encryption-aws-kms-key-id",
    "server-side-encryption-bucket-key-enabled",
    "server-side-encryption-context",
    "server-side-encryption-customer-algorithm",
    "server-side-encryption-customer-key",
    "server-side-encryption-customer-key-md5",
    "skip-destination-validation",
    "source-expected-bucket-owner",
    "storage-class",
    "tagging",
    "tagging-directive",
    "te",
    "trailer",
    "transition-default-minimum-object-size",
    "user-agent",
    "website-redirect-location",
    "write-offset-bytes",
];

/// Metadata that stores take for an order: archives that they unpack, and write what is in them.
const ORDERS: [&str; 2] = ["x-amz-meta-snowball-", "x-amz-meta-minio-"];

/// How stores begin headers of their own: MinIO, RustFS, Ceph, ECS, and those of Google, Alibaba, Tencent, Huawei and
/// Backblaze, some of which copy an object or set an access list.
const OF_STORES: [&str; 9] =
    ["x-minio-", "x-rustfs-", "x-rgw-", "x-emc-", "x-goog-", "x-oss-", "x-cos-", "x-obs-", "x-bz-"];

/// The header that says which come behind the body.
const TRAILER: &str = "x-amz-trailer";

/// Refuses a header by which a store may do what is not known here.
pub(super) fn are_known(headers: &HeaderMap) -> Result<(), Unmapped> {
    let is_checksum = |name: &[u8]| name.trim_ascii().starts_with(b"x-amz-checksum-");
    let only_sums = |told: &HeaderValue| told.as_bytes().split(|byte| *byte == b',').all(is_checksum);
    match headers.keys().map(http::HeaderName::as_str).find(|name| !is_known(name)) {
        Some(name) => Err(Unmapped::ForeignHeader(name.to_owned())),
        None if headers.get(TRAILER).is_some_and(|told| !only_sums(told)) => {
            Err(Unmapped::ForeignHeader(TRAILER.to_owned()))
        }
        None => Ok(()),
    }
}

/// Whether a store does nothing by this header that is not known here.
pub(super) fn is_known(name: &str) -> bool {
    let begins = |known: &&str| name.starts_with(known);
    match name.strip_prefix("x-amz-") {
        None => !OF_STORES.iter().any(begins),
        Some(rest) if rest.starts_with("meta-") => !ORDERS.iter().any(begins),
        Some(rest) => rest.starts_with("checksum-") || KNOWN.contains(&rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_a_store_that_are_not_known_are_refused() {
        for name in [
            "x-minio-extract",
            "x-goog-copy-source",
            "x-amz-rename-source",
            "x-amz-meta-snowball-auto-extract",
            "x-amz-meta-minio-snowball-prefix",
        ] {
            assert!(!is_known(name), "{name}");
        }
        for name in
            ["x-amz-meta-author", "x-amz-checksum-crc64nvme", "x-amz-copy-source", "range", "x-request-id"]
        {
            assert!(is_known(name), "{name}");
        }
    }

    #[test]
    fn nothing_but_checksums_may_come_behind_the_body() {
        let told = |names: &'static str| {
            are_known(&HeaderMap::from_iter([(TRAILER.parse().unwrap(), HeaderValue::from_static(names))]))
        };
        assert_eq!(told("x-amz-checksum-crc32"), Ok(()));
        assert!(told("x-amz-checksum-crc32, x-amz-acl").is_err());
    }

    #[test]
    fn every_header_that_counts_is_known() {
        for (_, name, _) in super::super::BY_HEADERS {
            assert!(is_known(name), "{name}");
        }
    }
}
