//! Connections: what counts stands among properties with free names.

use std::sync::Arc;

use crate::control::Control;
use crate::controls::setting;
use crate::subject::{Seen, Subject};
use crate::verdict::Judgement;

/// Types that speak a database's protocol, among those of the Glue API (ConnectionType); others are networks, marketplaces, and services that are HTTPS alone.
const DATABASES: &[&str] = &[
    "JDBC",
    "MONGODB",
    "DOCUMENTDB",
    "POSTGRESQL",
    "MYSQL",
    "SQLSERVER",
    "ORACLE",
    "REDSHIFT",
    "SAPHANA",
    "TERADATA",
    "AZURESQL",
    "VERTICA",
    "DB2",
    "DB2AS400",
    "SYNAPSE",
];

/// Judges connections to databases.
pub(super) fn database(_: &Control, connection: &Subject<'_>) -> Judgement {
    of_type(connection, DATABASES, || {
        let enforced = is_true(connection, "JDBC_ENFORCE_SSL").or(is_true(connection, "ENFORCE_SSL"));
        enforced.and(is_not_true(connection, "SKIP_CUSTOM_JDBC_CERT_VALIDATION"))
    })
}

/// Judges connections to Kafka, which have TLS by default.
pub(super) fn kafka(_: &Control, connection: &Subject<'_>) -> Judgement {
    of_type(connection, &["KAFKA"], || {
        let enabled = match property(connection, "KAFKA_SSL_ENABLED") {
            Seen::Absent(at) => Judgement::pass("KAFKA_SSL_ENABLED is not set, which is true", at),
            _ => is_true(connection, "KAFKA_SSL_ENABLED"),
        };
        enabled.and(is_not_true(connection, "KAFKA_SKIP_CUSTOM_CERT_VALIDATION"))
    })
}

fn of_type(connection: &Subject<'_>, types: &[&str], judge: impl FnOnce() -> Judgement) -> Judgement {
    match connection.text(path!("ConnectionInput.ConnectionType")) {
        Seen::Known(kind, _) if types.iter().any(|known| known.eq_ignore_ascii_case(&kind)) => judge(),
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(why, at) => Judgement::unknown(format!("ConnectionType: {why}"), at),
    }
}

fn is_true(connection: &Subject<'_>, name: &str) -> Judgement {
    match property(connection, name) {
        Seen::Known(value, at) if value.eq_ignore_ascii_case("true") => {
            Judgement::pass(format!("{name} is true"), at)
        }
        Seen::Known(value, at) => Judgement::fail(format!("{name} is {value}"), at),
        Seen::Absent(at) => Judgement::fail(format!("{name} is not set"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{name}: {why}"), at),
    }
}

fn is_not_true(connection: &Subject<'_>, name: &str) -> Judgement {
    match property(connection, name) {
        Seen::Known(value, at) if value.eq_ignore_ascii_case("true") => {
            Judgement::fail(format!("{name} is true: whoever answers is believed"), at)
        }
        Seen::Known(_, at) | Seen::Absent(at) => Judgement::pass(format!("{name} is not true"), at),
        Seen::Unknown(why, at) => Judgement::unknown(format!("{name}: {why}"), at),
    }
}

fn property(connection: &Subject<'_>, name: &str) -> Seen<Arc<str>> {
    setting::in_map(connection, path!("ConnectionInput.ConnectionProperties"), name)
}
