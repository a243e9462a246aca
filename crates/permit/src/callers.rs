//! Callers: whose access key or certificate stands for which principal. A file says so, and has secrets in it.

use std::fmt;
use std::sync::Arc;

use hermetic_iam::compiled::Who;
use hermetic_iam::document::AccountId;
use hermetic_iam::json::Place;
use hermetic_iam::request::Caller;
use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;
use zeroize::Zeroizing;

use crate::head::Head;
use crate::service::Service;
use crate::sigv4::{Secret, Unproven, Verified, Written};

/// Callers by access key and by certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Callers {
    keys: Vec<AccessKey>,
    identities: Vec<(String, Arc<Who>)>,
}

#[derive(Clone, PartialEq, Eq)]
struct AccessKey {
    id: String,
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
    who: Arc<Who>,
}

/// What is wrong with a file of callers. No secret is part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct CallersError {
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    caller: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    principal: Spanned<String>,
    access_key_id: Option<Spanned<String>>,
    secret_access_key: Option<Spanned<Zeroizing<String>>>,
    session_token: Option<Zeroizing<String>>,
    identity: Option<Spanned<String>>,
}

impl Callers {
    /// Reads a file of callers. `identity` says how an identity is written where it is compared, or why it is none.
    pub fn read(text: &str, identity: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, CallersError> {
        let failed = |at: usize, problem: String| CallersError { place: Place::of(text, at), problem };
        let file: File = toml::from_str(text)
            .map_err(|error| failed(error.span().map_or(0, |span| span.start), problem(&error)))?;
        let mut callers = Self { keys: Vec::new(), identities: Vec::new() };
        for entry in &file.caller {
            callers.add(entry, identity).map_err(|(at, problem)| failed(at, problem))?;
        }
        match callers.keys.is_empty() && callers.identities.is_empty() {
            true => Err(failed(0, "no caller is in it; add [[caller]] with `principal`".to_owned())),
            false => Ok(callers),
        }
    }

    fn add(
        &mut self,
        entry: &Spanned<Entry>,
        identity: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<(), (usize, String)> {
        let (at, entry) = (entry.span().start, entry.get_ref());
        let who = Arc::new(Who::new(Caller::Arn(principal(&entry.principal)?)));
        match (&entry.access_key_id, &entry.secret_access_key, &entry.identity) {
            (Some(id), Some(secret), None) => {
                let (id, place) = (id.get_ref(), id.span().start);
                if id.is_empty() || secret.get_ref().is_empty() {
                    return Err((place, "the key or its secret is empty".to_owned()));
                }
                if self.keys.iter().any(|known| known.id == *id) {
                    return Err((place, format!("the access key `{id}` stands twice")));
                }
                let (secret, token) = (secret.get_ref().clone(), entry.session_token.clone());
                self.keys.push(AccessKey { id: id.clone(), secret, token, who });
                Ok(())
            }
            (None, None, Some(told)) => {
                let known = identity(told.get_ref()).map_err(|problem| (told.span().start, problem))?;
                if self.identities.iter().any(|(other, _)| *other == known) {
                    return Err((told.span().start, format!("the identity `{known}` stands twice")));
                }
                self.identities.push((known, who));
                Ok(())
            }
            _ => {
                let how = "`access_key_id` with `secret_access_key`, or `identity`";
                Err((at, format!("say by what this caller is known: {how}, and not both")))
            }
        }
    }

    /// The principal of the first of these identities that is known.
    pub fn identified(&self, identities: impl IntoIterator<Item = String>) -> Option<&Arc<Who>> {
        identities.into_iter().find_map(|identity| {
            self.identities.iter().find(|(known, _)| *known == identity).map(|(_, who)| who)
        })
    }

    /// The principal that signed a request, and where; `None` where nobody did. `body`: where it was read.
    pub(crate) fn signer(
        &self,
        head: &Head<'_>,
        service: Service,
        body: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<Option<(&Arc<Who>, Verified)>, Unproven> {
        let Some(written) = Written::of(head)? else { return Ok(None) };
        let signature = written.read()?;
        let known = self.keys.iter().find(|known| known.id == signature.key_id);
        let key = known.ok_or(Unproven::UnknownKey)?;
        let secret = Secret { secret: &key.secret, token: key.token.as_ref().map(|token| token.as_str()) };
        let verified = signature.verify(head, service, body, &secret, now)?;
        Ok(Some((&key.who, verified)))
    }
}

/// What is wrong with a text that is no file of callers. TOML's errors quote values, and one may be a secret; those
/// about keys do not.
fn problem(error: &toml::de::Error) -> String {
    let told = error.message();
    match ["unknown field", "missing field"].iter().any(|known| told.starts_with(known)) {
        true => told.to_owned(),
        false => "this is no TOML of [[caller]] whose values are all texts in quotes".to_owned(),
    }
}

/// Reads the ARN of a principal.
fn principal(written: &Spanned<String>) -> Result<String, (usize, String)> {
    let arn = written.get_ref();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_principal = match parts.as_slice() {
        ["arn", _, "iam", "", account, name] => {
            let named = ["user/", "role/", "federated-user/"].iter().any(|kind| name.starts_with(kind));
            AccountId::read(account).is_some() && (named || *name == "root")
        }
        ["arn", _, "sts", "", account, name] => AccountId::read(account).is_some() && name.contains('/'),
        _ => false,
    };
    match is_principal && !arn.contains(['*', '?', '$']) {
        true => Ok(arn.clone()),
        false => {
            let form = "arn:aws:iam::111122223333:user/ana";
            Err((written.span().start, format!("`{arn}` is no principal; write an ARN such as {form}")))
        }
    }
}

impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callers({} keys, {} identities)", self.keys.len(), self.identities.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: &str = "principal = \"arn:aws:iam::111122223333:user/ana\"\n";
    const KEY: &str = "access_key_id = \"AKID\"\nsecret_access_key = \"hunter2\"\n";

    fn read(text: &str) -> Result<Callers, CallersError> {
        Callers::read(text, &|text| match text {
            "spiffe://a/b" => Ok(text.to_owned()),
            _ => Err("no identity".to_owned()),
        })
    }

    fn told(text: &str) -> String {
        let told = read(text).unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
        told
    }

    #[test]
    fn a_caller_is_known_by_a_key_or_by_a_certificate() {
        let text = format!("[[caller]]\n{ANA}{KEY}\n[[caller]]\n{ANA}identity = \"spiffe://a/b\"\n");
        let callers = read(&text).unwrap();
        let found = callers.identified(["dns:x".to_owned(), "spiffe://a/b".to_owned()]);
        assert_eq!(found.unwrap().arn(), Some("arn:aws:iam::111122223333:user/ana"));
        assert_eq!(callers.identified(["dns:x".to_owned()]), None);
        assert!(!format!("{callers:?}").contains("hunter2"));
    }

    #[test]
    fn each_mistake_is_told_with_its_place_and_without_the_secret() {
        assert!(told("").starts_with("1:1: no caller is in it"));
        assert!(told(&format!("[[caller]]\n{ANA}")).starts_with("1:1: say by what"));
        assert!(
            told(&format!("[[caller]]\n{ANA}{KEY}identity = \"spiffe://a/b\""))
                .starts_with("1:1: say by what")
        );
        assert!(
            told(&format!("[[caller]]\n{ANA}{KEY}[[caller]]\n{ANA}{KEY}"))
                .starts_with("7:17: the access key")
        );
        assert!(told(&format!("[[caller]]\n{ANA}identity = \"x\"")).starts_with("3:12: no identity"));
        assert!(
            told(&format!("[[caller]]\nprincipal = \"ana\"\n{KEY}"))
                .starts_with("2:13: `ana` is no principal")
        );
        assert!(told(&format!("[[caller]]\n{ANA}{KEY}password = \"hunter2\"")).contains("unknown field"));
        assert!(told("[[caller]]\nsecret_access_key = hunter2\n").starts_with("2:"));
    }

    #[test]
    fn a_secret_of_a_wrong_type_is_not_told() {
        for wrong in ["8675309", "[\"8675309\"]", "8675309.5", "{ of = \"8675309\" }", "8675309x"] {
            let told =
                read(&format!("[[caller]]\n{ANA}secret_access_key = {wrong}\n")).unwrap_err().to_string();
            assert!(told.starts_with("3:") && !told.contains("8675309"), "{told}");
        }
        let told = read("caller = \"8675309\"").unwrap_err().to_string();
        assert!(!told.contains("8675309"), "{told}");
    }
}
