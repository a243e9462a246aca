//! SQS: clients to queues.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("sqs-queue-policy-secure-transport", secure_transport::judge)];
