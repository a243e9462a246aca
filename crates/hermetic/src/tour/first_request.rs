//! The tour's first request, which this process sends through the whole path, so that every hop
//! has evidence before a person looks.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hermetic_tls::{
    ClientHandshake, ClientSettings, Expected, Identity, SecurityPolicy, SystemClock, TrustAnchors,
};
use http::{Request, StatusCode, header};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Sends `GET /` to the edge, verified against the authority; an error unless the path answers.
pub async fn first_request(
    anchors: TrustAnchors,
    port: u16,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let settings = ClientSettings {
        policy: SecurityPolicy::default_policy(),
        trust: anchors,
        expected: Expected(Identity::host("localhost")?),
        identity: None,
        alpn: vec!["http/1.1".to_owned()],
    };
    let handshake = ClientHandshake::new(settings, Arc::new(SystemClock))?;
    let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let stream = handshake.connect(stream).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/")
        .header(header::HOST, format!("localhost:{port}"))
        .header(header::ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    match response.status() {
        StatusCode::OK => Ok(()),
        status => Err(format!("the path answered {status}").into()),
    }
}
