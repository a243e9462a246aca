//! The lowest version of TLS that a store takes, as its own settings say, or its engine where they say nothing.

use std::sync::Arc;

use hermetic_tls::ProtocolVersion;

use super::super::way::Floor;
use super::oracle;
use crate::controls::{docdb, rds};
use crate::subject::{Seen, Subject};

/// What TLS may be at this store; unknown where the code does not say.
pub fn of(store: &Subject<'_>) -> Floor {
    let lowest = match &*store.resource.kind {
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => of_database(store),
        "AWS::DocDB::DBCluster" => of_documents(store),
        "AWS::OpenSearchService::Domain" | "AWS::Elasticsearch::Domain" => return of_search(store),
        // What AWS writes of the lowest version of a proxy is not one thing, and of Redshift it writes none.
        "AWS::RDS::DBProxy" | "AWS::Redshift::Cluster" | "AWS::RedshiftServerless::Workgroup" => None,
        "AWS::FSx::FileSystem" => None,
        _ => Some(ProtocolVersion::TLS1_2),
    };
    Floor { lowest, ..Floor::default() }
}

fn of_database(database: &Subject<'_>) -> Option<ProtocolVersion> {
    let engine = rds::engine(database).known()?;
    let release = rds::release(database).map(|release| (release.0, release.1));
    match &*engine {
        engine if engine.contains("postgres") => {
            match rds::parameter(database, "ssl_min_protocol_version") {
                Seen::Known(version, _) => ProtocolVersion::from_name(version.trim()),
                // TLS 1.2 by default from version 13 on (PostgreSQL release notes, 13).
                Seen::Absent(_) => release.filter(|(major, _)| *major >= 13).map(|_| ProtocolVersion::TLS1_2),
                Seen::Unknown(..) => None,
            }
        }
        engine if engine.contains("mysql") || engine.contains("mariadb") || engine == "aurora" => {
            match rds::parameter(database, "tls_version") {
                Seen::Known(versions, _) => lowest_listed(&versions),
                // MySQL 8.0.28 and Aurora MySQL 3 have neither TLS 1.0 nor 1.1; 5.7 has both. MariaDB has them by
                // its minor version.
                Seen::Absent(_) if engine.contains("maria") => None,
                Seen::Absent(_) => match release? {
                    (8.., _) => Some(ProtocolVersion::TLS1_2),
                    _ => Some(ProtocolVersion::TLS1_0),
                },
                Seen::Unknown(..) => None,
            }
        }
        engine if engine.contains("sqlserver") => of_sql_server(database),
        engine if engine.contains("oracle") => oracle::lowest(database),
        engine if engine.starts_with("db2") => Some(ProtocolVersion::TLS1_2),
        _ => None,
    }
}

/// SQL Server has a switch for each old version; what is on by default hangs on its version.
fn of_sql_server(database: &Subject<'_>) -> Option<ProtocolVersion> {
    let switch = |name| rds::parameter(database, name).known().map(|state| state.to_ascii_lowercase());
    match (switch("rds.tls10").as_deref(), switch("rds.tls11").as_deref()) {
        (Some("enabled"), _) => Some(ProtocolVersion::TLS1_0),
        (Some("disabled"), Some("enabled")) => Some(ProtocolVersion::TLS1_1),
        (Some("disabled"), Some("disabled")) => Some(ProtocolVersion::TLS1_2),
        _ => None,
    }
}

/// `enabled`, which is the default, takes TLS 1.0 too (DocumentDB developer guide, encrypting data in transit).
fn of_documents(cluster: &Subject<'_>) -> Option<ProtocolVersion> {
    let set = match docdb::tls(cluster) {
        Seen::Known(set, _) => set.to_ascii_lowercase(),
        Seen::Absent(_) => "enabled".to_owned(),
        Seen::Unknown(..) => return None,
    };
    match set.as_str() {
        "enabled" => Some(ProtocolVersion::TLS1_0),
        "tls1.2+" | "fips-140-3" => Some(ProtocolVersion::TLS1_2),
        "tls1.3+" => Some(ProtocolVersion::TLS1_3),
        _ => None,
    }
}

fn of_search(domain: &Subject<'_>) -> Floor {
    let policy: Arc<str> = match domain.text(path!("DomainEndpointOptions.TLSSecurityPolicy")) {
        Seen::Known(policy, _) => policy,
        Seen::Absent(_) => "Policy-Min-TLS-1-0-2019-07".into(),
        Seen::Unknown(..) => return Floor::default(),
    };
    Floor::of_policy(&["opensearch"], &policy)
}

/// The lowest of all versions in a list; none where one of them is not known.
pub fn lowest_listed(versions: &str) -> Option<ProtocolVersion> {
    let versions = versions.split(',').map(|version| ProtocolVersion::from_name(version.trim()));
    versions.collect::<Option<Vec<_>>>()?.into_iter().min()
}
