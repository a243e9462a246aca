//! A login that ends here: the client proves itself to us, and with what its proof yields we prove the same
//! to the upstream. Each is bound to the certificate of its own side, so no one in between can pass it on.

use std::cell::Cell;

use super::{LoginError, Sides, broken, prove};
use crate::postgres::message::{self, Authentication, Message};
use crate::postgres::refusal::Refusal;
use crate::postgres::scram::{ClientBinding, Keys, Nonce, Proven, ScramError, Server};
use crate::postgres::startup::Startup;
use crate::postgres::users::Known;
use crate::snapshot::UsersSnapshot;

/// What both logins are bound to.
#[derive(Debug)]
pub(in crate::postgres) struct Bindings {
    /// `tls-server-end-point` of the client's side.
    pub client: Option<Vec<u8>>,
    /// The same of the upstream's.
    pub upstream: ClientBinding,
}

/// Sides a login and does it anew. The upstream is asked first how it wants it, so that the version that it
/// speaks, and what else it says, reach the client in the order that they would without us.
pub(in crate::postgres) async fn terminate(
    sides: &mut Sides<'_>,
    startup: &Startup,
    users: &UsersSnapshot,
    known: Known,
    bindings: Bindings,
) -> Result<(), LoginError> {
    sides.tell_upstream(&startup.packet).await?;
    let demand = sides.demand().await?;
    let demanded = demand.authentication().map_err(|error| LoginError::Upstream(error.to_string()))?;
    let offered = match demanded {
        // Anybody on the way could say so, who knows no verifier; and we would vouch for it.
        Authentication::Ok if sides.upstream_exposed => {
            return Err(LoginError::Upstream(
                "it lets the user in over cleartext without a login, so it proves nothing".to_owned(),
            ));
        }
        // It trusts us, or a certificate of ours; we don't trust the client any more for it.
        Authentication::Ok => None,
        Authentication::Sasl(offered) => Some(offered),
        other => return Err(LoginError::refused(Refusal::method(name(&other)))),
    };
    let verifier = known.verifier.clone();
    let proven = ended_here(sides, startup, users, known, bindings.client).await?;
    let Proven { client_key, server_final } = proven;
    let end = match offered {
        None => demand.clone(),
        Some(offered) => {
            let keys = Keys::proven(client_key, &verifier);
            let (io, within) = (&mut *sides.upstream, sides.upstream_within);
            let differs = Cell::new(false);
            let ours = async |salt: &[u8], iterations| {
                differs.set(!keys.are_for(salt, iterations));
                if differs.get() { Err(ScramError::OtherVerifier) } else { Ok(keys.clone()) }
            };
            let proven = prove(io, within, &offered, bindings.upstream, &*users.randomness, ours).await;
            // To the client it is as if the password were wrong, which it is for the upstream.
            proven.map_err(|error| match differs.get() {
                true => LoginError::Refused {
                    refusal: Refusal::password(&startup.user),
                    reason: error.to_string(),
                },
                false => error,
            })?
        }
    };
    let last = [message::sasl_final(&server_final).bytes(), end.bytes()].concat();
    sides.tell_client(&last).await
}

/// The login up to the proof that holds; the server's own proof goes out only when the upstream has taken
/// us.
async fn ended_here(
    sides: &mut Sides<'_>,
    startup: &Startup,
    users: &UsersSnapshot,
    known: Known,
    end_point: Option<Vec<u8>>,
) -> Result<Proven, LoginError> {
    let nonce = Nonce::new(&*users.randomness).map_err(|error| LoginError::Upstream(error.to_string()))?;
    let Known { verifier, is_known } = known;
    let server = Server::new(verifier, is_known, end_point);
    sides.tell_client(&message::sasl(server.mechanisms()).bytes()).await?;
    let choice: Message = sides.hear_client().await?;
    let (mechanism, first) = choice.sasl_initial().map_err(broken)?;
    let failed = |error| failed(error, &startup.user, is_known);
    let (challenged, challenge) = server.challenge(mechanism, first, &nonce).map_err(failed)?;
    sides.tell_client(&message::sasl_continue(&challenge).bytes()).await?;
    let last = sides.hear_client().await?;
    challenged.finish(&last.body).map_err(failed)
}

/// What the client is told, and what the log.
fn failed(error: ScramError, user: &str, is_known: bool) -> LoginError {
    let (refusal, reason) = match &error {
        ScramError::WrongProof if !is_known => {
            (Refusal::password(user), "the user is not known here".to_owned())
        }
        ScramError::WrongProof => (Refusal::password(user), error.to_string()),
        _ => (Refusal::protocol(error.to_string()), error.to_string()),
    };
    LoginError::Refused { refusal, reason }
}

pub(super) fn name(demanded: &Authentication<'_>) -> &'static str {
    match demanded {
        Authentication::CleartextPassword => "password",
        Authentication::Md5Password => "md5",
        Authentication::Token(name) => name,
        _ => "a message out of its order",
    }
}
