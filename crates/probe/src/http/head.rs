//! The head of an answer: its status and its headers.

/// The longest head that is read, in bytes.
pub const LONGEST_HEAD: usize = 64 * 1024;

/// The most headers that are read.
const MOST_HEADERS: usize = 128;

/// Status and headers of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Such as 200.
    pub status: u16,
    /// The headers in order; names in lower case.
    pub headers: Vec<(String, String)>,
}

/// Why bytes are no head of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// It ends before its head does.
    #[error("the answer breaks off within its head")]
    Part,
    /// It is not HTTP.
    #[error("the answer is not HTTP: {0}")]
    NotHttp(String),
}

impl Head {
    /// Reads the head of an answer, and says where its body begins.
    pub fn read(bytes: &[u8]) -> Result<(Self, usize), HeadError> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let read = response.parse(bytes).map_err(|error| HeadError::NotHttp(error.to_string()))?;
        let (httparse::Status::Complete(length), Some(status)) = (read, response.code) else {
            return Err(HeadError::Part);
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = response.headers.iter();
        let headers = headers.map(|header| (header.name.to_ascii_lowercase(), text(header.value)));
        Ok((Self { status, headers: headers.collect() }, length))
    }

    /// Whether these bytes hold a head to its end, so that no more need be read.
    pub fn is_whole(bytes: &[u8]) -> bool {
        !matches!(Self::read(bytes), Err(HeadError::Part))
    }

    /// The first header of this name, in lower case.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// All headers of this name, in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_head_is_its_status_and_its_headers() {
        let bytes = b"HTTP/1.1 301 Moved\r\nLocation: https://shop.test/\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\nbody";
        let (head, length) = Head::read(bytes).unwrap();
        assert_eq!((head.status, head.first("location")), (301, Some("https://shop.test/")));
        assert_eq!(head.all("set-cookie").collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(&bytes[length..], b"body");
    }

    #[test]
    fn what_breaks_off_and_what_is_something_else_are_told_apart() {
        assert_eq!(Head::read(b"HTTP/1.1 200 OK\r\nServer: n"), Err(HeadError::Part));
        assert!(matches!(Head::read(b"220 mail.test ESMTP\r\n"), Err(HeadError::NotHttp(_))));
        assert!(!Head::is_whole(b"HTTP/1.1 200 OK\r\nServer: n"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_head_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Head::read(&bytes);
            let _ = Head::read(&[b"HTTP/1.1 200 OK\r\n", bytes.as_slice()].concat());
        }
    }
}
