//! SES: mail that goes out and comes in, and its links.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("ses-mailmanager-ingress-tls-required"),
    control!("ses-receipt-rule-tls-required"),
    control!("ses-sending-tls-required"),
    control!("ses-tracking-https-required"),
];
