//! `POST /v1/authorities`: a running instance does what is to be done with an authority, and knows of it at once.

use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;

use super::server::{Answer, authority_for, read_up_to, to_the_end};
use crate::commands::ca::Order;
use crate::up::Instance;

/// The most bytes of an order: with a chain of 2 MiB, which is what AWS takes.
const MOST: usize = 4 << 20;

/// Carries an order out.
pub(super) async fn change(instance: &Arc<Instance>, request: Request<Incoming>) -> Answer {
    let authority = authority_for(instance, &request);
    let order: Order = read_up_to(MOST, request).await?;
    to_the_end(async move { order.by(&authority).await }).await
}
