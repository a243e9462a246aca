//! Which protocol a store speaks, so that a switch for one is not taken for another.

use crate::controls::rds;
use crate::subject::Subject;

/// A protocol of databases, caches and brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL's, which Redshift speaks too.
    Postgres,
    /// MySQL's and MariaDB's.
    MySql,
    /// SQL Server's.
    SqlServer,
    /// Oracle's.
    Oracle,
    /// Redis', which Valkey speaks too.
    Redis,
    /// Memcached's.
    Memcached,
    /// MongoDB's.
    Mongo,
    /// Kafka's.
    Kafka,
    /// AMQP, and what else brokers speak.
    Broker,
    /// That of OpenSearch and Elasticsearch.
    Search,
    /// Another.
    Other,
}

/// What this store speaks.
pub fn dialect(store: &Subject<'_>) -> Dialect {
    match &*store.resource.kind {
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => {
            rds::engine(store).known().map_or(Dialect::Other, |engine| of_engine(&engine))
        }
        "AWS::RDS::DBProxy" => match store.text(path!("EngineFamily")).known().as_deref() {
            Some("POSTGRESQL") => Dialect::Postgres,
            Some("MYSQL") => Dialect::MySql,
            Some("SQLSERVER") => Dialect::SqlServer,
            _ => Dialect::Other,
        },
        "AWS::Redshift::Cluster" | "AWS::RedshiftServerless::Workgroup" | "AWS::DSQL::Cluster" => {
            Dialect::Postgres
        }
        "AWS::ElastiCache::CacheCluster"
            if store.text(path!("Engine")).known().as_deref() == Some("memcached") =>
        {
            Dialect::Memcached
        }
        "AWS::ElastiCache::CacheCluster"
        | "AWS::ElastiCache::ReplicationGroup"
        | "AWS::ElastiCache::ServerlessCache"
        | "AWS::MemoryDB::Cluster" => Dialect::Redis,
        "AWS::DocDB::DBCluster" => Dialect::Mongo,
        "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" => Dialect::Kafka,
        "AWS::AmazonMQ::Broker" => Dialect::Broker,
        "AWS::OpenSearchService::Domain"
        | "AWS::Elasticsearch::Domain"
        | "AWS::OpenSearchServerless::Collection" => Dialect::Search,
        _ => Dialect::Other,
    }
}

fn of_engine(engine: &str) -> Dialect {
    let has = |word: &str| engine.contains(word);
    if has("postgres") {
        Dialect::Postgres
    } else if has("mysql") || has("mariadb") || engine == "aurora" {
        Dialect::MySql
    } else if has("sqlserver") {
        Dialect::SqlServer
    } else if has("oracle") {
        Dialect::Oracle
    } else {
        Dialect::Other
    }
}

impl Dialect {
    /// All that have names.
    pub const ALL: [Self; 10] = [
        Self::Postgres,
        Self::MySql,
        Self::SqlServer,
        Self::Oracle,
        Self::Redis,
        Self::Memcached,
        Self::Mongo,
        Self::Kafka,
        Self::Broker,
        Self::Search,
    ];

    /// Whether a word in a variable's name, in lower case, means stores of this kind.
    pub fn is_called(self, word: &str) -> bool {
        let words: &[&str] = match self {
            Self::Postgres => &["postgres", "postgresql", "pg", "redshift", "db", "database", "rds", "sql"],
            Self::MySql => &["mysql", "mariadb", "db", "database", "rds", "sql"],
            Self::SqlServer => &["sqlserver", "mssql", "db", "database", "rds", "sql"],
            Self::Oracle => &["oracle", "db", "database", "rds", "sql"],
            Self::Redis => &["redis", "valkey", "cache", "elasticache", "memorydb"],
            Self::Memcached => &["memcached", "memcache", "cache", "elasticache"],
            Self::Mongo => &["mongo", "mongodb", "docdb", "documentdb", "db", "database"],
            Self::Kafka => &["kafka", "msk"],
            Self::Broker => &["amqp", "rabbit", "rabbitmq", "mq", "broker", "activemq", "mqtt", "stomp"],
            Self::Search => &["opensearch", "elasticsearch", "elastic", "es", "search"],
            Self::Other => &[],
        };
        words.contains(&word)
    }
}
