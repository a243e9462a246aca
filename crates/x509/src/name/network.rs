//! Ranges of IP addresses.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::NameError;

/// A range of IP addresses: those that begin with the same bits. Written `10.0.0.0/8`; an address alone is a
/// range of one.
///
/// A range of IPv4 addresses that are written as IPv6 (`::ffff:10.0.0.0/104`) is the one of IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IpNetwork {
    address: IpAddr,
    prefix: u8,
}

impl IpNetwork {
    /// The addresses that share this many first bits with `address`. Its other bits are zero.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, NameError> {
        let network = Self { address, prefix };
        if prefix > network.width() || network.first() != address {
            return Err(NameError::Network(format!("{address}/{prefix}")));
        }
        Ok(network.canonical())
    }

    /// Whether the address lies in it. IPv4 that is written as IPv6 is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let candidate = Self { address, prefix: self.prefix };
        address.is_ipv4() == self.address.is_ipv4() && candidate.first() == self.address
    }

    /// Whether it is a range of IPv4 addresses.
    pub fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// As name constraints hold it: the address, and the mask (RFC 5280 section 4.2.1.10).
    pub(crate) fn to_octets(self) -> Vec<u8> {
        match self.address {
            IpAddr::V4(address) => [address.octets(), mask_v4(self.prefix).to_be_bytes()].concat(),
            IpAddr::V6(address) => [address.octets(), mask_v6(self.prefix).to_be_bytes()].concat(),
        }
    }

    /// Reads what name constraints hold. The mask must be one of CIDR; address bits beyond it count for
    /// nothing, as some authorities leave them in.
    pub(crate) fn of_octets(octets: &[u8]) -> Option<Self> {
        let network = if let Some((address, mask)) = halves::<4>(octets) {
            let mask = u32::from_be_bytes(mask);
            let prefix = u8::try_from(mask.leading_ones()).ok().filter(|prefix| mask_v4(*prefix) == mask)?;
            Self { address: IpAddr::from(address), prefix }
        } else {
            let (address, mask) = halves::<16>(octets)?;
            let mask = u128::from_be_bytes(mask);
            let prefix = u8::try_from(mask.leading_ones()).ok().filter(|prefix| mask_v6(*prefix) == mask)?;
            Self { address: IpAddr::from(address), prefix }
        };
        Some(Self { address: network.first(), ..network }.canonical())
    }

    fn first(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & mask_v4(self.prefix)).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & mask_v6(self.prefix)).into(),
        }
    }

    fn width(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn canonical(self) -> Self {
        match (self.address.to_canonical(), self.prefix.checked_sub(96)) {
            (address @ IpAddr::V4(_), Some(prefix)) if self.address.is_ipv6() => Self { address, prefix },
            _ => self,
        }
    }
}

fn mask_v4(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0)
}

fn mask_v6(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0)
}

fn halves<const N: usize>(octets: &[u8]) -> Option<([u8; N], [u8; N])> {
    let (address, mask) = octets.split_at_checked(N)?;
    Some((address.try_into().ok()?, mask.try_into().ok()?))
}

impl FromStr for IpNetwork {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let error = || NameError::Network(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(whole), |prefix| prefix.parse().map_err(|_| error()))?;
        Self::new(address, prefix)
    }
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(text: &str) -> IpNetwork {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.1", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "2001:db8::1", "10.0.0.1"),
        ] {
            assert!(network(text).contains(inside.parse().unwrap()), "{text} {inside}");
            assert!(!network(text).contains(outside.parse().unwrap()), "{text} {outside}");
        }
    }

    #[test]
    fn ipv4_written_as_ipv6_is_ipv4() {
        assert_eq!(network("::ffff:10.0.0.0/104"), network("10.0.0.0/8"));
        assert!(network("10.0.0.0/8").contains("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!network("::/0").contains("::ffff:10.1.2.3".parse().unwrap()));
    }

    #[test]
    fn a_network_with_bits_behind_its_prefix_is_refused() {
        for text in ["10.0.0.1/8", "10.0.0.0/33", "2001:db8::/129", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8/8"] {
            let error = text.parse::<IpNetwork>().unwrap_err();
            assert!(matches!(error, NameError::Network(_)), "{text}");
        }
    }

    #[test]
    fn a_mask_with_holes_is_not_read() {
        assert_eq!(IpNetwork::of_octets(&[10, 0, 0, 0, 255, 0, 255, 0]), None);
        assert_eq!(IpNetwork::of_octets(&[10, 0, 0, 0, 255, 0, 0]), None);
        assert_eq!(IpNetwork::of_octets(&[10, 1, 0, 0, 255, 0, 0, 0]), Some(network("10.0.0.0/8")));
    }

    proptest! {
        #[test]
        fn a_network_reads_back(bits: u128, prefix in 0_u8..=128, v4: bool) {
            let address = if v4 {
                IpAddr::from(Ipv4Addr::from_bits((bits as u32) & mask_v4(prefix.min(32))))
            } else {
                IpAddr::from(Ipv6Addr::from_bits(bits & mask_v6(prefix)))
            };
            let network = IpNetwork::new(address, if v4 { prefix.min(32) } else { prefix }).unwrap();
            prop_assert_eq!(network.to_string().parse::<IpNetwork>().unwrap(), network);
            prop_assert_eq!(IpNetwork::of_octets(&network.to_octets()), Some(network));
            prop_assert!(network.contains(address));
        }
    }
}
