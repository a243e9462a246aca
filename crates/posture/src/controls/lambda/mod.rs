//! Lambda: clients to function URLs.

mod function_url;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("lambda-function-url-https-enforced", function_url::judge)];
