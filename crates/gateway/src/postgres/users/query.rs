//! The query by which an upstream is asked for a user's verifier, over a connection of our own: verified,
//! logged in by SCRAM, one question, its end.

use std::sync::Arc;
use std::time::Duration;

use hermetic_config::{AuthQuery, ScramVerifier};
use hermetic_tls::Randomness;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Asking;
use crate::postgres::exchange;
use crate::postgres::login::{LoginError, demand, prove, told, upstream};
use crate::postgres::message::{Authentication, Message, MessageError};
use crate::postgres::scram::{ClientBinding, Keys, ScramError};
use crate::postgres::session;
use crate::postgres::startup::Startup;
use crate::snapshot::AskingSnapshot;

/// Asks the upstream for a user's verifier; `None` where it has none.
pub(super) async fn ask(
    asking: &Asking<'_>,
    how: &AskingSnapshot,
    randomness: &dyn Randomness,
    user: &str,
) -> Result<Option<ScramVerifier>, LoginError> {
    let failed = |reason: String| LoginError::Upstream(format!("auth_query: {reason}"));
    let reached = asking.pool.open_bytes(asking.worker).await.map_err(|error| failed(error.to_string()))?;
    // Whoever reads a verifier and a proof that holds against it has the user's ClientKey.
    if asking.pool.hop().transport.is_exposed(&reached.leg) {
        return Err(failed("no verifier is asked for over cleartext".to_owned()));
    }
    let binding = ClientBinding::of(session::peer(&reached.leg));
    let (mut io, within) = (reached.leg, asking.within);
    let asked = async {
        let AuthQuery { user: asker, database, query, .. } = &how.query;
        exchange::send(&mut io, &Startup::of(asker, database).packet).await.map_err(upstream)?;
        let first = demand(&mut io, within).await?;
        match first.authentication().map_err(strange)? {
            Authentication::Ok => {}
            Authentication::Sasl(offered) => {
                let keys = async |salt: &[u8], iterations| how.keys(salt, iterations).await;
                prove(&mut io, within, &offered, binding, randomness, keys).await?;
            }
            _ => {
                return Err(LoginError::Upstream(format!(
                    "`{asker}` is asked for something else than SCRAM"
                )));
            }
        }
        let row = one_row(&mut io, within, query, user).await?;
        // Terminate. Its answer is the end of the connection, which nobody waits for.
        let _ = exchange::send(&mut io, &Message::new(b'X', []).bytes()).await;
        Ok(row)
    };
    let row = asked.await.map_err(|error: LoginError| failed(error.to_string()))?;
    match row {
        None => Ok(None),
        Some(secret) => match secret.parse() {
            Ok(verifier) => Ok(Some(verifier)),
            Err(error) => {
                // Any stranger may name such a user, so it is told to who asks for it, and fills no log.
                tracing::debug!(user = %user.escape_debug(), %error, "no login by SCRAM");
                Ok(None)
            }
        },
    }
}

/// Runs the query with the user as its one parameter; gives the second column of its row.
async fn one_row<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    within: Duration,
    query: &str,
    user: &str,
) -> Result<Option<String>, LoginError> {
    let mut sent = false;
    let mut row = None;
    loop {
        let message = exchange::receive(io, within).await.map_err(upstream)?;
        match message.kind {
            // ReadyForQuery: before the question, and behind its answer.
            b'Z' if !sent => {
                exchange::send(io, &question(query, user)).await.map_err(upstream)?;
                sent = true;
            }
            b'Z' => return Ok(row),
            b'D' if row.is_none() => row = second_column(&message.body).map_err(strange)?,
            b'E' => return Err(LoginError::Upstream(format!("it refuses: {}", told(&message)))),
            // Parameters, the cancel key, notices, and the parts of an answer that say nothing to us.
            _ => {}
        }
    }
}

/// Parse, Bind, Execute of one row, Sync. Text in both directions, the type of `$1` for the server to tell.
fn question(query: &str, user: &str) -> Vec<u8> {
    let text = |text: &str| [text.as_bytes(), &[0]].concat();
    let length = u32::try_from(user.len()).unwrap_or(u32::MAX).to_be_bytes();
    let parse = [text(""), text(query), vec![0, 0]].concat();
    let bind = [text(""), text(""), vec![0, 0, 0, 1], length.to_vec(), user.as_bytes().to_vec(), vec![0, 0]];
    let execute = [text(""), 1_u32.to_be_bytes().to_vec()].concat();
    let messages = [(b'P', parse), (b'B', bind.concat()), (b'E', execute), (b'S', Vec::new())];
    messages.into_iter().flat_map(|(kind, body)| Message::new(kind, body).bytes()).collect()
}

/// The second column of a DataRow of at least two; `None` where it is NULL.
fn second_column(body: &[u8]) -> Result<Option<String>, MessageError> {
    let malformed = || MessageError::Malformed(b'D');
    let mut rest = body.get(2..).ok_or_else(malformed)?;
    column(&mut rest).ok_or_else(malformed)?;
    let second = column(&mut rest).ok_or_else(malformed)?;
    second.map(|text| String::from_utf8(text.to_vec()).map_err(|_| malformed())).transpose()
}

/// The next column: its length and bytes; `None` within where it is NULL (length -1).
fn column<'r>(rest: &mut &'r [u8]) -> Option<Option<&'r [u8]>> {
    let (length, behind) = rest.split_first_chunk()?;
    match i32::from_be_bytes(*length) {
        -1 => {
            *rest = behind;
            Some(None)
        }
        length => {
            let (column, behind) = behind.split_at_checked(usize::try_from(length).ok()?)?;
            *rest = behind;
            Some(Some(column))
        }
    }
}

fn strange(error: MessageError) -> LoginError {
    LoginError::Upstream(error.to_string())
}

impl AskingSnapshot {
    /// The keys of our own password. Made on a thread that may wait, and kept: the salt stays until the
    /// password changes.
    async fn keys(&self, salt: &[u8], iterations: u32) -> Result<Keys, ScramError> {
        if let Some(kept) = self.kept.load_full().filter(|keys| keys.are_for(salt, iterations)) {
            return Ok(Keys::clone(&kept));
        }
        let (password, salt) = (self.query.password.clone(), salt.to_vec());
        let making = move || Keys::of_password(password.expose(), &salt, iterations);
        let keys = tokio::task::spawn_blocking(making).await;
        let keys = keys.map_err(|_| ScramError::Iterations(iterations))??;
        self.kept.store(Some(Arc::new(keys.clone())));
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_column_is_the_verifier() {
        let row = |columns: &[Option<&str>]| {
            let count = u16::try_from(columns.len()).unwrap().to_be_bytes().to_vec();
            columns.iter().fold(count, |mut body, column| {
                let length = column.map_or(-1, |text| i32::try_from(text.len()).unwrap());
                body.extend(length.to_be_bytes());
                body.extend(column.unwrap_or_default().bytes());
                body
            })
        };
        assert_eq!(second_column(&row(&[Some("web"), Some("S")])).unwrap().as_deref(), Some("S"));
        assert_eq!(second_column(&row(&[Some("web"), None])).unwrap(), None);
        assert!(second_column(&row(&[Some("web")])).is_err());
        assert!(second_column(&[0, 2, 0, 0, 0, 9, 1]).is_err());
    }
}
