//! AWS Signature Version 4: who signed a request, and whether it is what they signed.
//!
//! From the IAM user guide ("Create a signed AWS API request") and the S3 API Reference ("Authenticating
//! Requests"): in a header or, presigned, in the query; with the payload's hash, without (`UNSIGNED-PAYLOAD`), or
//! streamed in signed pieces, of which the seed signature is verified here and each piece by the store.

mod authorization;
mod canonical;
#[cfg(test)]
mod tests;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use jiff::{SignedDuration, Timestamp};

pub(crate) use authorization::{IN_QUERY, Signature, Written, signed_service};

use crate::head::Head;
use crate::service::Service;

/// How far the clocks of both sides may be apart.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// The longest time that a presigned request may be good for: seven days.
const LONGEST: u32 = 7 * 24 * 60 * 60;

/// Why nobody has proven to have made a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unproven {
    /// The signature can't be read.
    #[error("its signature can't be read: {0}")]
    Malformed(&'static str),
    /// It is of a kind that is not verified here.
    #[error("its signature is of a kind that is not verified here; sign it by AWS4-HMAC-SHA256")]
    Kind,
    /// Nobody here has such a key.
    #[error("its access key is not known")]
    UnknownKey,
    /// It has another session token than its key, or none.
    #[error("its session token is not that of its access key")]
    Token,
    /// It was made for another day or at another time.
    #[error("it was signed more than 15 minutes from now")]
    Skewed,
    /// Its time is over.
    #[error("it was presigned for a time that is over")]
    Expired,
    /// What is signed is something else.
    #[error("its signature is not that of this request")]
    Mismatch,
    /// Its body is another than was signed.
    #[error("its body is not the one that was signed")]
    Payload,
}

/// Where a signature stands that was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verified {
    InHeader,
    InQuery,
}

/// An access key's secret and its session token.
pub(crate) struct Secret<'a> {
    pub secret: &'a str,
    pub token: Option<&'a str>,
}

impl Signature<'_> {
    /// Whether this secret made it, of this request, and it counts now. `body`: where it was read.
    pub fn verify(
        &self,
        head: &Head<'_>,
        service: Service,
        body: Option<&[u8]>,
        secret: &Secret<'_>,
        now: Timestamp,
    ) -> Result<Verified, Unproven> {
        if self.service != service.as_str() {
            return Err(Unproven::Malformed("it is for another service"));
        }
        self.is_current(now)?;
        let payload = self.payload(head, service, body)?;
        let request = canonical::request(head, service, self, &payload)?;
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
            self.written_at,
            hex(digest(&SHA256, request.as_bytes()).as_ref())
        );
        let key = self.key(secret.secret);
        hmac::verify(&key, to_sign.as_bytes(), &self.signature).map_err(|_| Unproven::Mismatch)?;
        let same = |a: &str, b: &str| {
            aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
        };
        match (secret.token, self.token.as_deref()) {
            (None, None) => {}
            (Some(known), Some(told)) if same(known, told) => {}
            _ => return Err(Unproven::Token),
        }
        Ok(if self.seconds.is_some() { Verified::InQuery } else { Verified::InHeader })
    }

    fn is_current(&self, now: Timestamp) -> Result<(), Unproven> {
        let age = now.duration_since(self.at);
        if self.day != self.written_at.get(..8).unwrap_or_default() {
            return Err(Unproven::Malformed("its day is not that of its time"));
        }
        if age < -SKEW {
            return Err(Unproven::Skewed);
        }
        match self.seconds {
            None if age > SKEW => Err(Unproven::Skewed),
            None => Ok(()),
            Some(seconds) if seconds == 0 || seconds > LONGEST => {
                Err(Unproven::Malformed("X-Amz-Expires is not from 1 to 604800"))
            }
            Some(seconds) if age > SignedDuration::from_secs(seconds.into()) => Err(Unproven::Expired),
            Some(_) => Ok(()),
        }
    }

    /// What stands for the payload in what is signed.
    fn payload(&self, head: &Head<'_>, service: Service, body: Option<&[u8]>) -> Result<String, Unproven> {
        const NAME: &str = "x-amz-content-sha256";
        let mut told = head.headers.get_all(NAME).iter();
        let (first, second) = (told.next(), told.next());
        if second.is_some() {
            return Err(Unproven::Malformed("X-Amz-Content-SHA256 stands twice"));
        }
        let told = match first {
            Some(value) => Some(value.to_str().map_err(|_| Unproven::Malformed("X-Amz-Content-SHA256"))?),
            None => None,
        };
        let hash = || hex(digest(&SHA256, body.unwrap_or_default()).as_ref());
        let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit());
        match (service, told) {
            // Who presigns knows no payload yet.
            (Service::S3, None) if self.seconds.is_some() => Ok("UNSIGNED-PAYLOAD".to_owned()),
            (Service::S3, None) => Err(Unproven::Malformed("X-Amz-Content-SHA256 is missing")),
            (Service::S3, Some(told)) if is_hash(told) => match body {
                Some(_) if !told.eq_ignore_ascii_case(&hash()) => Err(Unproven::Payload),
                _ => Ok(told.to_owned()),
            },
            (
                Service::S3,
                Some(
                    told @ ("UNSIGNED-PAYLOAD"
                    | "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
                    | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
                    | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
                ),
            ) => Ok(told.to_owned()),
            (Service::S3, Some(_)) => Err(Unproven::Kind),
            (_, Some(told)) if !told.eq_ignore_ascii_case(&hash()) => Err(Unproven::Payload),
            (_, _) => Ok(hash()),
        }
    }

    fn key(&self, secret: &str) -> hmac::Key {
        let steps = [self.day, self.region, self.service, "aws4_request"];
        let first = hmac::Key::new(HMAC_SHA256, format!("AWS4{secret}").as_bytes());
        steps
            .into_iter()
            .fold(first, |key, step| hmac::Key::new(HMAC_SHA256, hmac::sign(&key, step.as_bytes()).as_ref()))
    }
}

/// In lower case, as signatures write it.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
