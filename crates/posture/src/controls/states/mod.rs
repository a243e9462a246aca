//! Step Functions: what state machines call.

mod http_task;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("stepfunctions-http-task-https", http_task::judge)];
