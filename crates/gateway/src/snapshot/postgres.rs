//! A `postgres` listener, ready to serve.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use hermetic_config::{AuthQuery, Login, Postgres, ScramVerifier, Users};
use hermetic_hop::{Demand, PartyName};
use hermetic_tls::Randomness;

use super::{Builder, MockSecret, StreamSnapshot};
use crate::error::GatewayError;
use crate::postgres::ALPN;
use crate::postgres::scram::Keys;

/// A `postgres` listener, ready to serve.
#[derive(Debug)]
pub(crate) struct PostgresSnapshot {
    pub stream: StreamSnapshot,
    pub login: LoginSnapshot,
    pub cancel: Demand,
}

#[derive(Debug)]
pub(crate) enum LoginSnapshot {
    Terminate(UsersSnapshot),
    SharedCertificate,
    StripPlus,
    Pass,
}

/// The users whose login ends here.
#[derive(Debug)]
pub(crate) struct UsersSnapshot {
    pub source: UserSource,
    /// What the verifiers of those come from who are not known.
    pub mock_secret: MockSecret,
    pub randomness: Arc<dyn Randomness>,
}

#[derive(Debug)]
pub(crate) enum UserSource {
    List(HashMap<String, ScramVerifier>),
    Query(AskingSnapshot),
}

/// Who asks an upstream for verifiers, and how.
#[derive(Debug)]
pub(crate) struct AskingSnapshot {
    pub query: AuthQuery,
    /// The keys that were made of the password last.
    pub kept: ArcSwapOption<Keys>,
}

impl LoginSnapshot {
    /// What becomes of logins, as the configuration's `binding` names it.
    pub fn binding(&self) -> &'static str {
        match self {
            Self::Terminate(_) => "terminate",
            Self::SharedCertificate => "shared-certificate",
            Self::StripPlus => "strip-plus",
            Self::Pass => "none",
        }
    }
}

impl Builder<'_> {
    pub(super) fn postgres(
        &self,
        name: &PartyName,
        postgres: &Postgres,
    ) -> Result<PostgresSnapshot, GatewayError> {
        let stream = self.stream_with(name, &postgres.stream, vec![ALPN.to_owned()])?;
        let login = match &postgres.login {
            Login::Terminate(users) => LoginSnapshot::Terminate(self.users(users)),
            Login::SharedCertificate => LoginSnapshot::SharedCertificate,
            Login::StripPlus => LoginSnapshot::StripPlus,
            Login::Pass => LoginSnapshot::Pass,
        };
        Ok(PostgresSnapshot { stream, login, cancel: postgres.cancel.clone() })
    }

    fn users(&self, users: &Users) -> UsersSnapshot {
        let source = match users {
            Users::File { list, .. } => UserSource::List(list.0.iter().cloned().collect()),
            Users::Query(query) => UserSource::Query(AskingSnapshot::of(query)),
        };
        let (mock_secret, randomness) =
            (self.credentials.mock_secret.clone(), self.credentials.randomness.clone());
        UsersSnapshot { source, mock_secret, randomness }
    }
}

impl AskingSnapshot {
    fn of(query: &AuthQuery) -> Self {
        Self { query: query.clone(), kept: ArcSwapOption::empty() }
    }
}
