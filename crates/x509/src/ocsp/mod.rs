//! The status of certificates, asked and answered one by one (OCSP, RFC 6960; RFC 5019 for answers that
//! are signed ahead; RFC 9654 for nonces).

mod answer;
mod certificate_id;
mod refusal;
mod request;
mod response;
#[cfg(test)]
mod tests;
mod uri;

pub use answer::{AnswerDraft, SingleAnswer, Status, assemble};
pub use certificate_id::{CertificateId, HashAlgorithm, IssuerHashes};
pub use refusal::Refusal;
pub use request::{LONGEST_REQUEST, MOST_CERTIFICATES, Nonce, Request, RequestError, question};
pub use response::{Disbelief, LONGEST_RESPONSE, Response, ResponseError, Said};
