//! SNS: publishers to topics, and topics to subscribers.

mod subscription;

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] = &[
    control!("sns-subscription-https-only", subscription::judge_delivery),
    control!("sns-topic-policy-no-http-protocol", subscription::judge_policy),
    control!("sns-topic-policy-secure-transport", secure_transport::judge),
];
