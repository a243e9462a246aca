//! ACM: the certificates that servers show.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("acm-certificate-expiration-check", listed),
    control!("acm-certificate-export-disabled"),
    control!("acm-certificate-no-wildcard"),
    control!("acm-certificate-rsa-check"),
    control!("acm-certificate-status-issued", listed),
    control!("acm-certificate-transparent-logging-enabled"),
];
