//! Terraform's own doings: requests that it makes itself.

mod request;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("ssm-secrets-not-sent-over-http", request::judge)];
