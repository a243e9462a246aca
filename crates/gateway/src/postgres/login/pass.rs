//! A login that passes, message by message, as far as it must be watched.

use super::terminate::name;
use super::{LoginError, Sides, broken};
use crate::postgres::message::{self, Authentication};
use crate::postgres::refusal::Refusal;
use crate::postgres::scram::SCRAM_PLUS;
use crate::postgres::startup::Startup;

/// What becomes of the offer to bind a login to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::postgres) enum Plus {
    /// It passes, and so does who takes it: both sides show one certificate.
    Passes,
    /// It is taken out: the client comes in cleartext, where libpq refuses a server that offers it.
    Stripped,
    /// It passes, and who takes it is told that this can't work.
    Refused,
}

/// Passes a login on until the server says that the client is in.
pub(in crate::postgres) async fn pass(
    sides: &mut Sides<'_>,
    startup: &Startup,
    plus: Plus,
) -> Result<(), LoginError> {
    sides.tell_upstream(&startup.packet).await?;
    let strange = |error: message::MessageError| LoginError::Upstream(error.to_string());
    loop {
        let demand = sides.demand().await?;
        match demand.authentication().map_err(strange)? {
            // How often tokens go to and fro, only the two ends know; what is left passes as bytes.
            Authentication::Ok | Authentication::Token(_) => return sides.tell_client(&demand.bytes()).await,
            Authentication::SaslFinal(_) => sides.tell_client(&demand.bytes()).await?,
            Authentication::Sasl(offered) => {
                let offer = match plus {
                    Plus::Stripped => without_plus(&offered)?,
                    Plus::Passes | Plus::Refused => demand.bytes(),
                };
                sides.tell_client(&offer).await?;
                let choice = sides.hear_client().await?;
                if plus == Plus::Refused && choice.sasl_initial().map_err(broken)?.0 == SCRAM_PLUS {
                    return Err(LoginError::refused(Refusal::BOUND));
                }
                sides.tell_upstream(&choice.bytes()).await?;
            }
            asked @ (Authentication::CleartextPassword
            | Authentication::Md5Password
            | Authentication::SaslContinue(_)) => {
                let is_password = !matches!(asked, Authentication::SaslContinue(_));
                if is_password && sides.password_kept {
                    return Err(LoginError::Refused {
                        refusal: Refusal::method(name(&asked)),
                        reason: "a password that comes by TLS is asked for over cleartext".to_owned(),
                    });
                }
                sides.tell_client(&demand.bytes()).await?;
                let answer = sides.hear_client().await?;
                // A client that has none to give leaves, and has exposed nothing.
                sides.password_asked |= is_password;
                sides.tell_upstream(&answer.bytes()).await?;
            }
        }
    }
}

fn without_plus(offered: &[&str]) -> Result<Vec<u8>, LoginError> {
    let left: Vec<&str> = offered.iter().copied().filter(|mechanism| *mechanism != SCRAM_PLUS).collect();
    match left.as_slice() {
        [] => {
            Err(LoginError::Upstream("it takes no login but one that is bound to its certificate".to_owned()))
        }
        left => Ok(message::sasl(left).bytes()),
    }
}
