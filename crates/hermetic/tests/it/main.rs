//! Hermetic as its users meet it: the real binary, real sockets, and real clients and servers from
//! other hands. A peer that can't be had is an error, never a skip.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a scenario that breaks off has failed"
)]

mod architecture;
mod audit;
mod audit_formats;
mod audit_inputs;
mod audit_terms;
mod authorities;
mod browser;
mod configuration;
mod durability;
mod exporting;
mod external;
mod external_sessions;
mod external_trouble;
mod fleet;
mod guard;
mod harness;
mod hooks;
mod how_to;
mod http;
mod identities;
mod importing;
mod init;
mod inventory;
mod keys_at_rest;
mod limits;
mod limits_http2;
mod modes;
mod passthrough;
mod policy;
mod policy_document;
mod postgres;
mod proxy_protocol;
mod refusals;
mod reload;
mod renewing;
mod requests;
mod revocation;
mod revoking;
mod scan;
mod scan_again;
mod scan_ci;
mod scan_formats;
mod scan_many;
mod scan_remedies;
mod scan_watch;
mod scanning;
mod scanning_through;
mod store;
mod stored;
mod storm;
mod streams;
mod tickets;
mod tour;
mod tour_break;
mod tour_database;
mod tour_wire;
mod trail;
mod trust;
mod uninterrupted;
mod upgrade;
mod upstreams;
