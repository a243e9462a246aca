//! Of Kinesis.

use super::On::{Arn, Name, Nothing, Stream, Unsaid};
use super::{Operation, on};
use crate::call::{Resource, Unmapped};
use crate::fields::Fields;

/// Operation, action, resource.
pub(super) const OPERATIONS: &[Operation] = &[
    on("AddTagsToStream", "kinesis:AddTagsToStream", Stream),
    on("CreateStream", "kinesis:CreateStream", Name("stream/", "StreamName")),
    on("DecreaseStreamRetentionPeriod", "kinesis:DecreaseStreamRetentionPeriod", Stream),
    on("DeleteResourcePolicy", "kinesis:DeleteResourcePolicy", Arn("ResourceARN")),
    on("DeleteStream", "kinesis:DeleteStream", Stream),
    on("DeregisterStreamConsumer", "kinesis:DeregisterStreamConsumer", Unsaid),
    on("DescribeAccountSettings", "kinesis:DescribeAccountSettings", Nothing),
    on("DescribeLimits", "kinesis:DescribeLimits", Nothing),
    on("DescribeStream", "kinesis:DescribeStream", Stream),
    on("DescribeStreamConsumer", "kinesis:DescribeStreamConsumer", Unsaid),
    on("DescribeStreamSummary", "kinesis:DescribeStreamSummary", Stream),
    on("DisableEnhancedMonitoring", "kinesis:DisableEnhancedMonitoring", Stream),
    on("EnableEnhancedMonitoring", "kinesis:EnableEnhancedMonitoring", Stream),
    on("GetRecords", "kinesis:GetRecords", Stream),
    on("GetResourcePolicy", "kinesis:GetResourcePolicy", Arn("ResourceARN")),
    on("GetShardIterator", "kinesis:GetShardIterator", Stream),
    on("IncreaseStreamRetentionPeriod", "kinesis:IncreaseStreamRetentionPeriod", Stream),
    on("ListShards", "kinesis:ListShards", Stream),
    on("ListStreamConsumers", "kinesis:ListStreamConsumers", Stream),
    on("ListStreams", "kinesis:ListStreams", Nothing),
    on("ListTagsForResource", "kinesis:ListTagsForResource", Arn("ResourceARN")),
    on("ListTagsForStream", "kinesis:ListTagsForStream", Stream),
    on("MergeShards", "kinesis:MergeShards", Stream),
    on("PutRecord", "kinesis:PutRecord", Stream),
    on("PutRecords", "kinesis:PutRecords", Stream),
    on("PutResourcePolicy", "kinesis:PutResourcePolicy", Arn("ResourceARN")),
    on("RegisterStreamConsumer", "kinesis:RegisterStreamConsumer", Stream),
    on("RemoveTagsFromStream", "kinesis:RemoveTagsFromStream", Stream),
    on("SplitShard", "kinesis:SplitShard", Stream),
    on("StartStreamEncryption", "kinesis:StartStreamEncryption", Stream),
    on("StopStreamEncryption", "kinesis:StopStreamEncryption", Stream),
    on("SubscribeToShard", "kinesis:SubscribeToShard", Arn("ConsumerARN")),
    on("TagResource", "kinesis:TagResource", Arn("ResourceARN")),
    on("UntagResource", "kinesis:UntagResource", Arn("ResourceARN")),
    on("UpdateAccountSettings", "kinesis:UpdateAccountSettings", Nothing),
    on("UpdateMaxRecordSize", "kinesis:UpdateMaxRecordSize", Stream),
    on("UpdateShardCount", "kinesis:UpdateShardCount", Stream),
    on("UpdateStreamMode", "kinesis:UpdateStreamMode", Stream),
    on("UpdateStreamRecordDistributionStrategy", "kinesis:UpdateStreamRecordDistributionStrategy", Stream),
    on("UpdateStreamWarmThroughput", "kinesis:UpdateStreamWarmThroughput", Stream),
];

/// The streams that a request names: by ARN and by name, and then it is the service's to choose.
pub(super) fn stream(
    fields: &Fields,
    arn: &dyn Fn(&str) -> Result<Resource, Unmapped>,
    at_home: &dyn Fn(String) -> Resource,
) -> Result<Vec<Resource>, Unmapped> {
    let mut streams = Vec::new();
    streams.extend(fields.name("StreamARN")?.map(arn).transpose()?);
    streams.extend(fields.name("StreamName")?.map(|name| at_home(format!("stream/{name}"))));
    // These say a stream, too, and only the service can open them.
    if streams.is_empty() || ["StreamId", "ShardIterator", "NextToken"].iter().any(|it| fields.have(it)) {
        streams.push(Resource::Unsaid);
    }
    Ok(streams)
}
