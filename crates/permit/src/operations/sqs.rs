//! Of SQS.

use super::On::{Arn, Name, Nothing, QueueUrl, Unsaid};
use super::{Operation, on};
use crate::call::{Resource, Unmapped, shown};
use crate::home::Home;
use crate::service::Service;
use hermetic_iam::document::AccountId;

/// Operation, action, resource.
pub(super) const OPERATIONS: &[Operation] = &[
    on("AddPermission", "sqs:AddPermission", QueueUrl),
    on("CancelMessageMoveTask", "sqs:CancelMessageMoveTask", Unsaid),
    on("ChangeMessageVisibility", "sqs:ChangeMessageVisibility", QueueUrl),
    on("ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility", QueueUrl),
    on("CreateQueue", "sqs:CreateQueue", Name("", "QueueName")),
    on("DeleteMessage", "sqs:DeleteMessage", QueueUrl),
    on("DeleteMessageBatch", "sqs:DeleteMessage", QueueUrl),
    on("DeleteQueue", "sqs:DeleteQueue", QueueUrl),
    on("GetQueueAttributes", "sqs:GetQueueAttributes", QueueUrl),
    on("GetQueueUrl", "sqs:GetQueueUrl", Name("", "QueueName")),
    on("ListDeadLetterSourceQueues", "sqs:ListDeadLetterSourceQueues", QueueUrl),
    on("ListMessageMoveTasks", "sqs:ListMessageMoveTasks", Arn("SourceArn")),
    on("ListQueueTags", "sqs:ListQueueTags", QueueUrl),
    on("ListQueues", "sqs:ListQueues", Nothing),
    on("PurgeQueue", "sqs:PurgeQueue", QueueUrl),
    on("ReceiveMessage", "sqs:ReceiveMessage", QueueUrl),
    on("RemovePermission", "sqs:RemovePermission", QueueUrl),
    on("SendMessage", "sqs:SendMessage", QueueUrl),
    on("SendMessageBatch", "sqs:SendMessage", QueueUrl),
    on("SetQueueAttributes", "sqs:SetQueueAttributes", QueueUrl),
    on("StartMessageMoveTask", "sqs:StartMessageMoveTask", Arn("SourceArn")),
    on("StartMessageMoveTask", "sqs:SendMessage", Arn("DestinationArn")),
    on("TagQueue", "sqs:TagQueue", QueueUrl),
    on("UntagQueue", "sqs:UntagQueue", QueueUrl),
];

/// The field that has the URL of a queue.
pub(super) const QUEUE_URL: &str = "QueueUrl";

/// The queue at a URL: its last two segments are account and name. Some stores take a name alone.
pub(super) fn queue(url: &str, home: &Home) -> Result<Resource, Unmapped> {
    let behind_host =
        url.split_once("://").map_or(Some(url), |(_, rest)| rest.split_once('/').map(|it| it.1));
    let path = behind_host.unwrap_or_default().trim_matches('/');
    if path.contains(['?', '#', '%']) || path.is_empty() {
        return Err(Unmapped::Field(QUEUE_URL));
    }
    let (before, name) = path.rsplit_once('/').unwrap_or(("", path));
    let account = before.rsplit('/').next().unwrap_or_default();
    let is_account = AccountId::read(account).is_some();
    if is_account && home.account.as_deref().is_some_and(|known| known != account) {
        return Err(Unmapped::Elsewhere(shown(url)));
    }
    Ok(Resource::Arn(home.arn(Service::Sqs, name)))
}
