//! IoT Core: devices to endpoints.

use super::Entry;

pub(super) const CONTROLS: &[Entry] =
    &[control!("iot-certificate-audit-checks-enabled"), control!("iot-domain-configuration-tls-policy")];
