//! Glue: connections to databases and to Kafka.

mod connection;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("glue-connection-ssl-enabled", connection::database),
    control!("glue-kafka-connection-ssl", connection::kafka),
];
