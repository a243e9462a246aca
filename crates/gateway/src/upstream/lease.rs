//! A connection on loan to one response.

use std::rc::Rc;

use hyper::client::conn::http1;

use super::place::{Checkout, Place, Sender, UpstreamConnection};
use super::streams::Stream;
use crate::body::RequestBody;

/// A connection on loan. Given back at the end of its response; an HTTP/1.1 connection that is
/// dropped before is cut, since the rest of the response would be in the way of the next.
#[derive(Debug)]
pub(crate) struct Lease {
    place: Rc<Place>,
    /// `None`: a stream of a connection that others use too.
    exclusive: Option<http1::SendRequest<RequestBody>>,
    _stream: Option<Stream>,
    connection: Rc<UpstreamConnection>,
    single_use: bool,
}

impl Checkout {
    /// Lends the connection to a response. `single_use`: it must be cut after it, since the
    /// request's body was never sent.
    pub fn into_lease(self, single_use: bool) -> Lease {
        let exclusive = match self.sender {
            Sender::Http1(sender) => Some(sender),
            Sender::Http2(_) => None,
        };
        Lease { place: self.place, exclusive, _stream: self.stream, connection: self.connection, single_use }
    }
}

impl Lease {
    /// Gives the connection back.
    pub fn give_back(mut self) {
        if self.single_use {
            return;
        }
        if let Some(sender) = self.exclusive.take() {
            self.place.give_back(sender, self.connection.clone());
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.exclusive.is_some() {
            self.connection.task.abort();
        }
    }
}
