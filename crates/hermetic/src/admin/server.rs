//! The admin socket, `<data>/admin.sock`, and the metrics listener: HTTP/1.1 on a runtime apart
//! from the data plane. Whoever can open the socket may ask anything, so only its owner can.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hermetic_authority::Authority;
use hermetic_store::Actor;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::unix::UCred;
use tokio::net::{TcpListener, UnixListener};
use tokio::task::AbortHandle;

pub use super::admin_socket::AdminSocket;
use super::client::Refusal;
use super::{authorities, metrics};
use crate::commands::cert::order::Order;
use crate::commands::cert::{renew, revoke};
use crate::commands::scan::evidence;
use crate::exit::{Exit, Failure};
use crate::listening_socket::ListeningSocket;
use crate::tour;
use crate::tour::wire::{self, Wire};
use crate::up::{Instance, ReloadError, Reloaded, UpError};

/// The most bytes of a request's body.
const BODY: usize = 64 * 1024;

/// The same of what was seen of all hops, with certificates.
const SCANNED: usize = 8 * 1024 * 1024;

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
    /// What goes with it.
    socket: Option<PathBuf>,
}

/// Serves until the answer is dropped.
pub async fn start(instance: Arc<Instance>) -> Result<Serving, AdminError> {
    let path = AdminSocket::path(&instance.configuration().data);
    let failure = |source| AdminError::Socket { path: path.clone(), source };
    let socket = instance.admin_socket().socket().try_clone().and_then(UnixListener::from_std);
    let socket = socket.map_err(failure)?;
    let mut tasks = vec![tokio::spawn(admin(socket, instance.clone())).abort_handle()];
    tasks.push(tokio::spawn(scrapes(instance)).abort_handle());
    Ok(Serving { tasks, socket: Some(path) })
}

impl Serving {
    /// Serves no more, and leaves the socket to the process that has it, too.
    pub fn leave(mut self) {
        self.socket = None;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        if let Some(socket) = &self.socket {
            let _ = std::fs::remove_file(socket);
        }
    }
}

async fn admin(socket: UnixListener, instance: Arc<Instance>) {
    loop {
        match socket.accept().await {
            Ok((stream, _)) => match stream.peer_cred() {
                Ok(peer) => serve(stream, instance.clone(), Scope::All, Some(actor(&peer))),
                Err(error) => pause(&error).await,
            },
            Err(error) => pause(&error).await,
        }
    }
}

/// Serves metrics where the configuration says, wherever that is at the time.
async fn scrapes(instance: Arc<Instance>) {
    let mut socket = instance.metrics_socket();
    loop {
        let present = socket.borrow_and_update().clone();
        tokio::select! {
            () = scrapes_at(&present, &instance) => return,
            changed = socket.changed() => if changed.is_err() { return },
        }
    }
}

async fn scrapes_at(socket: &ListeningSocket, instance: &Arc<Instance>) {
    let Some(socket) = socket.socket() else { return std::future::pending().await };
    let listener = match socket.try_clone().and_then(TcpListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "metrics can't be served"),
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => serve(stream, instance.clone(), Scope::Metrics, None),
            Err(error) => pause(&error).await,
        }
    }
}

