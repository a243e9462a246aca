//! Of DynamoDB and its streams.

use super::On::{Arn, EachPart, EachTable, Index, Nothing, Table, Unsaid};
use super::{Operation, on};
use crate::call::{Call, Resource, Unmapped};
use crate::fields::Fields;

/// Operation, action, resource.
pub(super) const OPERATIONS: &[Operation] = &[
    on("BatchGetItem", "dynamodb:BatchGetItem", EachTable),
    on("BatchWriteItem", "dynamodb:BatchWriteItem", EachTable),
    on("CancelBulkOperation", "dynamodb:CancelBulkOperation", Unsaid),
    on("CreateBackup", "dynamodb:CreateBackup", Table("TableName")),
    on("CreateGlobalTable", "dynamodb:CreateGlobalTable", Unsaid),
    on("CreateTable", "dynamodb:CreateTable", Table("TableName")),
    on("DeleteBackup", "dynamodb:DeleteBackup", Arn("BackupArn")),
    on("DeleteItem", "dynamodb:DeleteItem", Table("TableName")),
    on("DeleteResourcePolicy", "dynamodb:DeleteResourcePolicy", Arn("ResourceArn")),
    on("DeleteTable", "dynamodb:DeleteTable", Table("TableName")),
    on("DescribeBackup", "dynamodb:DescribeBackup", Arn("BackupArn")),
    on("DescribeBulkOperation", "dynamodb:DescribeBulkOperation", Unsaid),
    on("DescribeContinuousBackups", "dynamodb:DescribeContinuousBackups", Table("TableName")),
    on("DescribeContributorInsights", "dynamodb:DescribeContributorInsights", Index),
    on("DescribeEndpoints", "dynamodb:DescribeEndpoints", Nothing),
    on("DescribeExport", "dynamodb:DescribeExport", Arn("ExportArn")),
    on("DescribeGlobalTable", "dynamodb:DescribeGlobalTable", Unsaid),
    on("DescribeGlobalTableSettings", "dynamodb:DescribeGlobalTableSettings", Unsaid),
    on("DescribeImport", "dynamodb:DescribeImport", Arn("ImportArn")),
    on(
        "DescribeKinesisStreamingDestination",
        "dynamodb:DescribeKinesisStreamingDestination",
        Table("TableName"),
    ),
    on("DescribeLimits", "dynamodb:DescribeLimits", Nothing),
    on("DescribeTable", "dynamodb:DescribeTable", Table("TableName")),
    on("DescribeTableReplicaAutoScaling", "dynamodb:DescribeTableReplicaAutoScaling", Table("TableName")),
    on("DescribeTimeToLive", "dynamodb:DescribeTimeToLive", Table("TableName")),
    on(
        "DisableKinesisStreamingDestination",
        "dynamodb:DisableKinesisStreamingDestination",
        Table("TableName"),
    ),
    on("EnableKinesisStreamingDestination", "dynamodb:EnableKinesisStreamingDestination", Table("TableName")),
    on("ExportTableToPointInTime", "dynamodb:ExportTableToPointInTime", Arn("TableArn")),
    on("GetItem", "dynamodb:GetItem", Table("TableName")),
    on("GetResourcePolicy", "dynamodb:GetResourcePolicy", Arn("ResourceArn")),
    on("ImportTable", "dynamodb:ImportTable", Unsaid),
    on("ListBackups", "dynamodb:ListBackups", Unsaid),
    on("ListBulkOperations", "dynamodb:ListBulkOperations", Nothing),
    on("ListContributorInsights", "dynamodb:ListContributorInsights", Unsaid),
    on("ListExports", "dynamodb:ListExports", Unsaid),
    on("ListGlobalTables", "dynamodb:ListGlobalTables", Nothing),
    on("ListImports", "dynamodb:ListImports", Unsaid),
    on("ListTables", "dynamodb:ListTables", Nothing),
    on("ListTagsOfResource", "dynamodb:ListTagsOfResource", Arn("ResourceArn")),
    on("PutItem", "dynamodb:PutItem", Table("TableName")),
    on("PutResourcePolicy", "dynamodb:PutResourcePolicy", Arn("ResourceArn")),
    on("Query", "dynamodb:Query", Index),
    on("RestoreTableFromBackup", "dynamodb:RestoreTableFromBackup", Table("TargetTableName")),
    on("RestoreTableFromBackup", "dynamodb:RestoreTableFromBackup", Arn("BackupArn")),
    on("RestoreTableToPointInTime", "dynamodb:RestoreTableToPointInTime", Table("TargetTableName")),
    on("RestoreTableToPointInTime", "dynamodb:RestoreTableToPointInTime", Unsaid),
    on("Scan", "dynamodb:Scan", Index),
    on("SearchVectors", "dynamodb:SearchVectors", Index),
    on("StartBulkPutItems", "dynamodb:StartBulkPutItems", Table("TableName")),
    on("TagResource", "dynamodb:TagResource", Arn("ResourceArn")),
    on("TransactGetItems", "dynamodb:GetItem", EachPart("Get")),
    on("TransactWriteItems", "dynamodb:PutItem", EachPart("Put")),
    on("TransactWriteItems", "dynamodb:UpdateItem", EachPart("Update")),
    on("TransactWriteItems", "dynamodb:DeleteItem", EachPart("Delete")),
    on("TransactWriteItems", "dynamodb:ConditionCheckItem", EachPart("ConditionCheck")),
    on("UntagResource", "dynamodb:UntagResource", Arn("ResourceArn")),
    on("UpdateContinuousBackups", "dynamodb:UpdateContinuousBackups", Table("TableName")),
    on("UpdateContributorInsights", "dynamodb:UpdateContributorInsights", Index),
    on("UpdateGlobalTable", "dynamodb:UpdateGlobalTable", Unsaid),
    on("UpdateGlobalTableSettings", "dynamodb:UpdateGlobalTableSettings", Unsaid),
    on("UpdateItem", "dynamodb:UpdateItem", Table("TableName")),
    on("UpdateKinesisStreamingDestination", "dynamodb:UpdateKinesisStreamingDestination", Table("TableName")),
    on("UpdateTable", "dynamodb:UpdateTable", Table("TableName")),
    on("UpdateTableReplicaAutoScaling", "dynamodb:UpdateTableReplicaAutoScaling", Table("TableName")),
    on("UpdateTimeToLive", "dynamodb:UpdateTimeToLive", Table("TableName")),
    on("DescribeStream", "dynamodb:DescribeStream", Arn("StreamArn")),
    on("GetRecords", "dynamodb:GetRecords", Unsaid),
    on("GetShardIterator", "dynamodb:GetShardIterator", Arn("StreamArn")),
    on("ListStreams", "dynamodb:ListStreams", Unsaid),
];

