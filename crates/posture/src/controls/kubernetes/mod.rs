//! Kubernetes: what manifests say, once they are read.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("k8s-efs-csi-encrypt-in-transit", listed),
    control!("k8s-gateway-listener-tls", listed),
    control!("k8s-ingress-tls-required", listed),
    control!("k8s-service-load-balancer-tls", listed),
];
