//! Where data is kept: what is spoken to it, and whether it takes TLS alone.

mod dialect;
mod floor;
mod oracle;
pub mod proxy;
mod served;

pub use dialect::{Dialect, dialect};
pub use served::by_aws;

use super::way::Floor;
use crate::controls;
use crate::controls::{elasticache, rds};
use crate::subject::{Seen, Subject};
use crate::verdict::{Judgement, Standing};

/// What is spoken to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// A protocol of databases and caches: drivers verify only where they are told to.
    Driver,
    /// AWS's own API: its clients use TLS and verify unless they are told otherwise.
    Api,
}

/// What a store asks of who connects.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// What it takes.
    pub takes: Takes,
    /// What its TLS may be.
    pub floor: Floor,
    /// What decides, in a short sentence.
    pub why: String,
}

/// What a store takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// TLS, and nothing else.
    Tls,
    /// TLS and cleartext.
    Either,
    /// Cleartext alone.
    Cleartext,
    /// Its protocol's own encryption, which tells nobody who it is.
    Native,
    /// Nobody can tell.
    Unknown,
}

/// How it is known what a kind of store takes.
enum Rule {
    /// The service takes TLS alone.
    Always,
    /// Where these controls fail it takes cleartext too.
    Either(&'static [&'static str]),
    /// Where these controls fail it takes nothing but cleartext.
    Without(&'static [&'static str]),
    /// By more than one setting.
    By(fn(&Subject<'_>) -> (Takes, String)),
}

/// All kinds of store.
const KINDS: &[(&str, Spoken, Rule)] = {
    use Rule::{Always, By, Either, Without};
    use Spoken::{Api, Driver};
    &[
        ("AWS::RDS::DBInstance", Driver, By(of_instance)),
        (
            "AWS::RDS::DBCluster",
            Driver,
            Either(&[
                "rds-aurora-postgresql-cluster-encrypted-in-transit",
                "rds-aurora-mysql-cluster-encrypted-in-transit",
            ]),
        ),
        ("AWS::RDS::DBProxy", Driver, Either(&["rds-proxy-tls-encryption"])),
        ("AWS::DSQL::Cluster", Driver, Always),
        ("AWS::ElastiCache::ReplicationGroup", Driver, By(of_replication_group)),
        ("AWS::ElastiCache::CacheCluster", Driver, Without(&["elasticache-memcached-encrypted-in-transit"])),
        ("AWS::ElastiCache::ServerlessCache", Driver, Always),
        ("AWS::MemoryDB::Cluster", Driver, Without(&["memorydb-cluster-tls-enabled"])),
        ("AWS::DAX::Cluster", Driver, Without(&["dax-tls-endpoint-encryption"])),
        ("AWS::DocDB::DBCluster", Driver, Without(&["docdb-cluster-encrypted-in-transit"])),
        ("AWS::Neptune::DBCluster", Driver, Either(&["neptune-cluster-encrypted-in-transit"])),
        ("AWS::Cassandra::Keyspace", Driver, Always),
        ("AWS::Cassandra::Table", Driver, Always),
        ("AWS::Redshift::Cluster", Driver, Either(&["redshift-require-tls-ssl"])),
        (
            "AWS::RedshiftServerless::Workgroup",
            Driver,
            Either(&["redshift-serverless-workgroup-encrypted-in-transit"]),
        ),
        // It holds where HTTPS is enforced, and where the domain's policy refuses everything else.
        ("AWS::OpenSearchService::Domain", Driver, Either(&["opensearch-access-policy-secure-transport"])),
        ("AWS::Elasticsearch::Domain", Driver, Either(&["opensearch-access-policy-secure-transport"])),
        ("AWS::OpenSearchServerless::Collection", Driver, Always),
        ("AWS::MSK::Cluster", Driver, By(of_kafka)),
        ("AWS::MSK::ServerlessCluster", Driver, Always),
        ("AWS::AmazonMQ::Broker", Driver, Always),
        ("AWS::EFS::FileSystem", Driver, Either(&["efs-filesystem-policy-secure-transport"])),
        ("AWS::FSx::FileSystem", Driver, By(of_file_server)),
        ("AWS::S3::Bucket", Api, Either(&["s3-bucket-ssl-requests-only"])),
        ("AWS::SQS::Queue", Api, Either(&["sqs-queue-policy-secure-transport"])),
        ("AWS::SNS::Topic", Api, Either(&["sns-topic-policy-secure-transport"])),
        ("AWS::Kinesis::Stream", Api, Either(&["kinesis-resource-policy-secure-transport"])),
        ("AWS::DynamoDB::Table", Api, Either(&["dynamodb-resource-policy-secure-transport"])),
        ("AWS::DynamoDB::GlobalTable", Api, Either(&["dynamodb-resource-policy-secure-transport"])),
        ("AWS::Events::EventBus", Api, Either(&["eventbridge-bus-policy-secure-transport"])),
        ("AWS::KinesisFirehose::DeliveryStream", Api, Always),
        ("AWS::Timestream::Table", Api, Always),
    ]
};

/// Whether a type keeps data.
pub fn is_store(kind: &str) -> bool {
    spoken(kind).is_some()
}

/// What is spoken to a store; `None` where it is none.
pub fn spoken(kind: &str) -> Option<Spoken> {
    KINDS.iter().find(|(known, ..)| *known == kind).map(|(_, spoken, _)| *spoken)
}

/// What a store asks of who connects.
pub fn terms(store: &Subject<'_>) -> Terms {
    let rule = KINDS.iter().find(|(known, ..)| *known == &*store.resource.kind).map(|(.., rule)| rule);
    let (takes, why) = match rule {
        Some(Rule::Always) => (Takes::Tls, "the service takes TLS alone".to_owned()),
        Some(Rule::Either(ids)) => judged(store, ids, Takes::Either),
        Some(Rule::Without(ids)) => judged(store, ids, Takes::Cleartext),
        Some(Rule::By(find)) => find(store),
        None => (Takes::Unknown, "what it takes is not known".to_owned()),
    };
    Terms { takes, floor: floor::of(store), why }
}

/// What it takes by the controls of which any applies, and what where they fail.
fn judged(store: &Subject<'_>, ids: &[&str], failing: Takes) -> (Takes, String) {
    let judged: Judgement =
        ids.iter().flat_map(|id| controls::called(id)).map(|control| control.judge(store)).collect();
    let why = judged.grounds.first().map(|ground| ground.message.clone()).unwrap_or_default();
    match judged.standing {
        Standing::Pass => (Takes::Tls, why),
        Standing::Fail => (failing, why),
        Standing::Unknown => (Takes::Unknown, why),
        Standing::NotApplicable => (Takes::Unknown, "no setting says what it takes".to_owned()),
    }
}

fn of_instance(instance: &Subject<'_>) -> (Takes, String) {
    let engine = rds::engine(instance).known();
    match engine.as_deref() {
        Some(engine) if engine.starts_with("oracle") || engine.starts_with("custom-oracle") => {
            oracle::takes(instance)
        }
        Some(engine) if engine.starts_with("db2") => of_db2(instance),
        _ => judged(
            instance,
            &[
                "rds-postgres-instance-encrypted-in-transit",
                "rds-mysql-instance-encrypted-in-transit",
                "rds-mariadb-instance-encrypted-in-transit",
                "rds-sqlserver-encrypted-in-transit",
            ],
            Takes::Either,
        ),
    }
}

/// Db2 speaks TLS only where `db2comm` has SSL (RDS user guide, Db2 over TLS).
fn of_db2(instance: &Subject<'_>) -> (Takes, String) {
    match rds::parameter(instance, "db2comm") {
        Seen::Known(protocols, _) => {
            let has = |name: &str| protocols.split(',').any(|one| one.trim().eq_ignore_ascii_case(name));
            let takes = match (has("SSL"), has("TCPIP")) {
                (true, false) => Takes::Tls,
                (true, true) => Takes::Either,
                (false, _) => Takes::Cleartext,
            };
            (takes, format!("db2comm is {protocols}"))
        }
        Seen::Absent(_) => (Takes::Cleartext, "db2comm is not set, which is TCPIP".to_owned()),
        Seen::Unknown(why, _) => (Takes::Unknown, format!("db2comm: {why}")),
    }
}

/// A secondary of a global datastore takes its encryption from the primary.
fn of_replication_group(group: &Subject<'_>) -> (Takes, String) {
    let says_nothing = group.written("TransitEncryptionEnabled").is_empty();
    if let Some(primary) = elasticache::primary_of(group).filter(|it| says_nothing && it.id != group.id) {
        let (takes, why) = of_group(&primary, false);
        return (takes, format!("it encrypts as its primary {} does: {why}", primary.resource.name));
    }
    of_group(group, !matches!(group.value(path!("GlobalReplicationGroupId")), Seen::Absent(_)))
}

fn of_group(group: &Subject<'_>, is_secondary: bool) -> (Takes, String) {
    match group.bool(path!("TransitEncryptionEnabled")) {
        Seen::Known(true, _) => judged(
            group,
            &["elasticache-repl-grp-encrypted-in-transit", "elasticache-transit-encryption-mode-required"],
            Takes::Either,
        ),
        Seen::Known(false, _) | Seen::Absent(_) if is_secondary => {
            (Takes::Unknown, "it takes its encryption from the primary of its global datastore".to_owned())
        }
        Seen::Known(false, _) | Seen::Absent(_) => {
            (Takes::Cleartext, "TransitEncryptionEnabled is not true".to_owned())
        }
        Seen::Unknown(why, _) => (Takes::Unknown, format!("TransitEncryptionEnabled: {why}")),
    }
}

/// MSK has TLS alone where nothing is written (MSK developer guide, encryption in transit).
fn of_kafka(cluster: &Subject<'_>) -> (Takes, String) {
    match cluster.text(path!("EncryptionInfo.EncryptionInTransit.ClientBroker")) {
        Seen::Known(mode, _) => {
            let takes = match &*mode {
                "TLS" => Takes::Tls,
                "TLS_PLAINTEXT" => Takes::Either,
                "PLAINTEXT" => Takes::Cleartext,
                _ => Takes::Unknown,
            };
            (takes, format!("ClientBroker is {mode}"))
        }
        Seen::Absent(_) => (Takes::Tls, "ClientBroker is not set, which is TLS".to_owned()),
        Seen::Unknown(why, _) => (Takes::Unknown, format!("ClientBroker: {why}")),
    }
}

/// What a file server encrypts is settled in it, or by the instances that mount it.
fn of_file_server(system: &Subject<'_>) -> (Takes, String) {
    let lustre = system.text(path!("FileSystemType")).known().as_deref() == Some("LUSTRE");
    let why = if lustre {
        "Lustre has no TLS; Nitro encrypts between it and instances that can"
    } else {
        "what it encrypts is settled in the file server, not in this code"
    };
    (Takes::Unknown, why.to_owned())
}
