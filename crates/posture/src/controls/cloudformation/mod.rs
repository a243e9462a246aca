//! CloudFormation itself: stacks in stacks, and modules.

mod nested;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("cloudformation-nested-template", nested::judge)];
