//! Serial numbers of certificates.

use hermetic_tls::{Randomness, Serial};

use crate::error::AuthorityError;

/// How often chance may give nothing but zeros before it is taken to be broken.
const DRAWS: usize = 4;

/// A random serial number: 159 bits in 20 bytes, positive and never zero (RFC 5280 section 4.1.2.2).
pub(crate) fn draw(randomness: &dyn Randomness) -> Result<Serial, AuthorityError> {
    for _ in 0..DRAWS {
        let mut bytes = [0; 20];
        randomness.fill(&mut bytes)?;
        // A set highest bit would make it negative, or 21 bytes long.
        bytes[0] &= 0x7f;
        if bytes != [0; 20] {
            return Ok(Serial::from_bytes(&bytes));
        }
    }
    Err(AuthorityError::Certificate("the source of randomness gives only zeros".to_owned()))
}
