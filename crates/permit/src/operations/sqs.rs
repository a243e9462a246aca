//! Of SQS.

use super::On::{Arn, Name, Nothing, QueueUrl, Unsaid};
use super::{Operation, on};
use crate::call::{Resource, Unmapped, shown};
use crate::fields::Fields;
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
const QUEUE_URL: &str = "QueueUrl";

/// The queues that a request names: by its URL and by its path, and then it is the service's to choose.
pub(super) fn queues(fields: &Fields, path: Option<&str>, home: &Home) -> Result<Vec<Resource>, Unmapped> {
    let by_url = fields.text(QUEUE_URL)?.map(|url| match url.split_once("://") {
        Some((_, rest)) => queue(rest.split_once('/').map_or("", |it| it.1), home),
        None => queue(url, home),
    });
    let mut queues =
        by_url.into_iter().chain(path.map(|path| queue(path, home))).collect::<Result<Vec<_>, _>>()?;
    queues.dedup();
    if queues.is_empty() {
        queues.push(Resource::Unsaid);
    }
    Ok(queues)
}

/// The queue at a path: its last two segments are account and name. Some stores take a name alone.
fn queue(path: &str, home: &Home) -> Result<Resource, Unmapped> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_plain = |step: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !matches!(step, "" | "." | "..") && step.bytes().all(known)
    };
    if !path.split('/').all(is_plain) {
        return Err(Unmapped::Field(QUEUE_URL));
    }
    let (before, name) = path.rsplit_once('/').unwrap_or(("", path));
    let account = before.rsplit('/').next().unwrap_or_default();
    let is_account = AccountId::read(account).is_some();
    if is_account && home.account.as_deref().is_some_and(|known| known != account) {
        return Err(Unmapped::Elsewhere(shown(path)));
    }
    Ok(Resource::Arn(home.arn(Service::Sqs, name)))
}
