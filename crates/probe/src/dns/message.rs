//! Messages of DNS (RFC 1035 section 4): one question written, an answer read.

use bytes::{Buf, Bytes};

/// The longest answer that is read, in bytes: all that a message can have.
pub const LONGEST_MESSAGE: usize = 65_535;

/// The most jumps in one name. Each goes back, so that this only bounds the work.
const MOST_JUMPS: usize = 32;

/// The longest name (RFC 1035 section 2.3.4).
const LONGEST_NAME: usize = 255;

/// The class of the Internet.
const INTERNET: u16 = 1;

/// The numbers of record types.
pub mod kind {
    /// An address of IPv4.
    pub const A: u16 = 1;
    /// Another name.
    pub const CNAME: u16 = 5;
    /// Who takes a domain's mail.
    pub const MX: u16 = 15;
    /// Text.
    pub const TXT: u16 = 16;
    /// An address of IPv6.
    pub const AAAA: u16 = 28;
    /// What extends DNS (RFC 6891).
    pub const OPT: u16 = 41;
    /// Which certificates are an endpoint's (RFC 6698).
    pub const TLSA: u16 = 52;
    /// How HTTPS is reached (RFC 9460).
    pub const HTTPS: u16 = 65;
    /// Who may issue (RFC 8659).
    pub const CAA: u16 = 257;
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The number of the question that it answers.
    pub id: u16,
    /// Whether more would have come over TCP.
    pub truncated: bool,
    /// Whether the resolver says that DNSSEC authenticates it.
    pub authenticated: bool,
    /// 0 is success, 3 that there is no such name.
    pub code: u8,
    /// The name and the type that were asked for; the name in lower case, without its last dot.
    pub question: Option<(String, u16)>,
    /// The records of the answer.
    pub answers: Vec<Record>,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose it is, in lower case, without its last dot.
    pub name: String,
    /// Its type.
    pub kind: u16,
    /// What it says. A name in it is only whole within the message, but for that of a mail server.
    pub data: Bytes,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// It ends too early.
    #[error("the answer breaks off within its {0}")]
    Part(&'static str),
    /// A name is longer than names are, or goes round in circles.
    #[error("the answer has a name that does not end")]
    Name,
    /// It asks instead of answering.
    #[error("the answer is no answer")]
    Question,
}

/// A question for the records of a type, that wants to know whether they are authenticated (RFC 6840 section 5.7).
/// `None` where the name is none.
pub fn question(id: u16, name: &str, kind: u16) -> Option<Vec<u8>> {
    let mut message = id.to_be_bytes().to_vec();
    // Recursion desired; authentic data wanted; one question, and the record that extends.
    message.extend([0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1]);
    let start = message.len();
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        message.push(length);
        message.extend(label.as_bytes());
    }
    message.push(0);
    if message.len() - start > LONGEST_NAME {
        return None;
    }
    message.extend(kind.to_be_bytes());
    message.extend(INTERNET.to_be_bytes());
    // Of 1232 bytes, which pass everywhere; and without signatures, which nobody here verifies.
    message.extend([0]);
    message.extend(kind::OPT.to_be_bytes());
    message.extend(1232_u16.to_be_bytes());
    message.extend([0; 6]);
    Some(message)
}

impl Message {
    /// Reads an answer. Records behind the answers are passed over.
    pub fn read(bytes: &[u8]) -> Result<Self, MessageError> {
        let whole = Bytes::copy_from_slice(bytes.get(..bytes.len().min(LONGEST_MESSAGE)).unwrap_or_default());
        let mut rest = whole.clone();
        let mut header = || rest.try_get_u16().map_err(|_| MessageError::Part("header"));
        let (id, flags) = (header()?, header()?);
        let (questions, answers) = (header()?, header()?);
        header()?;
        header()?;
        if flags & 0x8000 == 0 {
            return Err(MessageError::Question);
        }
        let mut question = None;
        for _ in 0..questions {
            let name = name(&whole, &mut rest)?;
            let part = MessageError::Part("question");
            let kind = rest.try_get_u16().map_err(|_| part)?;
            rest.try_get_u16().map_err(|_| part)?;
            question.get_or_insert((name, kind));
        }
        let truncated = flags & 0x0200 != 0;
        let mut read = Vec::new();
        for _ in 0..answers {
            match record(&whole, &mut rest) {
                Ok(record) => read.extend(record),
                Err(_) if truncated => break,
                Err(error) => return Err(error),
            }
        }
        let authenticated = flags & 0x0020 != 0;
        Ok(Self { id, truncated, authenticated, code: (flags & 0x000F) as u8, question, answers: read })
    }
}

/// `None` of another class.
fn record(whole: &Bytes, rest: &mut Bytes) -> Result<Option<Record>, MessageError> {
    let name = name(whole, rest)?;
    let part = |_| MessageError::Part("records");
    let kind = rest.try_get_u16().map_err(part)?;
    let class = rest.try_get_u16().map_err(part)?;
    rest.try_get_u32().map_err(part)?;
    let length = rest.try_get_u16().map_err(part)?;
    let data = taken(rest, length.into()).ok_or(MessageError::Part("records"))?;
    let data = if kind == kind::MX { unfolded(whole, data)? } else { data };
    Ok((class == INTERNET).then_some(Record { name, kind, data }))
}

