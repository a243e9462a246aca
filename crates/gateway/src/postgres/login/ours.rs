//! A login of our own at an upstream, by SCRAM.

use std::time::Duration;

use hermetic_tls::Randomness;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{LoginError, told, upstream};
use crate::postgres::exchange;
use crate::postgres::message::{self, Authentication, Message, MessageError};
use crate::postgres::scram::{Client, ClientBinding, Keys, Nonce, ScramError};

/// Answers an upstream's offer of mechanisms, and sees that it proves itself in turn. `keys` gives the keys
/// for a salt and a count of iterations. Gives the message after which we are in.
pub(in crate::postgres) async fn prove<IO: AsyncRead + AsyncWrite + Unpin>(
    io: &mut IO,
    within: Duration,
    offered: &[&str],
    binding: ClientBinding,
    randomness: &dyn Randomness,
    keys: impl AsyncFnOnce(&[u8], u32) -> Result<Keys, ScramError>,
) -> Result<Message, LoginError> {
    let nonce = Nonce::new(randomness).map_err(|error| LoginError::Upstream(error.to_string()))?;
    let (client, mechanism, first) =
        Client::start(offered, binding, &nonce).map_err(|error| match error {
            ScramError::Mechanism => LoginError::Upstream("it offers no SCRAM-SHA-256".to_owned()),
            other => scram(other),
        })?;
    exchange::send(io, &message::sasl_initial(mechanism, &first).bytes()).await.map_err(upstream)?;
    let challenge = demand(io, within).await?;
    let Authentication::SaslContinue(text) = challenge.authentication().map_err(strange)? else {
        return Err(strange(MessageError::Unexpected(b'R')));
    };
    let answered = client.challenged(text).map_err(scram)?;
    let keys = keys(&answered.salt, answered.iterations).await.map_err(scram)?;
    let (proving, last) = answered.prove(&keys).map_err(scram)?;
    exchange::send(io, &Message::new(b'p', last).bytes()).await.map_err(upstream)?;
    let outcome = demand(io, within).await?;
    let Authentication::SaslFinal(text) = outcome.authentication().map_err(strange)? else {
        return Err(strange(MessageError::Unexpected(b'R')));
    };
    proving.finish(text).map_err(scram)?;
    let end = demand(io, within).await?;
    match end.authentication().map_err(strange)? {
        Authentication::Ok => Ok(end),
        _ => Err(strange(MessageError::Unexpected(b'R'))),
    }
}

/// The next demand; an error of the upstream's is told as such.
pub(in crate::postgres) async fn demand<IO: AsyncRead + Unpin>(
    io: &mut IO,
    within: Duration,
) -> Result<Message, LoginError> {
    loop {
        let message = exchange::receive(io, within).await.map_err(upstream)?;
        match message.kind {
            b'R' => return Ok(message),
            b'N' | b'v' => {}
            b'E' => return Err(LoginError::Upstream(format!("it refuses: {}", told(&message)))),
            other => return Err(strange(MessageError::Unexpected(other))),
        }
    }
}

fn scram(error: ScramError) -> LoginError {
    LoginError::Upstream(error.to_string())
}

fn strange(error: MessageError) -> LoginError {
    LoginError::Upstream(error.to_string())
}
