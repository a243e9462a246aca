//! LDAP: the StartTLS operation, before any bind (RFC 4511 section 4.14).

use super::{Step, quoted};

/// An ExtendedRequest with the operation's name, as message 1.
pub(crate) const START_TLS: [u8; 31] = *b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

/// UnbindRequest, as message 2; within TLS too.
pub(super) const FAREWELL: &[u8] = b"\x30\x05\x02\x01\x02\x42\x00";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0A;
const EXTENDED_RESPONSE: u8 = 0x78;

/// The codes by which a server says that it has no TLS: the operation is not known, the service not available,
/// or not wanted (RFC 4511 appendix A). With them all goes on in clear.
const WITHOUT: [u8; 3] = [2, 52, 53];

pub(super) fn step(heard: &[u8]) -> Step {
    if heard.first().is_some_and(|first| *first != SEQUENCE) {
        return Step::Refused("it does not speak LDAP".to_owned());
    }
    match element(heard) {
        Ok(None) => Step::Read,
        Ok(Some(message)) => match response(message.content) {
            Some((0, _)) if !message.behind.is_empty() => Step::Refused(super::BEHIND.to_owned()),
            Some((0, _)) => Step::Tls(Vec::new()),
            Some((code, _)) if WITHOUT.contains(&code) => Step::Cleartext(FAREWELL),
            Some((code, text)) => Step::Refused(
                format!("StartTLS is answered by code {code} {}", quoted(text)).trim().to_owned(),
            ),
            None => Step::Refused("StartTLS is answered by something else".to_owned()),
        },
        Err(NotLdap) => Step::Refused("it does not speak LDAP".to_owned()),
    }
}

/// The code and the diagnostic message of an ExtendedResponse.
fn response(message: &[u8]) -> Option<(u8, &[u8])> {
    let (_id, rest) = expect(message, INTEGER)?;
    let (response, _controls) = expect(rest, EXTENDED_RESPONSE)?;
    let (code, rest) = expect(response, ENUMERATED)?;
    let (_matched, rest) = expect(rest, OCTET_STRING)?;
    let (text, _) = expect(rest, OCTET_STRING)?;
    let &[code] = code else { return None };
    Some((code, text))
}

fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let element = element(bytes).ok().flatten().filter(|element| element.tag == tag)?;
    Some((element.content, element.behind))
}

/// Bytes that are no message of LDAP.
struct NotLdap;

/// One element of BER. Not of DER: Active Directory writes every length in four bytes.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    behind: &'a [u8],
}

/// The first element; `None` where more bytes must come.
fn element(bytes: &[u8]) -> Result<Option<Element<'_>>, NotLdap> {
    let [tag, first, rest @ ..] = bytes else { return Ok(None) };
    let (length, rest) = match first {
        0..=0x7F => (usize::from(*first), rest),
        0x81..=0x84 => {
            let Some((length, rest)) = rest.split_at_checked(usize::from(first & 0x7F)) else {
                return Ok(None);
            };
            (length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        // LDAP knows no indefinite lengths (RFC 4511 section 5.1).
        _ => return Err(NotLdap),
    };
    if length > super::LIMIT {
        return Err(NotLdap);
    }
    let element = |(content, behind)| Element { tag: *tag, content, behind };
    Ok(rest.split_at_checked(length).map(element))
}
