//! A request, as a policy sees it: who, what, on what, and what is known beside.

use std::fmt;

use serde::Serialize;

use crate::document::{AccountId, Key};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// Who makes it.
    pub principal: Caller,
    /// What it does, such as `s3:GetObject`.
    pub action: String,
    /// On what: an ARN.
    pub resource: String,
    /// What is known beside.
    pub context: Context,
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Nobody that has a name.
    Anonymous,
    /// A principal with an ARN: the root of an account, a user, a role's session or a federated one.
    Arn(String),
    /// A service of AWS's, such as `logging.s3.amazonaws.com`.
    Service(String),
}

/// The keys of a request in their order, with their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(Vec<(Key, Vec<String>)>);

impl Context {
    /// The values of a key; `None` where the request has no such key.
    pub fn values(&self, key: &str) -> Option<&[String]> {
        self.0.iter().find(|(name, _)| name.as_str() == key).map(|(_, values)| values.as_slice())
    }

    /// With this key.
    #[must_use]
    pub fn with(mut self, key: Key, values: Vec<String>) -> Self {
        match self.0.binary_search_by(|(name, _)| name.cmp(&key)) {
            Ok(place) => self.0.splice(place..=place, [(key, values)]).for_each(drop),
            Err(place) => self.0.insert(place, (key, values)),
        }
        self
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = (&Key, &[String])> {
        self.0.iter().map(|(key, values)| (key, values.as_slice()))
    }
}

impl Serialize for Context {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// A text, or a list of other than one.
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Values<'a> {
            One(&'a str),
            Several(&'a [String]),
        }
        serializer.collect_map(self.keys().map(|(key, values)| match values {
            [one] => (key.to_string(), Values::One(one)),
            several => (key.to_string(), Values::Several(several)),
        }))
    }
}

impl Caller {
    /// Whose account it is.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Arn(arn) => AccountId::of_arn(arn),
            Self::Anonymous | Self::Service(_) => None,
        }
    }

    /// The ARN of the role whose session this is.
    pub fn role(&self) -> Option<String> {
        let Self::Arn(arn) = self else { return None };
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, partition, "sts", _, account, session] = parts.as_slice() else { return None };
        let (role, _) = session.strip_prefix("assumed-role/")?.split_once('/')?;
        Some(format!("arn:{partition}:iam::{account}:role/{role}"))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Arn(arn) => f.write_str(arn),
            Self::Service(name) => f.write_str(name),
        }
    }
}

impl Serialize for Caller {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Keys as AWS writes them; all others are written in lower case.
const WRITTEN: [&str; 34] = [
    "aws:SecureTransport",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:ViaAWSService",
    "aws:CalledVia",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:MultiFactorAuthPresent",
    "aws:UserAgent",
    "aws:Referer",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:TagKeys",
    "s3:TlsVersion",
    "s3express:TlsVersion",
    "s3-object-lambda:TlsVersion",
    "s3:authType",
];

/// A key in lower case, as AWS writes it where that is known.
pub(crate) fn written(key: &str) -> &str {
    WRITTEN.into_iter().find(|written| written.eq_ignore_ascii_case(key)).unwrap_or(key)
}