/// Operations whose statements say what they do.
pub(super) const PARTIQL: [&str; 3] = ["ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"];

/// The actions of PartiQL's statements. Which table they are about is not read: quotes, comments and nesting are
/// the service's to read, and a table that is missed would be a way through.
pub(super) fn partiql(fields: &Fields) -> Result<Vec<Call>, Unmapped> {
    let action = |statement: &str| {
        let word: String = statement.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
        let action = match word.to_ascii_uppercase().as_str() {
            "SELECT" | "EXISTS" => "dynamodb:PartiQLSelect",
            "INSERT" => "dynamodb:PartiQLInsert",
            "UPDATE" => "dynamodb:PartiQLUpdate",
            "DELETE" => "dynamodb:PartiQLDelete",
            _ => return Err(Unmapped::Field("Statement")),
        };
        Ok(Call { action, resource: Resource::Unsaid })
    };
    let mut calls = Vec::new();
    calls.extend(fields.text("Statement")?.map(action).transpose()?);
    for list in ["Statements", "TransactStatements"] {
        for statement in fields.list(list)? {
            calls.push(action(statement.text("Statement")?.ok_or(Unmapped::Field("Statement"))?)?);
        }
    }
    if calls.is_empty() { Err(Unmapped::Field("Statement")) } else { Ok(calls) }
}

/// The tables by which the requests of a batch are grouped.
pub(super) fn each_table(
    fields: &Fields,
    table: &dyn Fn(&str) -> Result<Resource, Unmapped>,
) -> Result<Vec<Resource>, Unmapped> {
    fields.names("RequestItems")?.into_iter().map(table).collect()
}

/// The tables of the parts of a transaction that are of this kind.
pub(super) fn each_part(
    fields: &Fields,
    kind: &'static str,
    table: &dyn Fn(&str) -> Result<Resource, Unmapped>,
) -> Result<Vec<Resource>, Unmapped> {
    const KINDS: [&str; 5] = ["Get", "Put", "Update", "Delete", "ConditionCheck"];
    let mut tables = Vec::new();
    for part in fields.list("TransactItems")? {
        // One that is none of ours is the service's to understand, and would pass unseen.
        if part.keys().any(|key| !KINDS.contains(&key)) {
            return Err(Unmapped::Field("TransactItems"));
        }
        if let Some(inner) = part.inner(kind)? {
            tables.push(inner.name("TableName")?.map_or(Ok(Resource::Unsaid), table)?);
        }
    }
    Ok(tables)
}
