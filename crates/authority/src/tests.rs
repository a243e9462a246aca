//! Scenarios over the whole authority, with OpenSSL and webpki as judges of what it issues.

mod issuing;
mod linting;
mod opening;
mod renewing;
mod world;
