//! App Mesh: gateways and nodes among themselves.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("appmesh-virtual-gateway-backend-defaults-tls"),
    control!("appmesh-virtual-gateway-listener-tls"),
    control!("appmesh-virtual-node-backend-defaults-tls-on"),
    control!("appmesh-virtual-node-service-backends-tls-enforced"),
];
