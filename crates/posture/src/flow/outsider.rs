//! What somebody outside of the code is called: by a host, an address of AWS, or the id of a network.

use std::fmt;

use super::address;
use super::connection::GAP;
use super::words;
use crate::subject::Subject;
use crate::value::Value;

/// Longer than the longest name of a host (RFC 1035 section 2.3.4) that a picture could show.
const LONGEST: usize = 127;

/// A name of somebody outside, held in place so that parties are copied freely. Hosts whose first 127 bytes are the
/// same are one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outsider {
    name: [u8; LONGEST],
    length: u8,
}

impl Outsider {
    /// Somebody of whom the code tells nothing.
    pub fn nameless() -> Self {
        Self::called("outside")
    }

    /// Somebody by name.
    pub fn called(name: &str) -> Self {
        let mut held = [0; LONGEST];
        let mut length = 0;
        for (place, byte) in held.iter_mut().zip(name.bytes()) {
            *place = byte;
            length += 1;
        }
        Self { name: held, length }
    }

    /// Who is at an address, as far as it is known: a URL's host, the end of an ARN, or a name by itself.
    pub fn at(address: &str) -> Self {
        match named(address) {
            Some(name) if !name.is_empty() && !name.contains(GAP) => Self::called(&name),
            _ => Self::nameless(),
        }
    }

    /// Who is where a value leads.
    pub fn of<'g>(subject: &Subject<'g>, value: &'g Value) -> Self {
        Self::at(&words::text(subject, value))
    }

    /// The name.
    pub fn name(&self) -> String {
        let held = self.name.get(..usize::from(self.length)).unwrap_or_default();
        String::from_utf8_lossy(held).into_owned()
    }
}

impl fmt::Debug for Outsider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name(), f)
    }
}

fn named(address: &str) -> Option<String> {
    let address = address.trim();
    if let Some(place) = address::parts(address) {
        return Some(place.host.to_ascii_lowercase());
    }
    if address.starts_with("arn:") {
        return of_arn(address).map(str::to_owned);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    address.chars().all(is_name).then(|| address.to_owned())
}

/// API Gateway names a service, and a function within, by an ARN of its own.
fn of_arn(arn: &str) -> Option<&str> {
    match (arn.split_once(":apigateway:"), arn.split_once("functions/arn:")) {
        (Some(_), Some((_, function))) => function.trim_end_matches("/invocations").rsplit(':').next(),
        (Some((_, rest)), None) => rest.split(':').nth(1),
        (None, _) => arn.rsplit(':').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_outside_is_called_by_the_host_whatever_stands_around_it() {
        for (address, name) in [
            ("https://user:secret@API.partner.example:8443/v1?x=1", "api.partner.example"),
            ("http://[2001:db8::1]:80/", "2001:db8::1"),
            ("arn:aws:sns:eu-west-1:111122223333:orders", "orders"),
            ("arn:aws:apigateway:eu-west-1:dynamodb:action/GetItem", "dynamodb"),
            (
                "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:Pay/invocations",
                "Pay",
            ),
            ("vpc-0f", "vpc-0f"),
            ("https://\u{0}.example/", "outside"),
            ("two words", "outside"),
        ] {
            assert_eq!(Outsider::at(address).name(), name, "{address}");
        }
    }
}
