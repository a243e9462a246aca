//! API Gateway: clients to APIs, and these to what is behind them.

use super::{Entry, secure_transport};

pub(super) const CONTROLS: &[Entry] =
    &[control!("apigateway-restapi-policy-secure-transport", secure_transport::judge)];
