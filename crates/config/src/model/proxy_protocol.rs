//! PROXY protocol: who tells us whose connection it passes on, and whom we tell.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Whose word a listener takes for whom a connection is from. Each of them must send a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyProtocol {
    /// Where they connect from; never empty.
    pub from: Vec<Network>,
    /// What becomes of connections from elsewhere.
    pub others: Others,
}

/// What becomes of connections to a listener with PROXY protocol from somebody who is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They are refused.
    Refuse,
    /// They are clients themselves; a header from them is none.
    Direct,
}

/// The version of the header that an upstream is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyProtocolVersion {
    /// One line of text: addresses alone.
    V1,
    /// Binary: addresses, and how the client's TLS ended.
    V2,
}

/// A network in CIDR notation (RFC 4632, RFC 4291 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Text that is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// No address, or no length of a prefix that its family has.
    #[error("not a network in CIDR notation")]
    Malformed,
    /// The address has bits behind its prefix; this is the network that it lies in.
    #[error("an address within {0}, not a network")]
    Within(Network),
}

impl ProxyProtocol {
    /// Whether somebody who connects from there must send a header, and is believed.
    pub fn believes(&self, address: IpAddr) -> bool {
        self.from.iter().any(|network| network.contains(address))
    }
}

impl Network {
    /// Whether the address lies in it. An IPv4 address that is written as IPv6 is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && first(address, self.prefix) == self.address
    }

    /// How many bits its addresses share.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
}

/// The first address of the network of that prefix which the address lies in.
fn first(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Malformed)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            // A sign would parse, and mean nothing.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= longest).ok_or(NetworkError::Malformed)?
            }
            Some(_) => return Err(NetworkError::Malformed),
        };
        let network = Self { address: first(address, prefix), prefix };
        if network.address == address { Ok(network) } else { Err(NetworkError::Within(network)) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let ten = network("10.0.0.0/8");
        assert!(
            ten.contains("10.255.0.1".parse().unwrap()) && ten.contains("::ffff:10.0.0.1".parse().unwrap())
        );
        assert!(!ten.contains("11.0.0.1".parse().unwrap()) && !ten.contains("a00::1".parse().unwrap()));
        let six = network("2001:db8::/32");
        assert!(
            six.contains("2001:db8:ffff::1".parse().unwrap())
                && !six.contains("2001:db9::1".parse().unwrap())
        );
        assert!(
            network("::1").contains("::1".parse().unwrap()) && network("0.0.0.0/0").contains([8; 4].into())
        );
    }

    #[test]
    fn an_address_within_a_network_is_told_which() {
        assert_eq!("10.1.2.3/8".parse::<Network>(), Err(NetworkError::Within(network("10.0.0.0/8"))));
        for text in ["10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/", "10.0.0/8", "::/129", "ten", ""] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError::Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_network_is_read_as_it_is_written(address: IpAddr, prefix in 0..=32_u8) {
            let network = Network { address: first(address, prefix), prefix };
            prop_assert_eq!(network.to_string().parse(), Ok(network));
            prop_assert!(network.contains(address) || address != address.to_canonical());
        }
    }
}
