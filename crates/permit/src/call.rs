//! A call: what a request asks for.

use std::borrow::Cow;

use crate::home::Home;
use crate::service::Service;

/// One action on one resource. A request may be several, and each must be let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The action, such as `s3:GetObject`.
    pub action: &'static str,
    /// On what.
    pub resource: Resource,
}

/// What a call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// This.
    Arn(String),
    /// Nothing in particular: a list of all, or the account itself. IAM writes it `*`.
    Any,
    /// Something that the request does not say, or says by a handle that only the service can open. It may be
    /// whatever a Deny names.
    Unsaid,
}

impl Resource {
    /// As a policy is asked about it.
    pub fn asked(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => Some(arn),
            Self::Any => Some("*"),
            Self::Unsaid => None,
        }
    }

    /// As people read it.
    pub fn shown(&self) -> &str {
        self.asked().unwrap_or("not said")
    }

    /// The resource that an ARN in a request names, which must be at home.
    pub(crate) fn of_arn(arn: &str, service: Service, home: &Home) -> Result<Self, Unmapped> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, of, region, account, rest] = parts.as_slice() else {
            return Err(Unmapped::NoArn(shown(arn)));
        };
        let is_home = |known: Option<&str>, told: &str| known.is_none_or(|known| known == told);
        // Those of global tables have no region, and those of S3 no account either.
        let at_home = *of == service.as_str()
            && *partition == home.partition
            && (region.is_empty() || is_home(home.region.as_deref(), region))
            && is_home(home.account.as_deref(), account);
        match at_home && !rest.is_empty() {
            true => Ok(Self::Arn(arn.to_owned())),
            false => Err(Unmapped::Elsewhere(shown(arn))),
        }
    }
}

/// Why it can't be told what a request asks for. Such a request is refused: what is behind may understand it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unmapped {
    /// No operation of the service's.
    #[error("`{operation}` is no operation of {service} that is known here")]
    Operation {
        /// What it says it is.
        operation: String,
        /// The service.
        service: Service,
    },
    /// Nothing says which operation it is.
    #[error("it says no operation of {0}")]
    NoOperation(Service),
    /// It says so in two places.
    #[error("it says its operation in more than one place")]
    TwoOperations,
    /// No S3 operation has this method here.
    #[error("{method} is no operation on {on}{}", with(.selector))]
    Method {
        /// The method.
        method: String,
        /// A bucket, an object, or the service.
        on: &'static str,
        /// The sub-resource.
        selector: &'static str,
    },
    /// Two sub-resources: which of them counts, only the store knows.
    #[error("it asks for `{0}` and for `{1}` at once")]
    TwoSelectors(&'static str, &'static str),
    /// A parameter that may mean something to the store.
    #[error("`{0}` is no parameter that is known here")]
    Parameter(String),
    /// A parameter, field or header that counts stands twice.
    #[error("`{0}` stands more than once")]
    Twice(String),
    /// What says its operation also says that it is of another kind than what is read.
    #[error("its Content-Type is not {0}")]
    ContentType(&'static str),
    /// A form in parts, as browsers send one to upload a file.
    #[error("it is a form in parts, which is not read here")]
    Parts,
    /// A header by which a server may do what is not known here.
    #[error("what its header `{0}` may ask for is not known here")]
    ForeignHeader(String),
    /// A parameter that must say something, and says nothing.
    #[error("its `{0}` says nothing")]
    Blank(&'static str),
    /// A query or form that can be read in more than one way, or has no end.
    #[error("its query or form can be read in more than one way, or has too many fields")]
    Form,
    /// A name that some readers take for one that counts.
    #[error("its field `{0}` is spelled unlike the service's own, which some readers take it for")]
    Spelling(String),
    /// Signed by the fields of a form, as older versions of signatures are.
    #[error("it is signed in its fields, which is not verified here; sign it by AWS4-HMAC-SHA256")]
    SignedInFields,
    /// The path can be read in more than one way.
    #[error("its path can be read in more than one way")]
    Path,
    /// No bucket has such a name.
    #[error("`{0}` is no name of a bucket")]
    Bucket(String),
    /// A header that can't be read.
    #[error("its header `{0}` can't be read")]
    Header(&'static str),
    /// The body can't be read.
    #[error("its body can't be read: {0}")]
    Body(Cow<'static, str>),
    /// A field of another type.
    #[error("its field `{0}` is not what it must be")]
    Field(&'static str),
    /// A text that must be an ARN.
    #[error("`{0}` is no ARN")]
    NoArn(String),
    /// A resource of another account, region or service.
    #[error("`{0}` is of another account, region or service than the policy's")]
    Elsewhere(String),
    /// The signature says it is for another service.
    #[error("it is signed for `{0}`")]
    SignedForAnother(String),
}

fn with(selector: &str) -> String {
    if selector.is_empty() { String::new() } else { format!(" with `{selector}`") }
}

/// A text of a stranger's, as long as anybody wants to read of it.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}
