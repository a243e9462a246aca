//! Requests that this process sends through the whole path itself, so that every hop has evidence
//! before a person looks.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hermetic_tls::{
    ClientHandshake, ClientSettings, Expected, Identity, RevokedCertificates, SecurityPolicy, SystemClock,
    TrustAnchors,
};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::ECHO;

/// The most bytes of an answer; the page is shorter.
const LONGEST: usize = 256 * 1024;

/// Why a request got no answer.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Sends the first request; an error unless the path answers it well.
pub async fn first_request(anchors: TrustAnchors, port: u16) -> Result<(), Failure> {
    match request(anchors, port).await? {
        StatusCode::OK => Ok(()),
        status => Err(format!("the path answered {status}").into()),
    }
}

/// Sends a request through the edge to the application; gives the status of the answer. It asks for no
/// page of the path, so it is no visit.
pub async fn request(anchors: TrustAnchors, port: u16) -> Result<StatusCode, Failure> {
    let request = Request::get(ECHO).body(Full::default())?;
    Ok(send(anchors, port, request).await?.0)
}

/// Sends a request to the edge, verified against the authority; gives status and body of the answer.
pub async fn send(
    anchors: TrustAnchors,
    port: u16,
    mut request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), Failure> {
    let settings = ClientSettings {
        policy: SecurityPolicy::default_policy(),
        trust: anchors,
        expected: Expected(Identity::host("localhost")?),
        pins: Vec::new(),
        revoked: RevokedCertificates::default(),
        identity: None,
        alpn: vec!["http/1.1".to_owned()],
    };
    let handshake = ClientHandshake::new(settings, Arc::new(SystemClock))?;
    let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let stream = handshake.connect(stream).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    request.headers_mut().insert(header::HOST, format!("localhost:{port}").parse()?);
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LONGEST).collect().await?;
    Ok((status, body.to_bytes()))
}
