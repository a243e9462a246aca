//! Upgrades: a request that wants to become a tunnel, such as a WebSocket, and the tunnel.

use std::rc::Rc;

use hermetic_hop::View;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};

use crate::body::ResponseBody;
use crate::connection::Connection;
use crate::limits::{Limit, Noted, Paced};
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
    if !may_pass(&protocol) {
        return None;
    }
    Some(Tunnel { client: hyper::upgrade::on(request), protocol })
}

/// Whether it lists protocols (RFC 9110 section 7.8), and `h2c` is none of them. What is no such list is read by
/// each server in its own way.
fn may_pass(protocols: &HeaderValue) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~/".contains(byte);
    let mut names = protocols.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    names.all(|name| !name.is_empty() && name.iter().all(is_of_name) && !name.eq_ignore_ascii_case(b"h2c"))
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
        let paced = Paced::stream(&connection.listener.limits);
        tokio::task::spawn_local(async move {
            let Ok(client) = client.await else { return };
            let (client, traffic) = Noted::new(TokioIo::new(client));
            tokio::select! {
                () = connection.cut() => {}
                // A tunnel knows no order in which it could end.
                () = connection.expired() => {}
                () = traffic.silent(paced.still) => connection.admission.refuse(Limit::StreamTimeout),
                () = relay(client, upstream) => {}
            }
            let (up, down) = (traffic.received(), traffic.sent());
            let mut ledger = connection.worker.ledger();
            ledger.passed(connection.sighted.hop(), View::Server, up, down);
            ledger.passed(&outbound, View::Client, down, up);
        });
        agreed.map(|body| ResponseBody::upstream(body, paced, None, None))
    }
}

/// Moves bytes both ways until both ends are done.
async fn relay(mut client: impl AsyncRead + AsyncWrite + Unpin, upstream: OnUpgrade) {
    let relayed = async {
        let mut upstream = TokioIo::new(upstream.await?);
        copy_bidirectional(&mut client, &mut upstream).await?;
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    if let Err(error) = relayed.await {
        tracing::debug!(%error, "a tunnel ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h2c_is_no_tunnel_whatever_stands_beside_it() {
        let passes = |value: &[u8]| may_pass(&HeaderValue::from_bytes(value).unwrap());
        assert!(passes(b"websocket") && passes(b"HTTP/2.0, IRC/6.9"));
        for refused in
            [&b"h2c"[..], b"websocket, H2C", b"h2c, \xff", b"h2c\xff", b"h2c h2c", b"", b"websocket,"]
        {
            assert!(!passes(refused), "{}", refused.escape_ascii());
        }
    }
}
