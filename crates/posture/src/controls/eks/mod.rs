//! EKS: clients to the API server.

use super::Entry;

pub(super) const CONTROLS: &[Entry] = &[control!("eks-cluster-endpoint-tls", listed)];
