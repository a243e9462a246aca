//! What holds for every stream, however it comes.

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncRead, ReadBuf};

use super::{Reader, Standing, StrictFraming, Violation};

/// A client that sends these segments, and then nothing more.
struct Segments(VecDeque<Vec<u8>>);

impl Segments {
    /// `bytes` cut into these sizes, over and over.
    fn new(mut bytes: &[u8], sizes: &[usize]) -> Self {
        let mut segments = VecDeque::new();
        for &size in sizes.iter().cycle() {
            if bytes.is_empty() {
                break;
            }
            let (segment, rest) = bytes.split_at(size.min(bytes.len()));
            segments.push_back(segment.to_vec());
            bytes = rest;
        }
        Self(segments)
    }
}

impl AsyncRead for Segments {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(mut segment) = self.0.pop_front() {
            let rest = segment.split_off(segment.len().min(buf.remaining()));
            buf.put_slice(&segment);
            if !rest.is_empty() {
                self.0.push_front(rest);
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// All that can be read, into buffers of these sizes, and the violation if one ended it.
fn read(client: Segments, sizes: &[usize]) -> (Vec<u8>, Option<Violation>) {
    let stream = StrictFraming::new(client);
    let handle = stream.handle();
    let mut stream = pin!(stream);
    let mut read = Vec::new();
    for &size in sizes.iter().cycle() {
        let mut buffer = vec![0; size];
        let mut buf = ReadBuf::new(&mut buffer);
        match stream.as_mut().poll_read(&mut Context::from_waker(Waker::noop()), &mut buf) {
            Poll::Ready(result) => result.unwrap(),
            Poll::Pending => break,
        }
        if buf.filled().is_empty() {
            break;
        }
        read.extend_from_slice(buf.filled());
    }
    (read, handle.violation())
}

fn all(bytes: &[u8]) -> (Vec<u8>, Option<Violation>) {
    read(Segments::new(bytes, &[usize::MAX]), &[1 << 20])
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1..100_usize, 1..8)
}

fn fields() -> impl Strategy<Value = String> {
    vec(("[A-Za-z][A-Za-z0-9-]{0,3}[0-9]", "[ \t]?[!-~]{0,20}[ \t]?"), 0..6)
        .prop_map(|fields| fields.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect())
}

fn body() -> impl Strategy<Value = (String, Vec<u8>)> {
    let length =
        vec(any::<u8>(), 0..300).prop_map(|body| (format!("Content-Length: {}\r\n", body.len()), body));
    let chunk = (vec(any::<u8>(), 1..100), "(;[a-z]{1,5}(=([a-z]{1,5}|\"[ -!#-\\[\\]-~]{0,9}\"))?){0,2}");
    let chunked = (vec(chunk, 0..5), fields()).prop_map(|(chunks, trailers)| {
        let mut body = Vec::new();
        for (chunk, extension) in chunks {
            body.extend(format!("{:x}{extension}\r\n", chunk.len()).into_bytes());
            body.extend(chunk);
            body.extend(b"\r\n");
        }
        body.extend(format!("0\r\n{trailers}\r\n").into_bytes());
        ("Transfer-Encoding: chunked\r\n".to_owned(), body)
    });
    prop_oneof![Just((String::new(), Vec::new())), length, chunked]
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    ("[A-Z]{1,7}", "/[a-z?%/]{0,20}", fields(), fields(), body()).prop_map(
        |(method, target, before, after, (framing, body))| {
            let head = format!("{method} {target} HTTP/1.1\r\n{before}Host: a\r\n{framing}{after}\r\n");
            [head.into_bytes(), body].concat()
        },
    )
}

fn requests() -> impl Strategy<Value = Vec<u8>> {
    vec(request(), 1..5).prop_map(|requests| requests.concat())
}

/// A change that a smuggler would make: a byte of meaning put in, left out, or in another's place.
fn changed() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![prop::sample::select(b"\r\n :\t\0;,0".as_slice()), any::<u8>()];
    let change = (any::<prop::sample::Index>(), 0..2_usize, vec(byte, 0..2));
    (requests(), vec(change, 1..4)).prop_map(|(mut bytes, changes)| {
        for (place, taken, put) in changes {
            let place = place.index(bytes.len());
            let end = (place + taken).min(bytes.len());
            bytes.splice(place..end, put);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn well_formed_requests_pass_unchanged(bytes in requests(), segments in sizes(), buffers in sizes()) {
        let (read, violation) = read(Segments::new(&bytes, &segments), &buffers);
        prop_assert_eq!(violation, None);
        prop_assert_eq!(read.escape_ascii().to_string(), bytes.escape_ascii().to_string());
    }

    #[test]
    fn segments_do_not_matter(bytes in changed(), segments in sizes(), buffers in sizes()) {
        prop_assert_eq!(read(Segments::new(&bytes, &segments), &buffers), all(&bytes));
    }

    #[test]
    fn any_bytes_get_one_verdict(bytes in vec(any::<u8>(), 0..300), segments in sizes(), buffers in sizes()) {
        prop_assert_eq!(read(Segments::new(&bytes, &segments), &buffers), all(&bytes));
    }

    #[test]
    fn what_passes_is_the_start_of_what_came(bytes in changed()) {
        let (read, violation) = all(&bytes);
        let passed = read.len() - violation.map_or(0, |violation| violation.poison(super::FIELD_LIMIT).len());
        prop_assert!(bytes.starts_with(&read[..passed]));
    }

    #[test]
    fn every_bare_line_feed_in_a_head_is_refused(
        request in request(), place in any::<prop::sample::Index>(),
    ) {
        let head = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let line_feeds: Vec<_> = (0..head).filter(|&at| request[at] == b'\n').collect();
        let mut bytes = request;
        bytes.remove(line_feeds[place.index(line_feeds.len())] - 1);
        let mut reader = Reader::new();
        prop_assert_eq!(reader.advance(&bytes), 0);
        prop_assert_eq!(reader.standing(), Standing::Refused(Violation::BareLineFeed));
    }
}
