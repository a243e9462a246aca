//! Lightsail: clients to load balancers and distributions.

mod load_balancer;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("lightsail-distribution-origin-https"),
    control!("lightsail-load-balancer-https-redirect", load_balancer::judge_redirect),
    control!("lightsail-load-balancer-tls-policy"),
];
