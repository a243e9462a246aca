//! EC2: networks, the links between them, and what they let in.

mod connect;
mod encryption_control;
mod endpoint_policy;
mod ingress;
mod instance_type;
mod verified_access;
mod vpn;

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[
    control!("ec2-instance-requirements-encryption-in-transit"),
    control!("ec2-nitro-in-transit-encryption", instance_type::judge),
    control!("ec2-security-group-no-cleartext-ingress", ingress::judge),
    control!("ec2-transit-gateway-encryption-support"),
    control!("ec2-transitgateway-connect-gre-encrypted", connect::judge),
    control!("ec2-vpn-certificate-authentication", vpn::judge_authentication),
    control!("ec2-vpn-connection-ike-version-check", vpn::judge_ike),
    control!("ec2-vpn-connection-logging-enabled", vpn::judge_logging),
    control!("ec2-vpn-connection-strong-algorithms", vpn::judge_algorithms),
    control!("verifiedaccess-endpoint-https", verified_access::judge),
    control!("vpc-encryption-control-enforced", encryption_control::judge),
    control!("vpc-endpoint-policy-secure-transport", endpoint_policy::judge),
    control!("vpc-flow-log-encryption-status-observed", listed),
    control!("vpc-vpn-2-tunnels-up", listed),
];
