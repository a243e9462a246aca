//! What an authority publishes over HTTP: its lists, its word on single certificates, and its own
//! certificate. In cleartext, as everybody does it: all of it is signed, and needed before there can be TLS.

mod document;
mod http;
mod resource;
mod site;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use document::{Dates, Document};
pub use http::{Outcome, Request, Response, Subject};
pub use resource::{AuthorityName, AuthorityNameError, Publisher, Resource};
pub use site::{Site, SiteError};

use crate::crl::Shard;
use crate::ocsp::{self, LONGEST_REQUEST, Refusal};

/// Where the things that are published are.
pub trait Shelf: Sync {
    /// The newest list of a shard, stale or not; `None` where the authority has no such shard.
    fn revocation_list(
        &self,
        of: &Publisher,
        shard: Shard,
    ) -> impl Future<Output = Result<Option<Document>, Unavailable>> + Send;

    /// The answer to a request; [`Refusal::Unauthorized`] where there is no such authority.
    fn status(
        &self,
        of: &Publisher,
        request: &ocsp::Request,
    ) -> impl Future<Output = Result<StatusAnswer, Refusal>> + Send;

    /// The authority's certificate; `None` where there is no such authority, or it has none yet.
    fn certificate(
        &self,
        of: &Publisher,
    ) -> impl Future<Output = Result<Option<Document>, Unavailable>> + Send;
}

/// It could not be looked up. Why is in the log of who tried, and no concern of the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

/// An answer of a responder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusAnswer {
    /// Signed ahead, and the same for everybody.
    Ahead(Document),
    /// Made for this request, such as with its nonce.
    Fresh(Document),
}

/// Answers a request to a site. What is stale is never handed out: a client that trusts it would trust what
/// was revoked since, and one that does not has no use for it.
pub async fn answer(site: &Site, shelf: &impl Shelf, request: &Request<'_>, now: Timestamp) -> Response {
    let Some((resource, rest)) = site.resource(request.path) else {
        return request.plain(404, "nothing is published here");
    };
    let subject = match &resource {
        Resource::RevocationList(..) => Subject::RevocationList,
        Resource::Responder(_) => Subject::Status,
        Resource::Certificate(_) => Subject::Certificate,
    };
    let response = match resource {
        Resource::Responder(of) => match request.method {
            "GET" | "HEAD" => status(shelf, request, &of, ocsp::Request::from_uri(rest), now).await,
            "POST" if request.body.len() > LONGEST_REQUEST => {
                request.plain(413, "no OCSP request is so long")
            }
            "POST" => status(shelf, request, &of, ocsp::Request::read(request.body), now).await,
            _ => request.not_allowed("GET, HEAD, POST"),
        },
        _ if !request.reads() => request.not_allowed("GET, HEAD"),
        Resource::RevocationList(of, shard) => {
            let found = shelf.revocation_list(&of, shard).await;
            document(request, found, "application/pkix-crl", now)
        }
        Resource::Certificate(of) => {
            document(request, shelf.certificate(&of).await, "application/pkix-cert", now)
        }
    };
    Response { subject, ..response }
}

fn document(
    request: &Request<'_>,
    found: Result<Option<Document>, Unavailable>,
    kind: &'static str,
    now: Timestamp,
) -> Response {
    match found {
        Err(Unavailable) => request.unavailable("it can't be looked up at the moment"),
        Ok(None) => request.plain(404, "there is no such authority, or no such list of it"),
        Ok(Some(document)) => match document.stale_since(now) {
            Some(since) => request
                .unavailable(&format!(
                    "this list went stale at {since}, and no newer one has been signed; nobody may rely on it"
                ))
                .counted(Outcome::Stale),
            None => request.cached(&document, kind, now),
        },
    }
}

/// Always with status 200: what a responder refuses, it says in the content, and clients read no other.
async fn status(
    shelf: &impl Shelf,
    request: &Request<'_>,
    of: &Publisher,
    asked: Result<ocsp::Request, ocsp::RequestError>,
    now: Timestamp,
) -> Response {
    const KIND: &str = "application/ocsp-response";
    let answered = match asked {
        Ok(asked) => shelf.status(of, &asked).await,
        Err(error) => Err(error.refusal()),
    };
    match answered {
        Err(refusal) => {
            let outcome = match refusal {
                Refusal::TryLater | Refusal::InternalError => Outcome::Unavailable,
                _ => Outcome::Refused,
            };
            request.uncached(200, KIND, refusal.to_der()).counted(outcome)
        }
        Ok(StatusAnswer::Ahead(answer) | StatusAnswer::Fresh(answer))
            if answer.stale_since(now).is_some() =>
        {
            request.uncached(200, KIND, Refusal::TryLater.to_der()).counted(Outcome::Stale)
        }
        Ok(StatusAnswer::Ahead(answer)) if request.reads() => request.cached(&answer, KIND, now),
        Ok(StatusAnswer::Ahead(answer)) => request.uncached(200, KIND, answer.der().clone()),
        Ok(StatusAnswer::Fresh(answer)) => {
            request.uncached(200, KIND, answer.der().clone()).counted(Outcome::Fresh)
        }
    }
}
