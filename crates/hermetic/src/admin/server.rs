//! The admin socket, `<data>/admin.sock`, and the metrics listener: HTTP/1.1 on a runtime apart
//! from the data plane. Whoever can open the socket may ask anything, so only its owner can.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hermetic_authority::{AuthorityError, Request as CertificateRequest, Usage};
use hermetic_tls::Identity;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::AbortHandle;

use super::metrics;
use crate::tour;
use crate::tour::wire::{self, Wire};
use crate::up::Instance;

/// The most bytes of a request's body.
const BODY: usize = 64 * 1024;

/// How long a request's head may take.
const HEAD: Duration = Duration::from_secs(5);

/// Why the admin interface can't be served.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The socket.
    #[error("admin socket {}: {source}; a path of more than 107 bytes can't be a socket, choose a shorter `data`", path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The metrics listener.
    #[error("metrics on {address}: {source}; choose another address with `admin`")]
    Metrics {
        /// Its address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// The running interface; it ends, and the socket goes, when this is dropped.
#[derive(Debug)]
pub struct Serving {
    tasks: Vec<AbortHandle>,
    socket: PathBuf,
}

/// Where the admin socket of a data folder is.
pub fn socket_path(data: &Path) -> PathBuf {
    data.join("admin.sock")
}

/// Serves until the answer is dropped. The caller holds the lock of the data folder, so a socket
/// that is there is a dead instance's.
pub async fn start(instance: Arc<Instance>) -> Result<Serving, AdminError> {
    let path = socket_path(&instance.configuration().data);
    let failure = |source| AdminError::Socket { path: path.clone(), source };
    let _ = std::fs::remove_file(&path);
    let socket = UnixListener::bind(&path).map_err(failure)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failure)?;
    let mut tasks = vec![tokio::spawn(admin(socket, instance.clone())).abort_handle()];
    if let Some(address) = instance.configuration().admin {
        let listener =
            TcpListener::bind(address).await.map_err(|source| AdminError::Metrics { address, source })?;
        tasks.push(tokio::spawn(scrapes(listener, instance)).abort_handle());
    }
    Ok(Serving { tasks, socket: path })
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        let _ = std::fs::remove_file(&self.socket);
    }
}

async fn admin(socket: UnixListener, instance: Arc<Instance>) {
    loop {
        match socket.accept().await {
            Ok((stream, _)) => serve(stream, instance.clone(), Scope::All),
            Err(error) => pause(&error).await,
        }
    }
}

async fn scrapes(listener: TcpListener, instance: Arc<Instance>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => serve(stream, instance.clone(), Scope::Metrics),
            Err(error) => pause(&error).await,
        }
    }
}

async fn pause(error: &std::io::Error) {
    tracing::warn!(%error, "an admin connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// What may be asked on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    All,
    Metrics,
}

fn serve<IO>(stream: IO, instance: Arc<Instance>, scope: Scope)
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request| {
        let instance = instance.clone();
        async move { Ok::<_, Infallible>(answer(&instance, request, scope).await) }
    });
    tokio::spawn(async move {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
        if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
            tracing::debug!(%error, "an admin connection ended early");
        }
    });
}

async fn answer(instance: &Instance, request: Request<Incoming>, scope: Scope) -> Response<Full<Bytes>> {
    match (scope, request.method(), request.uri().path()) {
        (_, &Method::GET, "/metrics") => match metrics::text(instance).await {
            Ok(text) => with_type(StatusCode::OK, metrics::CONTENT_TYPE, text),
            Err(error) => problem(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        },
        (Scope::All, &Method::GET, "/v1/hops") => match instance.report().await {
            Ok(report) => json(StatusCode::OK, &report),
            Err(error) => problem(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        },
        (Scope::All, &Method::POST, "/v1/certificates") => match issue(instance, request).await {
            Ok(issued) => json(StatusCode::OK, &issued),
            Err((status, reason)) => problem(status, &reason),
        },
        (Scope::All, &Method::GET, "/v1/tour") => match tour::state(instance).await {
            Ok(state) => json(StatusCode::OK, &state),
            Err(error) => problem(error.status(), &error.to_string()),
        },
        (Scope::All, &Method::POST, "/v1/tour/break") => match break_hop(instance, request).await {
            Ok(broken) => json(StatusCode::OK, &broken),
            Err((status, reason)) => problem(status, &reason),
        },
        (Scope::All, &Method::POST, "/v1/tour/mend") => match tour::mend(instance).await {
            Ok(state) => json(StatusCode::OK, &state),
            Err(error) => problem(error.status(), &error.to_string()),
        },
        (Scope::All, &Method::POST, "/v1/tour/wire") => match look(instance, request).await {
            Ok(wire) => json(StatusCode::OK, &wire),
            Err((status, reason)) => problem(status, &reason),
        },
        _ => problem(StatusCode::NOT_FOUND, "no such thing here"),
    }
}

/// What `POST /v1/certificates` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    subject: String,
    names: Vec<Identity>,
    usage: OrderedUsage,
    lifetime_seconds: u64,
}

/// How the certificate may be used.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OrderedUsage {
    Server,
    Client,
    Both,
}

impl From<OrderedUsage> for Usage {
    fn from(ordered: OrderedUsage) -> Self {
        match ordered {
            OrderedUsage::Server => Self::Server,
            OrderedUsage::Client => Self::Client,
            OrderedUsage::Both => Self::Both,
        }
    }
}

/// What `POST /v1/tour/break` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Breaking {
    kind: tour::Breakage,
}

async fn break_hop(
    instance: &Instance,
    request: Request<Incoming>,
) -> Result<tour::Broken, (StatusCode, String)> {
    let Breaking { kind } = read(request).await?;
    tour::break_hop(instance, kind).await.map_err(|error| (error.status(), error.to_string()))
}

/// What `POST /v1/tour/wire` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Looking {
    secret: String,
}

async fn look(instance: &Instance, request: Request<Incoming>) -> Result<Wire, (StatusCode, String)> {
    let Looking { secret } = read(request).await?;
    wire::look(instance, &secret).await.map_err(|error| (error.status(), error.to_string()))
}

async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, (StatusCode, String)> {
    let wrong = |reason: String| (StatusCode::BAD_REQUEST, reason);
    let body =
        Limited::new(request.into_body(), BODY).collect().await.map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| wrong(error.to_string()))
}

async fn issue(
    instance: &Instance,
    request: Request<Incoming>,
) -> Result<serde_json::Value, (StatusCode, String)> {
    let order: Order = read(request).await?;
    let request = CertificateRequest {
        subject: order.subject,
        identities: order.names,
        usage: order.usage.into(),
        lifetime: Duration::from_secs(order.lifetime_seconds),
    };
    let credential = instance.authority().issue(request).await.map_err(|error| match error {
        AuthorityError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    })?;
    Ok(serde_json::json!({
        "chain_pem": credential.chain().to_pem(),
        "key_pem": credential.key().expose_pem().as_str(),
        "serial": credential.leaf().serial.to_string(),
        "not_after": credential.leaf().not_after,
    }))
}

fn json(status: StatusCode, body: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(body) {
        Ok(bytes) => with_type(status, "application/json", bytes),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn problem(status: StatusCode, reason: &str) -> Response<Full<Bytes>> {
    with_type(status, "application/json", serde_json::json!({ "error": reason }).to_string())
}

fn with_type(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
