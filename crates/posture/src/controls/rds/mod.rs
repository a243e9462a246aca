//! RDS and Aurora: clients to databases and proxies.

mod database;
mod force_tls;
mod minimum_tls;
mod oracle;
mod parameter;

pub(crate) use database::engine;
pub(crate) use parameter::{parameter, release};

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("rds-aurora-mysql-cluster-encrypted-in-transit", force_tls::mysql_clusters),
    control!("rds-aurora-postgresql-cluster-encrypted-in-transit", force_tls::postgres_clusters),
    control!("rds-db2-instance-encrypted-in-transit", force_tls::db2),
    control!("rds-instance-ca-certificate-current"),
    control!("rds-mariadb-instance-encrypted-in-transit", force_tls::mariadb),
    control!("rds-minimum-tls-version", minimum_tls::judge),
    control!("rds-mysql-instance-encrypted-in-transit", force_tls::mysql),
    control!("rds-oracle-instance-encrypted-in-transit", oracle::judge),
    control!("rds-postgres-instance-encrypted-in-transit", force_tls::postgres),
    control!("rds-proxy-tls-encryption"),
    control!("rds-sqlserver-encrypted-in-transit", force_tls::sqlserver),
];
