//! Upgrades: a request that wants to become a tunnel, such as a WebSocket, and the tunnel.

use std::rc::Rc;

use hermetic_hop::View;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

use crate::body::ResponseBody;
use crate::connection::Connection;
use crate::snapshot::HopSnapshot;

/// A tunnel that the client asked for.
#[derive(Debug)]
pub(crate) struct Tunnel {
    client: OnUpgrade,
    protocol: HeaderValue,
}

/// The tunnel that a request asks for, if it does. `h2c` is not one: it would be cleartext HTTP/2
/// within TLS, and a known way around a proxy's rules.
pub(crate) fn wanted(request: &mut Request<Incoming>) -> Option<Tunnel> {
    if request.version() != Version::HTTP_11 || !asks(request.headers()) {
        return None;
    }
    let protocol = request.headers().get(header::UPGRADE)?.clone();
    let h2c = |value: &HeaderValue| {
        value.to_str().is_ok_and(|value| value.split(',').any(|name| name.trim().eq_ignore_ascii_case("h2c")))
    };
    if h2c(&protocol) {
        return None;
    }
    Some(Tunnel { client: hyper::upgrade::on(request), protocol })
}

fn asks(headers: &HeaderMap) -> bool {
    let mut options = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    options.any(|options| options.split(',').any(|option| option.trim().eq_ignore_ascii_case("upgrade")))
}

impl Tunnel {
    /// Asks the upstream for the same.
    pub fn ask(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, self.protocol.clone());
    }

    /// Opens it, the upstream having agreed; gives the answer for the client.
    pub fn open(
        self,
        connection: &Rc<Connection>,
        hop: &HopSnapshot,
        mut agreed: Response<Incoming>,
    ) -> Response<ResponseBody> {
        let upstream = hyper::upgrade::on(&mut agreed);
        let connection = connection.clone();
        let (client, outbound) = (self.client, hop.name.clone());
        tokio::task::spawn_local(async move {
            tokio::select! {
                () = connection.ended() => {}
                (up, down) = relay(client, upstream) => {
                    let mut ledger = connection.worker.ledger();
                    ledger.passed(connection.sighted.hop(), View::Server, up, down);
                    ledger.passed(&outbound, View::Client, down, up);
                }
            }
        });
        agreed.map(|body| ResponseBody::upstream(body, None, None))
    }
}

/// Moves bytes both ways until both ends are done; gives how many went up and down.
async fn relay(client: OnUpgrade, upstream: OnUpgrade) -> (u64, u64) {
    let relayed = async {
        let (client, upstream) = (client.await?, upstream.await?);
        let (mut client, mut upstream) = (TokioIo::new(client), TokioIo::new(upstream));
        Ok::<_, Box<dyn std::error::Error>>(copy_bidirectional(&mut client, &mut upstream).await?)
    };
    relayed.await.unwrap_or_else(|error| {
        tracing::debug!(%error, "a tunnel ended early");
        (0, 0)
    })
}
