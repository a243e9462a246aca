//! JA3S: what a server chose, as a fingerprint of its TLS stack and configuration (Salesforce, BSD-3-Clause). It
//! means something beside others that answered the same hello alone.

use std::fmt::Write as _;

use md5::{Digest, Md5};

use super::ServerHello;
use crate::ProtocolVersion;

impl ServerHello {
    /// Its JA3S fingerprint: 32 hexadecimal digits.
    pub fn ja3s(&self) -> String {
        Md5::digest(self.ja3s_text()).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// What the fingerprint is made of: version, suite and the numbers of the extensions, as they stand in the hello.
    fn ja3s_text(&self) -> String {
        // The field that TLS 1.3 leaves at TLS 1.2.
        let version = self.version.min(ProtocolVersion::TLS1_2).0;
        let extensions: Vec<_> = self.extensions.iter().map(|(number, _)| number.to_string()).collect();
        format!("{version},{},{}", self.suite.0, extensions.join("-"))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::CipherSuite;

    #[test]
    fn the_fingerprint_is_of_what_the_server_chose() {
        let hello = ServerHello {
            version: ProtocolVersion::TLS1_0,
            is_retry: false,
            random: [0; 32],
            session_id: Bytes::new(),
            suite: CipherSuite(47),
            compression: 0,
            group: None,
            application_protocol: None,
            extensions: [65281, 0, 11, 35, 5, 16].map(|number| (number, Bytes::new())).to_vec(),
        };
        assert_eq!(hello.ja3s_text(), "769,47,65281-0-11-35-5-16");
        // By another's MD5.
        assert_eq!(hello.ja3s(), "836ce314215654b5b1f85f97c73e506f");
    }
}
