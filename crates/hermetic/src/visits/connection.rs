//! One connection: socket, TLS, PostgreSQL, the table; each before the next.

use std::sync::{Arc, OnceLock};

use hermetic_gateway::path::Visit;
use hermetic_hop::Evidence;
use hermetic_tls::{ClientHandshake, Clock, HandshakeError};
use hermetic_trail::Sealed;
use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error};

use super::{Server, VisitsError, error};

/// A connection that stands.
pub struct Open {
    /// To ask with.
    pub client: Client,
    /// What the handshake showed.
    pub evidence: Evidence,
    /// What moves the bytes; ends with the connection.
    pub driver: JoinHandle<Result<(), Error>>,
}

/// A table of this name is unlikely to be anybody else's on a server that is not ours.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS hermetic_visits \
                     (at timestamptz NOT NULL, verdict text, note text)";

/// A statement does not see what it inserts itself, so that visit is added.
const KEEP: &str = "WITH kept AS (INSERT INTO hermetic_visits (at, verdict) \
                    VALUES ($1::text::timestamptz, $2) RETURNING 1) \
                    SELECT (SELECT count(*) FROM hermetic_visits) + (SELECT count(*) FROM kept)";

/// A visit that brings a secret asks for no verdict. What comes back is what the server took.
const NOTE: &str = "INSERT INTO hermetic_visits (at, note) VALUES ($1::text::timestamptz, $2) RETURNING note";

/// Makes sure that the table is there.
pub async fn prepare(client: &Client) -> Result<(), Error> {
    client.batch_execute(TABLE).await
}

/// Connects.
pub async fn open(
    server: &Server,
    handshake: &ClientHandshake,
    clock: &dyn Clock,
) -> Result<Open, VisitsError> {
    let place = server.place();
    let refused = |error: Error| VisitsError::Refused { place: place.clone(), reason: error::told(&error) };
    let unreachable = |source| VisitsError::Connect { place: place.clone(), source };
    let stream = server.connect().await.map_err(unreachable)?;
    let negotiated = Arc::new(OnceLock::new());
    let tls = Sealed::new(handshake.clone(), negotiated.clone());
    let (connected, at) = (config(server).connect_raw(stream, tls).await, clock.now());
    let Some(negotiated) = negotiated.get() else { return Err(without_tls(place, connected.err())) };
    let (client, connection) = connected.map_err(refused)?;
    let driver = tokio::spawn(connection);
    let evidence = hermetic_gateway::seen_by_client(negotiated, at);
    Ok(Open { client, evidence, driver })
}

/// Keeps a visit; gives how many there are.
pub async fn keep(client: &Client, visit: Visit) -> Result<u64, Error> {
    let row = client.query_one(KEEP, &[&visit.at.to_string(), &visit.verdict.as_str()]).await?;
    let visits: i64 = row.try_get(0)?;
    Ok(u64::try_from(visits).unwrap_or_default())
}

/// Keeps a note; gives it as the server has it now.
pub async fn note(client: &Client, at: Timestamp, note: &str) -> Result<String, Error> {
    client.query_one(NOTE, &[&at.to_string(), &note]).await?.try_get(0)
}

fn config(server: &Server) -> Config {
    let mut config = Config::new();
    config.user(&server.user).dbname(&server.database).application_name("hermetic tour");
    // Never cleartext: a server without TLS is an error.
    config.ssl_mode(SslMode::Require);
    if let Some(password) = &server.password {
        config.password(password);
    }
    config
}

/// Why no handshake came to its end.
fn without_tls(place: String, error: Option<Error>) -> VisitsError {
    let reason = error.as_ref().map(error::told).unwrap_or_default();
    match error.and_then(Error::into_source).map(|source| source.downcast::<HandshakeError>()) {
        Some(Ok(source)) => VisitsError::Handshake { place, source: *source },
        Some(Err(other)) if other.is::<std::io::Error>() => VisitsError::Refused { place, reason },
        _ => VisitsError::NoTls { place, reason },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hermetic_hop::Step;
    use hermetic_tls::{Identity, SystemClock};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A root that stands behind nobody here.
    const ROOT: &str = include_str!("samples/root.pem");

    /// What connecting to a server gives that reads the `SSLRequest` and answers this.
    async fn answered(answer: &'static [u8]) -> VisitsError {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Server {
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().unwrap().port(),
            via: None,
            identity: Identity::host("localhost").unwrap(),
            anchors: ROOT.to_owned(),
            database: "postgres".to_owned(),
            user: "web".to_owned(),
            password: Some("secret".to_owned()),
        };
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 8];
            stream.read_exact(&mut request).await.unwrap();
            stream.write_all(answer).await.unwrap();
        });
        let handshake = server.handshake(Arc::new(SystemClock)).unwrap();
        open(&server, &handshake, &SystemClock).await.err().unwrap()
    }

    #[tokio::test]
    async fn a_server_without_tls_is_not_spoken_to_in_cleartext() {
        let error = answered(b"N").await;
        assert!(matches!(error, VisitsError::NoTls { .. }), "{error}");
        assert_eq!(error.step(), Step::Handshake);
    }

    #[tokio::test]
    async fn a_server_that_says_yes_and_then_speaks_no_tls_is_not_as_demanded() {
        let error = answered(b"S\x00\x00\x00\x00\x00\x00\x00\x00").await;
        assert_eq!(error.step(), Step::Handshake, "{error}");
    }

    #[tokio::test]
    async fn a_server_that_hangs_up_is_not_reached() {
        let error = answered(b"").await;
        assert_eq!(error.step(), Step::Connect, "{error}");
    }
}
