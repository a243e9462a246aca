//! Redshift Serverless: clients to workgroups.

mod require_ssl;

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("redshift-serverless-workgroup-encrypted-in-transit", require_ssl::judge)];
