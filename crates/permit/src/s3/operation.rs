//! The operations of S3, from the API Reference and the page "Required permissions for Amazon S3 API operations" of its
//! user guide: which method on what, with which sub-resource, asks for which action.

use http::{HeaderMap, Method};

use On::{Bucket, Object, Service};

/// What a method acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// All buckets.
    Service,
    /// A bucket.
    Bucket,
    /// An object.
    Object,
}

/// An operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The method.
    pub method: &'static str,
    /// What it acts on.
    pub on: On,
    /// The sub-resource; empty where it is the thing itself.
    pub selector: &'static str,
    /// The action that it asks for.
    pub action: &'static str,
    /// The action in its place where a version is named.
    pub of_version: Option<&'static str>,
}

const fn plain(method: &'static str, on: On, selector: &'static str, action: &'static str) -> Operation {
    Operation { method, on, selector, action, of_version: None }
}

const fn versioned(
    method: &'static str,
    on: On,
    selector: &'static str,
    action: &'static str,
    of_version: &'static str,
) -> Operation {
    Operation { method, on, selector, action, of_version: Some(of_version) }
}

/// All of them.
pub const OPERATIONS: &[Operation] = &[
    plain("GET", Service, "", "s3:ListAllMyBuckets"),
    plain("HEAD", Service, "", "s3:ListAllMyBuckets"),
    plain("GET", Bucket, "", "s3:ListBucket"),
    plain("HEAD", Bucket, "", "s3:ListBucket"),
    plain("PUT", Bucket, "", "s3:CreateBucket"),
    plain("DELETE", Bucket, "", "s3:DeleteBucket"),
    plain("POST", Bucket, "delete", "s3:DeleteObject"),
    plain("OPTIONS", Bucket, "", "s3:GetBucketCORS"),
    plain("OPTIONS", Object, "", "s3:GetBucketCORS"),
    plain("GET", Bucket, "versions", "s3:ListBucketVersions"),
    plain("HEAD", Bucket, "versions", "s3:ListBucketVersions"),
    plain("GET", Bucket, "uploads", "s3:ListBucketMultipartUploads"),
    plain("GET", Bucket, "location", "s3:GetBucketLocation"),
    plain("GET", Bucket, "policyStatus", "s3:GetBucketPolicyStatus"),
    plain("GET", Bucket, "accelerate", "s3:GetAccelerateConfiguration"),
    plain("PUT", Bucket, "accelerate", "s3:PutAccelerateConfiguration"),
    plain("GET", Bucket, "acl", "s3:GetBucketAcl"),
    plain("PUT", Bucket, "acl", "s3:PutBucketAcl"),
    plain("GET", Bucket, "abac", "s3:GetBucketAbac"),
    plain("PUT", Bucket, "abac", "s3:PutBucketAbac"),
    plain("GET", Bucket, "analytics", "s3:GetAnalyticsConfiguration"),
    plain("PUT", Bucket, "analytics", "s3:PutAnalyticsConfiguration"),
    plain("DELETE", Bucket, "analytics", "s3:PutAnalyticsConfiguration"),
    plain("GET", Bucket, "cors", "s3:GetBucketCORS"),
    plain("PUT", Bucket, "cors", "s3:PutBucketCORS"),
    plain("DELETE", Bucket, "cors", "s3:PutBucketCORS"),
    plain("GET", Bucket, "encryption", "s3:GetEncryptionConfiguration"),
    plain("PUT", Bucket, "encryption", "s3:PutEncryptionConfiguration"),
    plain("DELETE", Bucket, "encryption", "s3:PutEncryptionConfiguration"),
    plain("GET", Bucket, "intelligent-tiering", "s3:GetIntelligentTieringConfiguration"),
    plain("PUT", Bucket, "intelligent-tiering", "s3:PutIntelligentTieringConfiguration"),
    plain("DELETE", Bucket, "intelligent-tiering", "s3:PutIntelligentTieringConfiguration"),
    plain("GET", Bucket, "inventory", "s3:GetInventoryConfiguration"),
    plain("PUT", Bucket, "inventory", "s3:PutInventoryConfiguration"),
    plain("DELETE", Bucket, "inventory", "s3:PutInventoryConfiguration"),
    plain("GET", Bucket, "lifecycle", "s3:GetLifecycleConfiguration"),
    plain("PUT", Bucket, "lifecycle", "s3:PutLifecycleConfiguration"),
    plain("DELETE", Bucket, "lifecycle", "s3:PutLifecycleConfiguration"),
    plain("GET", Bucket, "logging", "s3:GetBucketLogging"),
    plain("PUT", Bucket, "logging", "s3:PutBucketLogging"),
    plain("GET", Bucket, "metrics", "s3:GetMetricsConfiguration"),
    plain("PUT", Bucket, "metrics", "s3:PutMetricsConfiguration"),
    plain("DELETE", Bucket, "metrics", "s3:PutMetricsConfiguration"),
    plain("GET", Bucket, "notification", "s3:GetBucketNotification"),
    plain("PUT", Bucket, "notification", "s3:PutBucketNotification"),
    plain("GET", Bucket, "object-lock", "s3:GetBucketObjectLockConfiguration"),
    plain("PUT", Bucket, "object-lock", "s3:PutBucketObjectLockConfiguration"),
    plain("GET", Bucket, "ownershipControls", "s3:GetBucketOwnershipControls"),
    plain("PUT", Bucket, "ownershipControls", "s3:PutBucketOwnershipControls"),
    plain("DELETE", Bucket, "ownershipControls", "s3:PutBucketOwnershipControls"),
    plain("GET", Bucket, "policy", "s3:GetBucketPolicy"),
    plain("PUT", Bucket, "policy", "s3:PutBucketPolicy"),
    plain("DELETE", Bucket, "policy", "s3:DeleteBucketPolicy"),
    plain("GET", Bucket, "publicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    plain("PUT", Bucket, "publicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    plain("DELETE", Bucket, "publicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    plain("GET", Bucket, "replication", "s3:GetReplicationConfiguration"),
    plain("PUT", Bucket, "replication", "s3:PutReplicationConfiguration"),
    plain("DELETE", Bucket, "replication", "s3:PutReplicationConfiguration"),
    plain("GET", Bucket, "requestPayment", "s3:GetBucketRequestPayment"),
    plain("PUT", Bucket, "requestPayment", "s3:PutBucketRequestPayment"),
    plain("GET", Bucket, "tagging", "s3:GetBucketTagging"),
    plain("PUT", Bucket, "tagging", "s3:PutBucketTagging"),
    plain("DELETE", Bucket, "tagging", "s3:PutBucketTagging"),
    plain("GET", Bucket, "versioning", "s3:GetBucketVersioning"),
    plain("PUT", Bucket, "versioning", "s3:PutBucketVersioning"),
    plain("GET", Bucket, "website", "s3:GetBucketWebsite"),
    plain("PUT", Bucket, "website", "s3:PutBucketWebsite"),
    plain("DELETE", Bucket, "website", "s3:DeleteBucketWebsite"),
    plain("GET", Bucket, "metadataTable", "s3:GetBucketMetadataTableConfiguration"),
    plain("POST", Bucket, "metadataTable", "s3:CreateBucketMetadataTableConfiguration"),
    plain("DELETE", Bucket, "metadataTable", "s3:DeleteBucketMetadataTableConfiguration"),
    plain("GET", Bucket, "metadataConfiguration", "s3:GetBucketMetadataTableConfiguration"),
    plain("POST", Bucket, "metadataConfiguration", "s3:CreateBucketMetadataTableConfiguration"),
    plain("DELETE", Bucket, "metadataConfiguration", "s3:DeleteBucketMetadataTableConfiguration"),
    plain("PUT", Bucket, "metadataInventoryTable", "s3:UpdateBucketMetadataInventoryTableConfiguration"),
    plain("PUT", Bucket, "metadataJournalTable", "s3:UpdateBucketMetadataJournalTableConfiguration"),
    versioned("GET", Object, "", "s3:GetObject", "s3:GetObjectVersion"),
    versioned("HEAD", Object, "", "s3:GetObject", "s3:GetObjectVersion"),
    plain("PUT", Object, "", "s3:PutObject"),
    versioned("DELETE", Object, "", "s3:DeleteObject", "s3:DeleteObjectVersion"),
    versioned("GET", Object, "acl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    versioned("PUT", Object, "acl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
    versioned("GET", Object, "attributes", "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
    versioned("HEAD", Object, "attributes", "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
    plain("PUT", Object, "encryption", "s3:UpdateObjectEncryption"),
    plain("GET", Object, "legal-hold", "s3:GetObjectLegalHold"),
    plain("PUT", Object, "legal-hold", "s3:PutObjectLegalHold"),
    plain("GET", Object, "retention", "s3:GetObjectRetention"),
    plain("PUT", Object, "retention", "s3:PutObjectRetention"),
    plain("POST", Object, "restore", "s3:RestoreObject"),
    versioned("POST", Object, "select", "s3:GetObject", "s3:GetObjectVersion"),
    versioned("GET", Object, "tagging", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
    versioned("PUT", Object, "tagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
    versioned("DELETE", Object, "tagging", "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
    versioned("GET", Object, "torrent", "s3:GetObjectTorrent", "s3:GetObjectVersionTorrent"),
    plain("POST", Object, "uploads", "s3:PutObject"),
    plain("GET", Object, "uploadId", "s3:ListMultipartUploadParts"),
    plain("PUT", Object, "uploadId", "s3:PutObject"),
    plain("POST", Object, "uploadId", "s3:PutObject"),
    plain("DELETE", Object, "uploadId", "s3:AbortMultipartUpload"),
];

/// Headers by which an operation asks for one more action, where they are there and not `false`.
pub(crate) const BY_HEADERS: &[(&str, &str, &str)] = &[
    ("s3:PutObject", "x-amz-acl", "s3:PutObjectAcl"),
    ("s3:PutObject", "x-amz-grant-full-control", "s3:PutObjectAcl"),
    ("s3:PutObject", "x-amz-grant-read", "s3:PutObjectAcl"),
    ("s3:PutObject", "x-amz-grant-read-acp", "s3:PutObjectAcl"),
    ("s3:PutObject", "x-amz-grant-write-acp", "s3:PutObjectAcl"),
    ("s3:PutObject", "x-amz-tagging", "s3:PutObjectTagging"),
    ("s3:PutObject", "x-amz-object-lock-mode", "s3:PutObjectRetention"),
    ("s3:PutObject", "x-amz-object-lock-retain-until-date", "s3:PutObjectRetention"),
    ("s3:PutObject", "x-amz-object-lock-legal-hold", "s3:PutObjectLegalHold"),
    ("s3:PutObjectRetention", "x-amz-bypass-governance-retention", "s3:BypassGovernanceRetention"),
    ("s3:DeleteObject", "x-amz-bypass-governance-retention", "s3:BypassGovernanceRetention"),
    ("s3:CreateBucket", "x-amz-acl", "s3:PutBucketAcl"),
    ("s3:CreateBucket", "x-amz-grant-full-control", "s3:PutBucketAcl"),
    ("s3:CreateBucket", "x-amz-grant-read", "s3:PutBucketAcl"),
    ("s3:CreateBucket", "x-amz-grant-read-acp", "s3:PutBucketAcl"),
    ("s3:CreateBucket", "x-amz-grant-write", "s3:PutBucketAcl"),
    ("s3:CreateBucket", "x-amz-grant-write-acp", "s3:PutBucketAcl"),
    ("s3:CreateBucket", "x-amz-bucket-object-lock-enabled", "s3:PutBucketObjectLockConfiguration"),
    ("s3:CreateBucket", "x-amz-object-ownership", "s3:PutBucketOwnershipControls"),
];

impl Operation {
    /// The operation of this method and sub-resource, where there is one.
    pub(super) fn find(method: &Method, on: On, selector: &str) -> Option<&'static Self> {
        let is_it = |it: &&Self| it.method == method.as_str() && it.on == on && it.selector == selector;
        OPERATIONS.iter().find(is_it)
    }

    /// The action that it needs beside its own: attributes are part of what is read.
    pub(super) fn beside(&self, of_version: bool) -> Option<&'static str> {
        let read = if of_version { "s3:GetObjectVersion" } else { "s3:GetObject" };
        (self.action == "s3:GetObjectAttributes").then_some(read)
    }
}

/// The actions that headers ask for beside this one, each once.
pub(super) fn by_headers(action: &str, headers: &HeaderMap) -> impl Iterator<Item = &'static str> {
    let mut asked: Vec<&'static str> = Vec::new();
    for (of, header, beside) in BY_HEADERS {
        let says =
            headers.get_all(*header).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"false"));
        if *of == action && says && !asked.contains(beside) {
            asked.push(beside);
        }
    }
    asked.into_iter()
}

impl On {
    /// As people read it.
    pub fn told(self) -> &'static str {
        match self {
            Self::Service => "the service",
            Self::Bucket => "a bucket",
            Self::Object => "an object",
        }
    }
}
