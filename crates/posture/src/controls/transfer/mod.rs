//! Transfer Family: clients to servers, and connectors to partners.

mod as2;
mod certificate;
mod security_policy;
mod wire;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("transfer-certificate-expiration", certificate::judge),
    control!("transfer-connector-as2-encryption-algorithm-check", as2::encryption),
    control!("transfer-connector-as2-mdn-signing-algorithm-check"),
    control!("transfer-connector-as2-signing-algorithm-check"),
    control!("transfer-connector-url-encrypted", wire::judge),
    control!("transfer-family-server-no-ftp"),
    control!("transfer-server-pqc-ssh-kex-enabled", security_policy::post_quantum),
    control!("transfer-server-security-policy-current", security_policy::current),
    control!("transfer-server-tls-session-resumption"),
];
