//! HTTPS records: how a site is reached (RFC 9460), and whether the name in the ClientHello can be encrypted
//! (ECH, RFC 9848).

use bytes::{Buf, Bytes};

use super::Answered;
use super::message::{Record, kind, name, taken};
use super::resolver::Asking;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Which is tried first: the least. 0 is another name for the site.
    pub priority: u16,
    /// Where it is; empty for the name itself.
    pub target: String,
    /// The protocols, such as `h3`.
    pub protocols: Vec<String>,
    /// Another port.
    pub port: Option<u16>,
    /// Whether keys for Encrypted ClientHello are in it.
    pub encrypts_hello: bool,
}

/// The keys of parameters (RFC 9460 section 14.3.2).
const PROTOCOLS: u16 = 1;
const PORT: u16 = 3;
const ENCRYPTED_HELLO: u16 = 5;

/// On another port than HTTPS's own, the name has that before it (section 9.1).
pub(super) async fn look(
    name: &str,
    port: u16,
    asking: Asking<'_>,
) -> Result<Answered<Vec<Service>>, String> {
    let asked = if port == 443 { name.to_owned() } else { format!("_{port}._https.{name}") };
    let Answered { records, authenticated } = asking.records(&asked, kind::HTTPS).await?;
    let mut services: Vec<_> = records.iter().filter_map(Service::of).collect();
    services.sort_by_key(|service| service.priority);
    Ok(Answered { records: services, authenticated })
}

impl Service {
    /// Reads a record; `None` where it breaks the rules of section 2.2. Its name is never compressed.
    pub fn of(record: &Record) -> Option<Self> {
        let mut data = record.data.clone();
        let priority = data.try_get_u16().ok()?;
        let target = name(&Bytes::new(), &mut data).ok()?;
        let mut service = Self { priority, target, protocols: Vec::new(), port: None, encrypts_hello: false };
        while !data.is_empty() {
            let (key, length) = (data.try_get_u16().ok()?, data.try_get_u16().ok()?);
            let mut value = taken(&mut data, length.into())?;
            match key {
                PROTOCOLS => {
                    while !value.is_empty() {
                        let length = value.try_get_u8().ok()?;
                        let protocol = taken(&mut value, length.into())?;
                        service.protocols.push(String::from_utf8_lossy(&protocol).into_owned());
                    }
                }
                PORT => service.port = Some(value.try_get_u16().ok()?),
                ENCRYPTED_HELLO => service.encrypts_hello = !value.is_empty(),
                _ => {}
            }
        }
        Some(service)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(data: &[u8]) -> Option<Service> {
        Service::of(&Record { name: "a".into(), kind: kind::HTTPS, data: Bytes::copy_from_slice(data) })
    }

    #[test]
    fn a_record_says_how_a_site_is_reached() {
        let data = b"\x00\x01\x00\x00\x01\x00\x06\x02h2\x02h3\x00\x03\x00\x02\x20\xFB\x00\x05\x00\x01x";
        let expected = Service {
            priority: 1,
            target: String::new(),
            protocols: vec!["h2".to_owned(), "h3".to_owned()],
            port: Some(8443),
            encrypts_hello: true,
        };
        assert_eq!(of(data), Some(expected));
        assert_eq!(of(&data[..data.len() - 1]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_record_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = of(&bytes);
        }
    }
}
