//! Users: the verifier of whoever wants to log in, from the list or from the upstream. Who is not known gets
//! one that stands for nobody.

mod query;

use std::time::Duration;

use hermetic_config::ScramVerifier;

use super::login::LoginError;
use super::scram::mock_verifier;
use crate::snapshot::{UserSource, UsersSnapshot};
use crate::upstream::Pool;
use crate::worker::Worker;

/// What is known of a user.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub verifier: ScramVerifier,
    /// Whether it is a user at all.
    pub is_known: bool,
}

/// The upstream that may have to be asked.
pub(super) struct Asking<'a> {
    pub worker: &'a Worker,
    pub pool: &'a Pool,
    /// How long it may take for a message.
    pub within: Duration,
}

/// Finds a user.
pub(super) async fn find(
    asking: &Asking<'_>,
    users: &UsersSnapshot,
    user: &str,
) -> Result<Known, LoginError> {
    let verifier = match &users.source {
        UserSource::List(list) => list.get(user).cloned(),
        UserSource::Query(how) => query::ask(asking, how, &*users.randomness, user).await?,
    };
    Ok(match verifier {
        Some(verifier) => Known { verifier, is_known: true },
        None => Known { verifier: mock_verifier(users.mock_secret.bytes(), user), is_known: false },
    })
}
