//! An HTTP/1.1 connection on loan to one response.

use std::rc::Rc;

use hyper::client::conn::http1;

use super::place::{Place, UpstreamConnection};
use crate::body::RequestBody;

/// An HTTP/1.1 connection on loan. Given back at the end of its response; dropped before, the
/// connection is cut, since the rest of the response would be in the way of the next.
#[derive(Debug)]
pub(crate) struct Lease {
    place: Rc<Place>,
    sender: Option<http1::SendRequest<RequestBody>>,
    connection: Rc<UpstreamConnection>,
    single_use: bool,
}

impl Lease {
    /// A connection that came from `place`.
    pub fn new(
        place: Rc<Place>,
        sender: http1::SendRequest<RequestBody>,
        connection: Rc<UpstreamConnection>,
    ) -> Self {
        Self { place, sender: Some(sender), connection, single_use: false }
    }

    /// Whether the connection must be cut after this response: the request's body was never sent.
    pub fn single_use(mut self, single_use: bool) -> Self {
        self.single_use = single_use;
        self
    }

    /// Gives the connection back.
    pub fn give_back(mut self) {
        if self.single_use {
            return;
        }
        if let Some(sender) = self.sender.take() {
            self.place.give_back(sender, self.connection.clone());
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.sender.is_some() {
            self.connection.task.abort();
        }
    }
}
