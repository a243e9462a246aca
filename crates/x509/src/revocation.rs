//! That a certificate was revoked: when, and why.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// That a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revocation {
    /// From when on.
    pub at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

/// A reason that is final (RFC 5280 section 5.3.1). The others there are not: a certificate on hold
/// comes back, and so it is not one that we give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RevocationReason {
    /// None was given.
    Unspecified,
    /// The private key is, or may be, in the hands of somebody else.
    KeyCompromise,
    /// The same of an authority's key.
    CaCompromise,
    /// What the certificate says of its subject has changed.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// It is no longer needed.
    CessationOfOperation,
    /// Its subject is no longer entitled to it.
    PrivilegeWithdrawn,
    /// The key of an attribute authority is, or may be, in the hands of somebody else.
    AaCompromise,
}

/// No reason goes by this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no reason to revoke is called `{0}`; there are {names}", names = names())]
pub struct RevocationReasonError(pub String);

impl RevocationReason {
    /// All of them, by their numbers.
    pub const ALL: [Self; 8] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// Its name in RFC 5280.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }

    /// Its name in AWS Private CA.
    pub fn aws_name(self) -> &'static str {
        match self {
            Self::Unspecified => "UNSPECIFIED",
            Self::KeyCompromise => "KEY_COMPROMISE",
            Self::CaCompromise => "CERTIFICATE_AUTHORITY_COMPROMISE",
            Self::AffiliationChanged => "AFFILIATION_CHANGED",
            Self::Superseded => "SUPERSEDED",
            Self::CessationOfOperation => "CESSATION_OF_OPERATION",
            Self::PrivilegeWithdrawn => "PRIVILEGE_WITHDRAWN",
            Self::AaCompromise => "A_A_COMPROMISE",
        }
    }

    /// Its number, as `CRLReason` has it. 7 is used by nobody.
    pub fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
            Self::AaCompromise => 10,
        }
    }

    /// The reason of this number; `None` for one that is not final, and for one that nobody knows.
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// By the name in RFC 5280 or in AWS Private CA, in any case.
impl FromStr for RevocationReason {
    type Err = RevocationReasonError;

    fn from_str(text: &str) -> Result<Self, RevocationReasonError> {
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        let found = Self::ALL.into_iter().find(|reason| is(reason.name()) || is(reason.aws_name()));
        found.ok_or_else(|| RevocationReasonError(text.to_owned()))
    }
}

fn names() -> String {
    RevocationReason::ALL.map(RevocationReason::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_rfc_and_of_aws_are_understood() {
        for reason in RevocationReason::ALL {
            assert_eq!(reason.name().parse(), Ok(reason));
            assert_eq!(reason.aws_name().parse(), Ok(reason));
            assert_eq!(RevocationReason::of_code(reason.code()), Some(reason));
        }
        assert_eq!("KEYCOMPROMISE".parse(), Ok(RevocationReason::KeyCompromise));
    }

    #[test]
    fn a_reason_that_can_be_taken_back_is_none_of_ours() {
        let told = "certificateHold".parse::<RevocationReason>().unwrap_err().to_string();
        assert!(told.contains("`certificateHold`") && told.contains("keyCompromise"), "{told}");
        assert_eq!([6, 7, 8, 11].map(RevocationReason::of_code), [None; 4]);
    }
}
