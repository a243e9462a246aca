//! The head of a request, line by line: what it says about the bytes behind it.

use super::{Violation, field};

/// What a head has said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Set by the request line.
    version: Option<Version>,
    /// An empty line came before the request line.
    blank: bool,
    connect: bool,
    upgrade: bool,
    host: bool,
    fields: usize,
    length: Option<u64>,
    chunked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

/// What follows a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Following {
    pub(super) body: Body,
    /// Whether the bytes behind the body may be no HTTP any more; the answer decides.
    pub(super) asks_to_switch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Length(u64),
    Chunked,
}

impl Head {
    /// Takes the next line; at the empty line that ends the head, says what follows.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Option<Following>, Violation> {
        match (self.version, line) {
            // Old clients send one CRLF too many behind a body (RFC 9112 section 2.2).
            (None, []) if !self.blank => self.blank = true,
            (None, _) => self.request_line(line)?,
            (Some(version), []) => return self.end(version).map(Some),
            (Some(version), _) => self.field(version, line)?,
        }
        Ok(None)
    }

    /// How many fields it has so far.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// Whether nothing came but perhaps the empty line before it.
    pub(super) fn has_begun(&self) -> bool {
        self.version.is_some()
    }

    fn request_line(&mut self, line: &[u8]) -> Result<(), Violation> {
        if field::has_control(line) {
            return Err(Violation::ControlByte);
        }
        let mut parts = line.split(|&byte| byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Violation::RequestLine);
        };
        if !field::is_token(method) || target.is_empty() || target.contains(&b'\t') {
            return Err(Violation::RequestLine);
        }
        self.connect = method == b"CONNECT";
        self.version = Some(match version {
            b"HTTP/1.1" => Version::Http11,
            b"HTTP/1.0" => Version::Http10,
            _ => return Err(Violation::Version),
        });
        Ok(())
    }

    fn field(&mut self, version: Version, line: &[u8]) -> Result<(), Violation> {
        if field::is_folded(line) {
            return Err(if self.fields > 0 { Violation::Folded } else { Violation::SpaceBeforeFields });
        }
        self.fields += 1;
        let (name, value) = field::parse(line)?;
        // The length first: most fields are none of these, and one comparison says so.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host(value),
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.upgrade = true;
                Ok(())
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.content_length(value),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.transfer_encoding(version, value),
            _ => Ok(()),
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Violation> {
        if self.host {
            return Err(Violation::TwoHosts);
        }
        self.host = true;
        if value.iter().all(|&byte| is_host_byte(byte)) { Ok(()) } else { Err(Violation::Host) }
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), Violation> {
        if self.chunked {
            return Err(Violation::LengthAndEncoding);
        }
        if self.length.is_some() {
            return Err(Violation::TwoLengths);
        }
        self.length = Some(decimal(value).ok_or(Violation::Length)?);
        Ok(())
    }

    fn transfer_encoding(&mut self, version: Version, value: &[u8]) -> Result<(), Violation> {
        if version == Version::Http10 {
            return Err(Violation::EncodingInHttp10);
        }
        if self.chunked {
            return Err(Violation::TwoEncodings);
        }
        if self.length.is_some() {
            return Err(Violation::LengthAndEncoding);
        }
        if !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Violation::Encoding);
        }
        self.chunked = true;
        Ok(())
    }

    fn end(&self, version: Version) -> Result<Following, Violation> {
        if version == Version::Http11 && !self.host {
            return Err(Violation::NoHost);
        }
        let body = match (self.chunked, self.length) {
            (true, _) => Body::Chunked,
            (false, None | Some(0)) => Body::None,
            (false, Some(length)) => Body::Length(length),
        };
        // Exactly when hyper prepares an upgrade: a CONNECT, or `Upgrade` in HTTP/1.1, whether
        // `Connection` names it or not.
        let asks_to_switch = self.connect || (self.upgrade && version == Version::Http11);
        Ok(Following { body, asks_to_switch })
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// What a host name, an address in brackets, and a port are made of (RFC 3986 section 3.2.2).
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(&byte)
}
