//! Scenarios over the whole authority, with OpenSSL and webpki as judges of what it issues.

mod any_order;
mod authorities;
mod beside;
mod elsewhere;
mod fleet;
mod issuing;
mod killing;
mod lifecycle;
#[cfg(feature = "ml-dsa")]
mod ml_dsa;
mod near_expiry;
mod opening;
#[allow(dead_code, reason = "other scenarios use the rest")]
#[path = "../../store/src/tests/postgres.rs"]
mod postgres;
mod posture;
mod renewing;
mod requests;
mod revoking;
mod rolling_over;
mod rotating;
mod stored;
mod tickets;
mod world;

use hermetic_store::PostgresUrl;
