//! Asks a running instance, over the admin socket in its data folder.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::admin_socket::AdminSocket;
use crate::exit::Failure;

/// The most bytes of an answer.
const LONGEST: usize = 16 * 1024 * 1024;

/// How long an answer may take; issuing waits for the authority's key.
const DEADLINE: Duration = Duration::from_secs(15);

/// A running instance, as seen from its data folder.
#[derive(Clone, Debug)]
pub struct Admin {
    data: PathBuf,
}

/// Why an instance did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// Nobody listens there.
    #[error("no instance of Hermetic is running with this data folder")]
    NoInstance {
        /// The data folder.
        data: PathBuf,
    },
    /// The socket can't be used.
    #[error("the admin socket can't be used: {source}")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No answer came in time.
    #[error("the instance did not answer within {} s", patience.as_secs())]
    Silent {
        /// The socket.
        path: PathBuf,
        /// How long was waited.
        patience: Duration,
    },
    /// The instance does not do it.
    #[error("the instance refused: {reason}")]
    Refused {
        /// The status of its answer.
        status: StatusCode,
        /// Why.
        reason: String,
        /// The same as it is to be told, where the instance says so.
        failure: Option<Box<Failure>>,
    },
    /// The answer is not what this version understands.
    #[error("the instance's answer can't be understood: {reason}")]
    BadAnswer {
        /// Why.
        reason: String,
    },
}

/// The body of an answer that refuses.
#[derive(Debug, Deserialize, Serialize)]
pub struct Refusal {
    /// Why.
    pub error: String,
    /// The same as the command line tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl Admin {
    /// The instance of this data folder.
    pub fn of(data: &Path) -> Self {
        Self { data: data.to_owned() }
    }

    /// Gets what is at `path`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, AskError> {
        self.ask(Method::GET, path, Bytes::new(), DEADLINE).await
    }

    /// Posts `body` to `path`.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, AskError> {
        self.post_and_wait(path, body, DEADLINE).await
    }

    /// The same for what may take longer than usual.
    pub async fn post_and_wait<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<T, AskError> {
        let body = serde_json::to_vec(body).map_err(bad)?;
        self.ask(Method::POST, path, body.into(), patience).await
    }

    fn socket(&self) -> PathBuf {
        AdminSocket::path(&self.data)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        patience: Duration,
    ) -> Result<T, AskError> {
        let exchange = timeout(patience, self.exchange(method, path, body));
        let (status, body) =
            exchange.await.map_err(|_| AskError::Silent { path: self.socket(), patience })??;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(bad);
        }
        let told: Option<Refusal> = serde_json::from_slice(&body).ok();
        let Refusal { error: reason, failure } =
            told.unwrap_or_else(|| Refusal { error: status.to_string(), failure: None });
        Err(AskError::Refused { status, reason, failure: failure.map(Box::new) })
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), AskError> {
        let stream = UnixStream::connect(self.socket()).await.map_err(|source| self.unreached(source))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(bad)?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "hermetic")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(bad)?;
        let answer = async {
            let response = sender.send_request(request).await.map_err(bad)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LONGEST).collect().await.map_err(bad)?;
            Ok((status, body.to_bytes()))
        };
        tokio::pin!(connection, answer);
        tokio::select! {
            answer = &mut answer => answer,
            // The connection may end before its last bytes were read from it.
            _ = &mut connection => answer.await,
        }
    }

    /// A socket that a dead instance left is as good as none.
    fn unreached(&self, source: io::Error) -> AskError {
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                AskError::NoInstance { data: self.data.clone() }
            }
            _ => AskError::Socket { path: self.socket(), source },
        }
    }
}

fn bad(error: impl std::fmt::Display) -> AskError {
    AskError::BadAnswer { reason: error.to_string() }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        let what = error.to_string();
        match error {
            AskError::NoInstance { data } => Self::unable(what).at(data.display().to_string()).remedy(
                "start one with `hermetic up`; one with another data folder is found by --data, or by --config",
            ),
            AskError::Socket { path, .. } => Self::unable(what)
                .at(path.display().to_string())
                .remedy("run this as the user that the instance runs as"),
            AskError::Silent { path, .. } => Self::unable(what).at(path.display().to_string()),
            AskError::Refused { failure: Some(failure), .. } => *failure,
            AskError::Refused { status, .. } if status.is_client_error() => Self::wrong(what),
            AskError::Refused { .. } => Self::unable(what),
            AskError::BadAnswer { .. } => {
                Self::unable(what).remedy("use the `hermetic` of the version that runs there")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixListener;

    use super::*;

    /// Asks an instance that answers one request with these bytes; gives what it was asked, too.
    async fn asked(answer: &'static [u8]) -> (Result<Vec<u8>, AskError>, String) {
        let data = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(data.path().join("admin.sock")).unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            stream.write_all(answer).await.unwrap();
            String::from_utf8(request[..read].to_vec()).unwrap()
        };
        let admin = Admin::of(data.path());
        tokio::join!(admin.get::<Vec<u8>>("/v1/numbers"), serve)
    }

    #[tokio::test]
    async fn an_answer_is_read_as_what_was_asked_for() {
        let (answer, request) = asked(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n[1,2,3]").await;
        assert_eq!(answer.unwrap(), [1, 2, 3]);
        assert!(request.starts_with("GET /v1/numbers HTTP/1.1\r\nhost: hermetic\r\n"), "{request}");
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        let answer = b"HTTP/1.1 422 X\r\ncontent-length: 25\r\n\r\n{\"error\":\"no such names\"}\n";
        let error = asked(answer).await.0.unwrap_err();
        assert!(matches!(error, AskError::Refused { status, .. } if status == 422), "{error}");
        assert_eq!(error.to_string(), "the instance refused: no such names");
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_or_makes_no_sense_is_an_error() {
        let broken = [
            &b"HTTP/1.1 200 OK\r\ncontent-length: 70\r\n\r\n[1,"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            b"",
        ];
        for answer in broken {
            assert!(matches!(asked(answer).await.0, Err(AskError::BadAnswer { .. })));
        }
    }

    #[tokio::test]
    async fn neither_a_missing_nor_a_dead_socket_is_an_instance() {
        let data = tempfile::tempdir().unwrap();
        let ask = || async { Admin::of(data.path()).get::<()>("/").await.unwrap_err() };
        assert!(matches!(ask().await, AskError::NoInstance { .. }));
        drop(UnixListener::bind(data.path().join("admin.sock")).unwrap());
        assert!(matches!(ask().await, AskError::NoInstance { .. }));
    }
}
