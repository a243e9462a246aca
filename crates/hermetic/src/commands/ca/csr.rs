//! `hermetic ca csr`: what asks for the certificate of an authority.

use super::order::Order;
use crate::arguments::{Named, Place};
use crate::exit::{Exit, Failure};
use crate::output;

/// Prints it. While the certificate is pending it stands in the store; after that its key signs it anew.
pub async fn run(named: &Named, place: &Place) -> Result<Exit, Failure> {
    let authorities = super::authorities(place).await?;
    let meant = authorities.meant(&named.name, named.generation)?;
    let pem = match super::request(meant)? {
        Some(kept) => kept.to_pem(),
        None => Order::Request(named.into()).carry_out(place).await?.request_pem.unwrap_or_default(),
    };
    output::print(&pem)?;
    Ok(Exit::Fine)
}
