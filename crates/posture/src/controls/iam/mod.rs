//! IAM: certificates and assertions that it keeps.

mod server_certificate;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("iam-saml-provider-assertion-encryption"),
    control!("iam-server-certificate-expiration-check", server_certificate::judge),
];
