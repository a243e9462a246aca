//! Of Secrets Manager. The ARN of a secret ends in six characters that requests may leave away, and a name may
//! end as if it had them; so no request says for certain which secret it is about.

use super::On::{Nothing, Unsaid};
use super::{Operation, on};

/// Operation, action, resource.
pub(super) const OPERATIONS: &[Operation] = &[
    on("AssociateCrossAccountReplica", "secretsmanager:AssociateCrossAccountReplica", Unsaid),
    on("BatchGetSecretValue", "secretsmanager:GetSecretValue", Unsaid),
    on("BatchGetSecretValue", "secretsmanager:BatchGetSecretValue", Nothing),
    on("CancelRotateSecret", "secretsmanager:CancelRotateSecret", Unsaid),
    on("CreateSecret", "secretsmanager:CreateSecret", Unsaid),
    on("DeleteResourcePolicy", "secretsmanager:DeleteResourcePolicy", Unsaid),
    on("DeleteSecret", "secretsmanager:DeleteSecret", Unsaid),
    on("DescribeSecret", "secretsmanager:DescribeSecret", Unsaid),
    on("DisassociateCrossAccountReplica", "secretsmanager:DisassociateCrossAccountReplica", Unsaid),
    on("GetRandomPassword", "secretsmanager:GetRandomPassword", Nothing),
    on("GetResourcePolicy", "secretsmanager:GetResourcePolicy", Unsaid),
    on("GetSecretValue", "secretsmanager:GetSecretValue", Unsaid),
    on("ListResourcePolicies", "secretsmanager:ListResourcePolicies", Unsaid),
    on("ListSecretVersionIds", "secretsmanager:ListSecretVersionIds", Unsaid),
    on("ListSecrets", "secretsmanager:ListSecrets", Nothing),
    on("PutResourcePolicy", "secretsmanager:PutResourcePolicy", Unsaid),
    on("PutSecretValue", "secretsmanager:PutSecretValue", Unsaid),
    on("RemoveRegionsFromReplication", "secretsmanager:RemoveRegionsFromReplication", Unsaid),
    on("ReplicateSecretToRegions", "secretsmanager:ReplicateSecretToRegions", Unsaid),
    on("RestoreSecret", "secretsmanager:RestoreSecret", Unsaid),
    on("RotateSecret", "secretsmanager:RotateSecret", Unsaid),
    on("StopReplicationToReplica", "secretsmanager:StopReplicationToReplica", Unsaid),
    on("TagResource", "secretsmanager:TagResource", Unsaid),
    on("UntagResource", "secretsmanager:UntagResource", Unsaid),
    on("UpdateSecret", "secretsmanager:UpdateSecret", Unsaid),
    on("UpdateSecretVersionStage", "secretsmanager:UpdateSecretVersionStage", Unsaid),
    on("ValidateResourcePolicy", "secretsmanager:ValidateResourcePolicy", Unsaid),
];