async fn pause(error: &std::io::Error) {
    tracing::warn!(%error, "an admin connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// What is answered; or the status and why it is not.
pub(super) type Answer = Result<Response<Full<Bytes>>, (StatusCode, String)>;

/// What may be asked on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    All,
    Metrics,
}

/// Whoever is at the other end of the socket: the journal names them.
fn actor(peer: &UCred) -> Actor {
    Actor::caller(peer.uid(), peer.pid().and_then(|pid| pid.try_into().ok()).unwrap_or_default())
}

/// Serves a connection; each request knows who sent it.
fn serve<IO>(stream: IO, instance: Arc<Instance>, scope: Scope, actor: Option<Actor>)
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        let instance = instance.clone();
        if let Some(actor) = &actor {
            request.extensions_mut().insert(actor.clone());
        }
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

async fn answer(instance: &Arc<Instance>, request: Request<Incoming>, scope: Scope) -> Response<Full<Bytes>> {
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
            Ok(answer) => answer,
            Err((status, reason)) => problem(status, &reason),
        },
        (Scope::All, &Method::POST, "/v1/certificates/renew") => match renew(instance, request).await {
            Ok(answer) => answer,
            Err((status, reason)) => problem(status, &reason),
        },
        (Scope::All, &Method::POST, "/v1/certificates/revoke") => match revoke(instance, request).await {
            Ok(answer) => answer,
            Err((status, reason)) => problem(status, &reason),
        },
        (Scope::All, &Method::POST, "/v1/authorities") => {
            match authorities::change(instance, request).await {
                Ok(answer) => answer,
                Err((status, reason)) => problem(status, &reason),
            }
        }
        (Scope::All, &Method::POST, "/v1/certificates/look") => match look_for_newer(instance).await {
            Ok(answer) => answer,
            Err((status, reason)) => problem(status, &reason),
        },
        (Scope::All, &Method::POST, "/v1/reload") => match reload(instance).await {
            Ok(reloaded) => json(StatusCode::OK, &reloaded),
            Err(error) => refusal(&error.into()),
        },
        (Scope::All, &Method::POST, "/v1/evidence") => match take_scanned(instance, request).await {
            Ok(taken) => json(StatusCode::OK, &taken),
            Err((status, reason)) => problem(status, &reason),
        },
        (Scope::All, &Method::POST, "/v1/upgrade") => match instance.upgrade().await {
            Ok(upgraded) => json(StatusCode::OK, &upgraded),
            Err(error) => refusal(&error.into()),
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

/// Takes what others have put into the store.
async fn look_for_newer(instance: &Instance) -> Answer {
    let authority = instance.authority().clone();
    to_the_end(async move {
        authority.renew_due().await;
        Ok(serde_json::json!({}))
    })
    .await
}

/// Renews a certificate.
async fn renew(instance: &Arc<Instance>, request: Request<Incoming>) -> Answer {
    let (authority, store) = (authority_for(instance, &request), instance.store().clone());
    let order: renew::Order = read(request).await?;
    to_the_end(async move { renew::Renewed::by(&authority, &store, &order.serial).await }).await
}

/// Revokes a certificate.
async fn revoke(instance: &Arc<Instance>, request: Request<Incoming>) -> Answer {
    let authority = authority_for(instance, &request);
    let order: revoke::Order = read(request).await?;
    to_the_end(async move { revoke::RevocationReport::by(&authority, &order).await }).await
}

/// The authority, acting for whoever is at the other end of the socket.
pub(super) fn authority_for(instance: &Instance, request: &Request<Incoming>) -> Authority {
    match request.extensions().get::<Actor>() {
        Some(actor) => instance.authority().on_behalf_of(actor.clone()),
        None => instance.authority().clone(),
    }
}

/// Does it to the end, whether whoever asked is still there or not.
pub(super) async fn to_the_end<T: Serialize + Send + 'static>(
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Answer {
    match tokio::spawn(work).await {
        Ok(Ok(done)) => Ok(json(StatusCode::OK, &done)),
        Ok(Err(failure)) => Ok(refusal(&failure)),
        Err(panic) => Err((StatusCode::INTERNAL_SERVER_ERROR, panic.to_string())),
    }
}

/// Reloads to the end, whether whoever asked is still there or not: an answer that nobody waits for is dropped
/// where it stands, and half a reload leaves sockets on which nobody accepts.
async fn reload(instance: &Arc<Instance>) -> Result<Reloaded, ReloadError> {
    let instance = instance.clone();
    let reloading = tokio::spawn(async move { instance.reload().await });
    reloading.await.map_err(|panic| UpError::System(panic.to_string()))?
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

/// Takes what a scan saw of its hops.
async fn take_scanned(
    instance: &Instance,
    request: Request<Incoming>,
) -> Result<evidence::Taken, (StatusCode, String)> {
    let shown = read_up_to(SCANNED, request).await?;
    let taken = instance.take_scanned(shown);
    let taken = taken.map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    Ok(evidence::Taken { taken })
}

async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, (StatusCode, String)> {
    read_up_to(BODY, request).await
}

/// What the body of a request says, of so many bytes at most.
pub(super) async fn read_up_to<T: DeserializeOwned>(
    most: usize,
    request: Request<Incoming>,
) -> Result<T, (StatusCode, String)> {
    let wrong = |reason: String| (StatusCode::BAD_REQUEST, reason);
    let body =
        Limited::new(request.into_body(), most).collect().await.map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| wrong(error.to_string()))
}

/// Issues a certificate.
async fn issue(instance: &Arc<Instance>, request: Request<Incoming>) -> Answer {
    let authority = authority_for(instance, &request);
    let order: Order = read(request).await?;
    to_the_end(async move { order.issued_by(&authority).await }).await
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(body) {
        Ok(bytes) => with_type(status, "application/json", bytes),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// A refusal with all that the command line would say of it.
fn refusal(failure: &Failure) -> Response<Full<Bytes>> {
    let status = match failure.exit() {
        Exit::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        Exit::Fine | Exit::Findings | Exit::Unable => StatusCode::INTERNAL_SERVER_ERROR,
    };
    json(status, &Refusal { error: failure.summary(), failure: Some(failure.clone()) })
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
