//! What a proxy before us told of a connection, as the access log shows it.

use std::net::SocketAddr;

use hermetic_hop::Checked;
use serde::Serialize;

use crate::proxied::Told;
use crate::proxy_protocol::TlsDetails;

/// What a proxy told, and which one. Its word, and no evidence.
#[derive(Debug, Serialize)]
pub(crate) struct ToldRecord<'a> {
    by: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alpn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<ToldTls<'a>>,
}

/// How the client's TLS ended at that proxy.
#[derive(Debug, Serialize)]
struct ToldTls<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suite: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    client_checked: Checked,
    #[serde(skip_serializing_if = "Option::is_none")]
    common_name: Option<&'a str>,
    /// SHA-256 of the client's certificate, where it was sent along.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
}

impl<'a> From<&'a Told> for ToldRecord<'a> {
    fn from(told: &'a Told) -> Self {
        let details = &told.details;
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        Self {
            by: told.by,
            server_name: details.authority.as_deref(),
            alpn: details.alpn.as_ref().map(text),
            unique_id: details.unique_id.as_ref().map(text),
            tls: details.tls.as_ref().filter(|tls| tls.encrypted).map(ToldTls::from),
        }
    }
}

impl<'a> From<&'a TlsDetails> for ToldTls<'a> {
    fn from(tls: &'a TlsDetails) -> Self {
        let showed = tls.certificate_on_connection || tls.certificate_in_session;
        let certificate = tls.client_certificate.as_deref();
        let read = certificate.and_then(|der| hermetic_tls::Certificate::from_der(der).ok());
        Self {
            version: tls.version.as_deref(),
            suite: tls.cipher.as_deref(),
            group: tls.group.as_deref(),
            client_checked: match (showed, tls.verify) {
                (false, _) => Checked::NotAsked,
                (true, 0) => Checked::Verified,
                (true, _) => Checked::NotVerified,
            },
            common_name: tls.common_name.as_deref(),
            fingerprint: read.map(|certificate| certificate.fingerprint.to_string()),
        }
    }
}
