//! Directory Service: LDAP and RADIUS.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("directoryservice-ldap-certificate-expiration", listed),
    control!("directoryservice-ldaps-enabled", listed),
    control!("directoryservice-radius-server-security-protocol", listed),
];
