//! Certificates, requests and revocation lists as text, in the layout that people know from
//! `openssl x509 -text`.
//!
//! OpenSSL 3.0 is followed to the blank; what it does not know it shows with `-certopt ext_dump`, and so is it
//! here. Fields are printed from the bytes and not from what other readers make of them, so that what they
//! refuse can be looked at.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod certificate;
mod extension;
mod extensions;
mod general_name;
mod hex;
mod key;
mod name;
mod object;
mod printable;
mod request;
mod revocation_list;
mod signature;
#[cfg(test)]
mod tests;
mod time;
mod value;

pub use certificate::certificate_text;
pub(crate) use extensions::extension_text;
pub(crate) use general_name::general_name;
pub(crate) use key::kind as algorithm_name;
pub(crate) use object::{long_name, short_name};
pub use request::request_text;
pub use revocation_list::revocation_list_text;
