//! Database Migration Service: to the databases that it reads and writes.

mod certificate;
mod data_provider;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("dms-certificate-not-expired", certificate::judge),
    control!("dms-data-provider-ssl", data_provider::judge),
    control!("dms-endpoint-ssl-configured"),
    control!("dms-kafka-endpoint-tls"),
    control!("dms-redis-tls-enabled"),
];
