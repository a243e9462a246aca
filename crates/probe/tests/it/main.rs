//! Probes of real servers from Debian, sound and broken; a server that can't be had fails the test.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod certificates;
mod look;
mod servers;

mod https;
mod mariadb;
mod postfix;
mod postgres;
mod redis;
mod unreachable;
