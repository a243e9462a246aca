//! IAM Roles Anywhere: whose certificates open roles.

mod trust_anchor;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("rolesanywhere-trust-anchor-pqc-pki", trust_anchor::judge)];
