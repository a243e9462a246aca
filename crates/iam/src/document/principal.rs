//! Whom a statement concerns.

use std::fmt;

use crate::error::Problem;

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principals {
    /// Whether it is all but these.
    pub all_but: bool,
    /// Them.
    pub named: Vec<Principal>,
}

/// What a statement says of a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `*`, also behind `AWS`: everybody, also who has no name.
    Everyone,
    /// An account, and all in it.
    Account(AccountId),
    /// A user, a role, or a session, by its ARN.
    Arn(String),
    /// A user or role that was deleted, by its unique id.
    UniqueId(String),
    /// A service of AWS's, such as `logging.s3.amazonaws.com`; `*` for all.
    Service(String),
    /// Who comes from this identity provider; `*` for all.
    Federated(String),
    /// An account, by the id that only S3 has.
    CanonicalUser(String),
}

/// An account's number: twelve digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// Reads a number.
    pub fn read(text: &str) -> Option<Self> {
        let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account that an ARN says.
    pub fn of_arn(arn: &str) -> Option<Self> {
        arn.split(':').nth(4).and_then(Self::read)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Principal {
    /// Reads what stands behind `AWS`.
    pub fn aws(text: &str) -> Result<Self, Problem> {
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if let Some(account) = AccountId::read(text) {
            return Ok(Self::Account(account));
        }
        // AIDA of users, AROA of roles, and others: AWS writes them in the place of principals that are gone.
        if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            return Ok(Self::UniqueId(text.to_owned()));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "iam", "", account, "root"] => {
                AccountId::read(account).map(Self::Account).ok_or_else(|| Problem::Principal(text.to_owned()))
            }
            ["arn", _, _, _, _, _] => Ok(Self::Arn(text.to_owned())),
            _ => Err(Problem::Principal(text.to_owned())),
        }
    }

    /// Reads what stands behind a kind.
    pub fn of_kind(kind: &str, text: &str) -> Result<Self, Problem> {
        match kind {
            "AWS" => Self::aws(text),
            "Service" => Ok(Self::Service(text.to_owned())),
            "Federated" => Ok(Self::Federated(text.to_owned())),
            "CanonicalUser" => Ok(Self::CanonicalUser(text.to_owned())),
            _ => Err(Problem::PrincipalKind(kind.to_owned())),
        }
    }
}
