//! Introduction: the PROXY header by which an upstream is told of a client, before the first byte of the
//! connection. A header speaks of one client, so no connection that has one is shared with another.

use bytes::Bytes;
use hermetic_config::ProxyProtocolVersion;
use hermetic_tls::Negotiated;

use crate::prelude::Ends;
use crate::proxy_protocol::{Addresses, Details, Header, TlsDetails};

/// The most bytes of a common name that goes on: X.520 allows 64 characters.
const COMMON_NAME: usize = 256;

/// The header of this client.
pub(crate) fn header(version: ProxyProtocolVersion, ends: &Ends, details: Option<&Details>) -> Bytes {
    let addresses = Addresses::new(ends.client, ends.server);
    let written = match version {
        ProxyProtocolVersion::V1 => Header::new(addresses, Details::default()).version1(),
        ProxyProtocolVersion::V2 => {
            let details = details.cloned().unwrap_or_else(|| in_cleartext(ends));
            let short = || Header::new(addresses, Details::default()).version2();
            // What has no room is left out; addresses always have.
            Header::new(addresses, details).version2().or_else(|_| short()).unwrap_or_default()
        }
    };
    written.into()
}

/// What there is to tell of a client whose TLS ends here.
pub(crate) fn under_tls(ends: &Ends, negotiated: &Negotiated) -> Details {
    let leaf = negotiated.peer.as_ref().map(hermetic_tls::Chain::leaf);
    let name = leaf.and_then(hermetic_tls::Certificate::common_name);
    let suite = negotiated.suite;
    Details {
        alpn: negotiated.alpn.as_ref().map(|alpn| alpn.as_bytes().to_vec()),
        authority: negotiated.server_name.clone(),
        tls: Some(TlsDetails {
            encrypted: true,
            certificate_on_connection: leaf.is_some() && !negotiated.resumed,
            certificate_in_session: leaf.is_some(),
            // Who showed no certificate was not verified (section 2.2.6).
            verify: u32::from(leaf.is_none()),
            version: Some(negotiated.version.to_string()),
            common_name: name.filter(|name| name.len() <= COMMON_NAME),
            // The names of OpenSSL, which other proxies send.
            cipher: Some(suite.openssl_name().map_or_else(|| suite.to_string(), str::to_owned)),
            group: negotiated.group.map(|group| group.to_string()),
            ..TlsDetails::default()
        }),
        ..in_cleartext(ends)
    }
}

/// What there is to tell of a client without TLS: what proxies before us call its connection.
pub(crate) fn in_cleartext(ends: &Ends) -> Details {
    let unique_id = ends.told.as_ref().and_then(|told| told.details.unique_id.clone());
    Details { unique_id, ..Details::default() }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::proxied::Told;
    use crate::proxy_protocol::{Progress, read};

    fn ends(unique_id: Option<Vec<u8>>) -> Ends {
        let details = Details { unique_id, authority: Some("told.example".to_owned()), ..Details::default() };
        let told = Some(Rc::new(Told { by: "10.0.0.1:5".parse().unwrap(), details }));
        Ends { client: "192.0.2.1:7".parse().unwrap(), server: "192.0.2.2:443".parse().unwrap(), told }
    }

    fn written(version: ProxyProtocolVersion, ends: &Ends, details: Option<&Details>) -> Header {
        match read(&header(version, ends, details)) {
            Ok(Progress::Complete { header, .. }) => *header,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_proxy_before_calls_a_connection_goes_on_and_nothing_else_of_its_word() {
        let ends = ends(Some(b"7f000001".to_vec()));
        let header = written(ProxyProtocolVersion::V2, &ends, None);
        let details = Details { unique_id: Some(b"7f000001".to_vec()), ..Details::default() };
        assert_eq!(header, Header::new(Addresses::new(ends.client, ends.server), details));
    }

    #[test]
    fn what_has_no_room_is_left_out_and_the_addresses_are_told_all_the_same() {
        let ends = ends(None);
        let long = Details { authority: Some("a".repeat(1 << 16)), ..Details::default() };
        let header = written(ProxyProtocolVersion::V2, &ends, Some(&long));
        let bare = Header::new(Addresses::new(ends.client, ends.server), Details::default());
        assert_eq!(header, bare);
        assert_eq!(written(ProxyProtocolVersion::V1, &ends, Some(&long)), bare);
    }
}
