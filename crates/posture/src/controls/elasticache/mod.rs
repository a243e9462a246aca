//! ElastiCache: clients to Redis, Valkey and Memcached.

mod auth_with_tls;
mod global;

use super::Entry;

pub(crate) use global::primary_of;

pub(super) const CONTROLS: &[Entry] = &[
    control!("elasticache-memcached-encrypted-in-transit"),
    control!("elasticache-repl-grp-auth-with-tls", auth_with_tls::judge),
    control!("elasticache-repl-grp-encrypted-in-transit", global::judge),
    control!("elasticache-transit-encryption-mode-required", global::judge),
];