/// A preference and a name, with all of the name behind it.
fn unfolded(whole: &Bytes, mut data: Bytes) -> Result<Bytes, MessageError> {
    let mut unfolded = data.split_to(data.len().min(2)).to_vec();
    for label in name(whole, &mut data)?.split('.').filter(|label| !label.is_empty()) {
        // What was no text has grown: it is no host.
        unfolded.push(u8::try_from(label.len()).map_err(|_| MessageError::Name)?);
        unfolded.extend(label.as_bytes());
    }
    unfolded.push(0);
    Ok(unfolded.into())
}

/// A name, which may go on further ahead in the message (RFC 1035 section 4.1.4). A dot within a label, which no
/// host has, shows as one between labels.
pub(super) fn name(whole: &Bytes, rest: &mut Bytes) -> Result<String, MessageError> {
    let part = || MessageError::Part("names");
    let mut labels: Vec<String> = Vec::new();
    let (mut length, mut jumps) = (1, 0);
    let mut ahead: Option<Bytes> = None;
    loop {
        let at = ahead.as_mut().unwrap_or(rest);
        let first = at.try_get_u8().map_err(|_| part())?;
        match first {
            0 => return Ok(labels.join(".")),
            1..=63 => {
                let label = taken(at, first.into()).ok_or_else(part)?;
                length += 1 + label.len();
                if length > LONGEST_NAME {
                    return Err(MessageError::Name);
                }
                labels.push(String::from_utf8_lossy(&label).to_ascii_lowercase());
            }
            0xC0.. => {
                let low = at.try_get_u8().map_err(|_| part())?;
                let place = usize::from(u16::from_be_bytes([first & 0x3F, low]));
                jumps += 1;
                if jumps > MOST_JUMPS {
                    return Err(MessageError::Name);
                }
                let mut there = whole.clone();
                taken(&mut there, place).ok_or_else(part)?;
                ahead = Some(there);
            }
            _ => return Err(MessageError::Name),
        }
    }
}

/// The next bytes, where there are as many.
pub(super) fn taken(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An answer to a question, with records whose names point at the question's.
    pub(crate) fn answer(question: &[u8], records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = question.to_vec();
        message[2] = 0x81;
        message[3] = 0xA0;
        message[7] = u8::try_from(records.len()).unwrap();
        message[11] = 0;
        message.truncate(question.len() - 11);
        for (kind, data) in records {
            message.extend([0xC0, 12]);
            message.extend(kind.to_be_bytes());
            message.extend([0, 1, 0, 0, 0, 60]);
            message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            message.extend(*data);
        }
        message
    }

    #[test]
    fn an_answer_has_the_records_of_its_question() {
        let asked = question(7, "Shop.test", kind::TXT).unwrap();
        let read = Message::read(&answer(&asked, &[(kind::TXT, b"\x02hi"), (kind::CAA, b"x")])).unwrap();
        assert_eq!((read.id, read.code, read.authenticated), (7, 0, true));
        assert_eq!(read.question, Some(("shop.test".to_owned(), kind::TXT)));
        assert_eq!(read.answers[0].name, "shop.test");
        assert_eq!(read.answers[1], Record { name: "shop.test".into(), kind: kind::CAA, data: "x".into() });
    }

    #[test]
    fn a_name_that_goes_round_in_circles_is_refused() {
        let asked = question(7, "shop.test", kind::TXT).unwrap();
        let mut looped = answer(&asked, &[(kind::TXT, b"")]);
        let place = u8::try_from(asked.len() - 11).unwrap();
        looped[usize::from(place) + 1] = place;
        assert_eq!(Message::read(&looped), Err(MessageError::Name));
    }

    #[test]
    fn names_that_are_none_are_not_asked_for() {
        for name in ["", "a..b", &"a".repeat(64), &"a.".repeat(128)] {
            assert_eq!(question(1, name, kind::TXT), None, "{name}");
        }
    }

    #[test]
    fn the_name_of_a_mail_server_is_read_whole_wherever_it_goes_on() {
        let mut answer = vec![0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
        answer.extend(b"\x04shop\x04test\0\0\x0f\0\x01");
        // The name of the question, then the record: preference 10, `mx` and the name of the question again.
        answer.extend([0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, 7, 0, 10, 2, b'm', b'x', 0xC0, 12]);
        let read = Message::read(&answer).unwrap();
        assert_eq!(&read.answers[0].data[..], b"\0\x0a\x02mx\x04shop\x04test\0");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Message::read(&bytes);
            let asked = question(7, "shop.test", kind::TXT).unwrap();
            let _ = Message::read(&[&answer(&asked, &[(kind::TXT, b"")]), bytes.as_slice()].concat());
        }

        #[test]
        fn what_is_cut_is_never_more_than_the_whole(cut in 0_usize..60) {
            let asked = question(7, "shop.test", kind::TXT).unwrap();
            let whole = answer(&asked, &[(kind::TXT, b"\x05hello"), (kind::TXT, b"\x05world")]);
            let cut = Message::read(&whole[..cut.min(whole.len() - 1)]);
            prop_assert!(cut.is_err(), "{cut:?}");
        }
    }
}
