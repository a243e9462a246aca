//! A session that stands: what the server says in it, as far as it concerns a second handshake.

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::NotRenegotiated;
use super::keys::Protector;
use crate::answer::AnswerError;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

const SERVER_HELLO: u8 = 2;
const FINISHED: u8 = 20;

/// The most bytes of a record (RFC 5246 section 6.2.3).
const RECORD_LIMIT: usize = (1 << 14) + 2048;

/// The most records that a server is listened to.
const RECORDS: u32 = 64;

/// What the server said by one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The first handshake is over.
    Finished,
    /// It goes along with another.
    ServerHello,
    /// An alert of this number.
    Alert(u8),
    /// Something else.
    Other,
}

/// Both directions, and what the client finished by.
#[derive(Debug)]
pub(super) struct Session {
    client: Protector,
    server: Protector,
    finished: Vec<u8>,
    heard: BytesMut,
    /// Whether the server's records are sealed by now.
    sealed: bool,
    records: u32,
}

impl Session {
    pub(super) fn new(client: Protector, server: Protector, finished: Vec<u8>) -> Self {
        Self { client, server, finished, heard: BytesMut::new(), sealed: false, records: 0 }
    }

    /// What the client finished by.
    pub(super) fn finished(&self) -> &[u8] {
        &self.finished
    }

    /// A record of the client.
    pub(super) fn sealed(&mut self, kind: u8, content: &[u8]) -> Result<Vec<u8>, NotRenegotiated> {
        self.client.seal(kind, content).ok_or(NotRenegotiated::NotSpoken)
    }

    /// Reads the next record.
    pub(super) async fn said(&mut self, io: &mut (impl AsyncRead + Unpin)) -> Result<Said, NotRenegotiated> {
        loop {
            if let Some(said) = self.next()? {
                return Ok(said);
            }
            if io.read_buf(&mut self.heard).await? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    /// What the next record says; `None` where it is not whole.
    fn next(&mut self) -> Result<Option<Said>, NotRenegotiated> {
        let malformed = |what| Err(AnswerError::Malformed(what).into());
        let &[kind, _, _, high, low, ..] = self.heard.as_ref() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > RECORD_LIMIT || !(CHANGE_CIPHER_SPEC..=23).contains(&kind) {
            return malformed("a record that does not belong there");
        }
        if self.heard.len() < 5 + length {
            return Ok(None);
        }
        self.records += 1;
        if self.records > RECORDS {
            return malformed("more records than a handshake has");
        }
        let mut record = self.heard.split_to(5 + length);
        record.advance(5);
        let content = match self.sealed {
            true => self.server.open(kind, &record).ok_or(NotRenegotiated::NotOpened)?,
            false => record.to_vec(),
        };
        Ok(Some(self.told(kind, &content)))
    }

    fn told(&mut self, kind: u8, content: &[u8]) -> Said {
        match (kind, content) {
            (CHANGE_CIPHER_SPEC, _) => {
                self.sealed = true;
                Said::Other
            }
            (ALERT, [_, number]) => Said::Alert(*number),
            // Only behind the keys does a Finished count.
            (HANDSHAKE, [FINISHED, ..]) if self.sealed => Said::Finished,
            (HANDSHAKE, [SERVER_HELLO, ..]) => Said::ServerHello,
            _ => Said::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::keys::Algorithms;
    use super::*;
    use crate::CipherSuite;

    fn protectors(suite: u16) -> (Protector, Protector) {
        Algorithms::of(CipherSuite(suite)).unwrap().protectors(&[1; 48], &[2; 32], &[3; 32]).unwrap()
    }

    #[test]
    fn what_one_end_seals_the_other_opens_in_order() {
        for suite in Algorithms::SUITES {
            let (mut near, mut far) = (protectors(suite.0).0, protectors(suite.0).0);
            for content in [&b"one"[..], b"", b"three"] {
                let record = near.seal(23, content).unwrap();
                assert_eq!(far.open(23, &record[5..]).as_deref(), Some(content), "{suite}");
            }
            let record = near.seal(23, b"four").unwrap();
            assert_eq!(far.open(22, &record[5..]), None, "{suite}: another kind");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_told_or_refused(
            segments in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..8),
        ) {
            let (client, server) = protectors(0xC02B);
            let mut session = Session::new(client, server, vec![0; 12]);
            for segment in segments {
                // A change of cipher comes first, so that what follows meets the keys.
                session.heard.extend_from_slice(&[20, 3, 3, 0, 1, 1]);
                session.heard.extend_from_slice(&segment);
                while let Ok(Some(_)) = session.next() {}
            }
        }
    }
}
