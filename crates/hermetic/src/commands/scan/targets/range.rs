//! Ranges of addresses, as CIDR (RFC 4632) writes them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::exit::Failure;

/// How many bits of an address may be left open: 65,536 addresses are an afternoon's work, and what is larger
/// is more likely a slip than a wish.
const MOST_BITS: u32 = 16;

/// The addresses of a range, each written as a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    scheme: String,
    first: IpAddr,
    next: u32,
    count: u32,
    port: Option<u16>,
}

impl Range {
    /// The range that is written so: `10.0.0.0/28`, `https://10.0.0.0/28:8443`, `2001:db8::/120` or
    /// `[2001:db8::]/120:443`; `None` where it is none, an error where it is too large or has no sense.
    pub fn read(text: &str) -> Option<Result<Self, Failure>> {
        let (scheme, rest) = match text.find("://") {
            Some(end) => text.split_at(end + 3),
            None => ("", text),
        };
        let (address, rest) = rest.split_once('/')?;
        let address = address.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(address);
        let address: IpAddr = address.parse().ok()?;
        if rest.is_empty() {
            return None;
        }
        let (length, port) = match rest.split_once(':') {
            Some((length, port)) => (length, Some(port)),
            None => (rest, None),
        };
        let port = match port.map(str::parse::<u16>) {
            None => None,
            Some(Ok(port @ 1..)) => Some(port),
            Some(_) => return Some(Err(wrong(text))),
        };
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let Some(open) = length.parse().ok().and_then(|length| u32::checked_sub(bits, length)) else {
            return Some(Err(wrong(text)));
        };
        if open > MOST_BITS {
            let what = format!("`{text}` has more than {} addresses", 1_u32 << MOST_BITS);
            let smallest = bits - MOST_BITS;
            return Some(Err(Failure::wrong(what).remedy(format!("write ranges of /{smallest} or smaller"))));
        }
        let first = masked(address, open);
        Some(Ok(Self { scheme: scheme.to_owned(), first, next: 0, count: 1 << open, port }))
    }
}

fn wrong(text: &str) -> Failure {
    Failure::wrong(format!("`{text}` is not a range of addresses"))
        .remedy("write 10.0.0.0/28, 10.0.0.0/28:8443 or [2001:db8::]/120:443")
}

/// The first address of those that differ in the last bits alone.
fn masked(address: IpAddr, open: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            Ipv4Addr::from_bits(address.to_bits() & u32::MAX.checked_shl(open).unwrap_or(0)).into()
        }
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & u128::MAX.checked_shl(open).unwrap_or(0)).into()
        }
    }
}

impl Iterator for Range {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.next == self.count {
            return None;
        }
        let host = match self.first {
            IpAddr::V4(first) => Ipv4Addr::from_bits(first.to_bits() | self.next).to_string(),
            IpAddr::V6(first) => {
                format!("[{}]", Ipv6Addr::from_bits(first.to_bits() | u128::from(self.next)))
            }
        };
        self.next += 1;
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}{host}{port}", self.scheme))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.count - self.next).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        Range::read(text).unwrap().unwrap().collect()
    }

    #[test]
    fn a_range_is_its_addresses() {
        assert_eq!(addresses("10.0.0.6/30"), ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]);
        assert_eq!(addresses("tls://10.0.0.0/31:8443"), ["tls://10.0.0.0:8443", "tls://10.0.0.1:8443"]);
        assert_eq!(addresses("2001:db8::/127"), ["[2001:db8::]", "[2001:db8::1]"]);
        assert_eq!(addresses("[2001:db8::5]/128:443"), ["[2001:db8::5]:443"]);
        assert_eq!(addresses("10.1.0.0/16").len(), 65_536);
        assert_eq!(addresses("2001:db8::/112").len(), 65_536);
    }

    #[test]
    fn what_is_no_range_is_left_to_others() {
        for text in ["example.com", "https://example.com/", "10.0.0.1", "https://10.0.0.1/", "db/24"] {
            assert!(Range::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_range_that_is_too_large_or_has_no_sense_is_refused() {
        for text in ["10.0.0.0/15", "2001:db8::/64", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.0/x"] {
            assert!(Range::read(text).unwrap().is_err(), "{text}");
        }
        assert!(Range::read("10.0.0.0/28:0").unwrap().is_err());
    }
}
