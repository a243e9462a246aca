//! Where data is kept: whether the far end refuses cleartext, as the controls judge it.

use crate::controls;
use crate::subject::Subject;
use crate::verdict::{Judgement, Standing};

/// What is spoken to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// A protocol of databases and caches: drivers verify only where they are told to.
    Driver,
    /// AWS's own API: its clients use TLS and verify unless they are told otherwise.
    Api,
}

/// A kind of store, what is spoken to it, and the controls of which any that applies says whether it refuses
/// cleartext; none where the service takes TLS alone.
type Kind = (&'static str, Spoken, &'static [&'static str]);

const KINDS: &[Kind] = &[
    (
        "AWS::RDS::DBInstance",
        Spoken::Driver,
        &[
            "rds-postgres-instance-encrypted-in-transit",
            "rds-mysql-instance-encrypted-in-transit",
            "rds-mariadb-instance-encrypted-in-transit",
            "rds-sqlserver-encrypted-in-transit",
            "rds-db2-instance-encrypted-in-transit",
            "rds-oracle-instance-encrypted-in-transit",
        ],
    ),
    (
        "AWS::RDS::DBCluster",
        Spoken::Driver,
        &[
            "rds-aurora-postgresql-cluster-encrypted-in-transit",
            "rds-aurora-mysql-cluster-encrypted-in-transit",
        ],
    ),
    ("AWS::RDS::DBProxy", Spoken::Driver, &["rds-proxy-tls-encryption"]),
    (
        "AWS::ElastiCache::ReplicationGroup",
        Spoken::Driver,
        &["elasticache-repl-grp-encrypted-in-transit", "elasticache-transit-encryption-mode-required"],
    ),
    ("AWS::ElastiCache::CacheCluster", Spoken::Driver, &["elasticache-memcached-encrypted-in-transit"]),
    ("AWS::ElastiCache::ServerlessCache", Spoken::Driver, &[]),
    ("AWS::MemoryDB::Cluster", Spoken::Driver, &["memorydb-cluster-tls-enabled"]),
    ("AWS::DAX::Cluster", Spoken::Driver, &["dax-tls-endpoint-encryption"]),
    ("AWS::DocDB::DBCluster", Spoken::Driver, &["docdb-cluster-encrypted-in-transit"]),
    ("AWS::Neptune::DBCluster", Spoken::Driver, &["neptune-cluster-encrypted-in-transit"]),
    ("AWS::Redshift::Cluster", Spoken::Driver, &["redshift-require-tls-ssl"]),
    (
        "AWS::RedshiftServerless::Workgroup",
        Spoken::Driver,
        &["redshift-serverless-workgroup-encrypted-in-transit"],
    ),
    ("AWS::OpenSearchService::Domain", Spoken::Api, &["opensearch-https-required"]),
    ("AWS::Elasticsearch::Domain", Spoken::Api, &["elasticsearch-https-required"]),
    ("AWS::MSK::Cluster", Spoken::Driver, &["msk-client-broker-tls"]),
    ("AWS::AmazonMQ::Broker", Spoken::Driver, &[]),
    ("AWS::S3::Bucket", Spoken::Api, &["s3-bucket-ssl-requests-only"]),
    ("AWS::SQS::Queue", Spoken::Api, &["sqs-queue-policy-secure-transport"]),
    ("AWS::SNS::Topic", Spoken::Api, &["sns-topic-policy-secure-transport"]),
    ("AWS::Kinesis::Stream", Spoken::Api, &["kinesis-resource-policy-secure-transport"]),
    ("AWS::DynamoDB::Table", Spoken::Api, &["dynamodb-resource-policy-secure-transport"]),
    ("AWS::DynamoDB::GlobalTable", Spoken::Api, &[]),
    ("AWS::EFS::FileSystem", Spoken::Driver, &["efs-filesystem-policy-secure-transport"]),
    ("AWS::KinesisFirehose::DeliveryStream", Spoken::Api, &[]),
];

/// Whether a type keeps data.
pub fn is_store(kind: &str) -> bool {
    KINDS.iter().any(|(known, ..)| *known == kind)
}

/// What is spoken to a store; `None` where it is none.
pub fn spoken(kind: &str) -> Option<Spoken> {
    KINDS.iter().find(|(known, ..)| *known == kind).map(|(_, spoken, _)| *spoken)
}

/// Whether a store refuses cleartext: it passes, fails or can't be told, with the grounds.
pub fn refuses_cleartext(store: &Subject<'_>) -> Judgement {
    let kind = &*store.resource.kind;
    let ids = KINDS.iter().find(|(known, ..)| *known == kind).map_or(&[][..], |(_, _, ids)| ids);
    if ids.is_empty() {
        return Judgement::pass("the service takes TLS alone", store.resource.at);
    }
    let judged: Judgement =
        ids.iter().flat_map(|id| controls::called(id)).map(|control| control.judge(store)).collect();
    match judged.standing {
        Standing::NotApplicable => {
            Judgement::unknown("whether it refuses cleartext can't be told from the code", store.resource.at)
        }
        _ => judged,
    }
}
