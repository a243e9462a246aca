//! AWS Organizations: what holds for all accounts.

mod guardrail;

use super::Entry;

pub(super) use guardrail::{is_reached, resource_control_policies};

pub(super) const CONTROLS: &[Entry] = &[
    control!("organizations-rcp-secure-transport", guardrail::judge_resource_control_policy),
    control!("organizations-scp-secure-transport", guardrail::judge_service_control_policy),
];
