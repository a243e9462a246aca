//! What the probe sees of real servers from Debian, sound and broken; one that can't be had fails the test.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod agreement;
mod certificates;
mod look;
mod server;
mod servers;

mod beside;
mod brief;
mod brokers;
mod client_certificate;
mod directory;
mod faults;
mod faulty;
mod files;
mod foreign;
mod hanging_up;
mod https;
mod large_hellos;
mod mailboxes;
mod mariadb;
mod observing;
mod old;
mod postfix;
mod postgres;
mod redis;
mod sessions;
mod software;
mod standards;
mod unreachable;
