//! What the TLS library has against a peer's protocol, in words. It has some two hundred reasons, and its names for
//! them are sentences without spaces: they get their spaces.

use rustls::{Error, InvalidMessage};

pub(super) fn of_protocol(error: &Error) -> String {
    match error {
        // Half of what TLS allows, and what rustls takes of one message.
        Error::InvalidMessage(
            InvalidMessage::CertificatePayloadTooLarge | InvalidMessage::HandshakePayloadTooLarge,
        ) => "it sends a handshake message of more than 64 KiB, such as a chain of certificates of that size; rustls takes no more"
            .to_owned(),
        Error::InvalidMessage(why) => format!("a message of it is malformed: {}", spaced(why)),
        Error::PeerMisbehaved(why) => format!("it breaks the protocol: {}", spaced(why)),
        Error::PeerIncompatible(why) => format!("nothing in common with the peer: {}", spaced(why)),
        Error::InappropriateMessage { got_type, .. } => {
            format!("it sends a message out of turn: {}", spaced(got_type))
        }
        Error::InappropriateHandshakeMessage { got_type, .. } => {
            format!("it sends a message out of turn: {}", spaced(got_type))
        }
        Error::DecryptError => "a record of it can't be decrypted".to_owned(),
        Error::PeerSentOversizedRecord => "a record of it is longer than TLS allows".to_owned(),
        Error::NoApplicationProtocol => "no application protocol in common".to_owned(),
        Error::General(words) => words.clone(),
        // The rest is of our own settings, and in words.
        error => error.to_string(),
    }
}

/// `MissingKeyShare` as `missing key share`; abbreviations keep their letters.
fn spaced(name: impl std::fmt::Debug) -> String {
    let name = format!("{name:?}").replace('(', ": ").replace([')', '"'], "");
    let mut words = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
        before = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use rustls::PeerMisbehaved;

    use super::*;

    #[test]
    fn a_reason_is_told_in_words() {
        let told = of_protocol(&Error::PeerMisbehaved(PeerMisbehaved::IllegalHelloRetryRequestWithNoChanges));
        assert_eq!(told, "it breaks the protocol: illegal hello retry request with no changes");
        let told = of_protocol(&Error::InvalidMessage(InvalidMessage::MissingData("ServerHello")));
        assert_eq!(told, "a message of it is malformed: missing data: server hello");
    }
}
