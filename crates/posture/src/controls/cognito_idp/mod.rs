//! Cognito: where clients are sent with their codes and tokens.

mod callback;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("cognito-app-client-callback-https", callback::judge)];
