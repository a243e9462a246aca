//! What an HTTP server says about its own transport: where port 80 leads, and what the answer over TLS asks of
//! browsers. Facts only; what they are worth is judged elsewhere.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod alternative;
mod cookie;
mod plain;
mod preload;
mod site;
mod transport_security;

use hermetic_tls::Inspection;

pub use alternative::Alternative;
pub use cookie::Cookie;
pub use plain::{Plain, Redirect};
pub use preload::Preload;
pub use site::Site;
pub use transport_security::TransportSecurity;

use crate::observe::Manners;
use crate::way::Destination;

/// What an HTTP server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Its answer over TLS; or why there was none.
    pub site: Result<Site, String>,
    /// What its port for cleartext does; `None` where none belongs to it.
    pub plain: Option<Plain>,
}

/// Where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The host by its name, as it goes into requests.
    pub(crate) host: &'a str,
    /// The address that is looked at.
    pub(crate) address: &'a Destination,
    /// Its port.
    pub(crate) port: u16,
    /// The port for cleartext, where there is one.
    pub(crate) plain_port: Option<u16>,
}

/// Asks for the root page, over TLS and in cleartext. Two connections, and one for each redirect.
pub(crate) async fn look(place: Place<'_>, inspection: &Inspection, manners: &Manners) -> Web {
    let plain = async {
        match place.plain_port {
            Some(port) => Some(plain::look(place, port, manners).await),
            None => None,
        }
    };
    let (site, plain) = tokio::join!(site::look(place, inspection, manners), plain);
    Web { site, plain }
}
