//! Any bytes, in any segments and read into buffers of any size, come out the same: their start, and
//! behind it nothing, or what makes hyper refuse.

#![no_main]

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use hermetic_gateway::framing::{Answer, Reader, Standing, StrictFraming, Violation};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncRead, ReadBuf};

fuzz_target!(|data: &[u8]| {
    let (passed, standing) = judged(data);
    let (read, violation) = read(data);
    assert!(read.starts_with(&data[..passed]));
    match standing {
        Standing::Refused(expected) => assert_eq!(violation, Some(expected)),
        // Only the end of the stream can add one.
        _ => assert!(violation.is_none_or(|violation| violation == Violation::CutShort)),
    }
    if violation.is_none() {
        assert_eq!(read.len(), passed);
    }
});

/// Every request that asks to switch gets the same answer, depending on the input.
fn answer(data: &[u8]) -> Answer {
    if data.len().is_multiple_of(2) { Answer::Switched } else { Answer::Declined }
}

/// What the reader says of all the bytes at once.
fn judged(data: &[u8]) -> (usize, Standing) {
    let mut reader = Reader::new();
    let mut passed = 0;
    loop {
        passed += reader.advance(&data[passed..]);
        match (reader.standing(), answer(data)) {
            (Standing::AwaitingAnswer, Answer::Switched) => reader.switch(),
            (Standing::AwaitingAnswer, Answer::Declined) => reader.resume(),
            (standing, _) => return (passed, standing),
        }
    }
}

/// What comes out of the stream, segments and buffers being as long as the bytes themselves say.
fn read(data: &[u8]) -> (Vec<u8>, Option<Violation>) {
    let stream = StrictFraming::new(Segments { rest: data, sizes: data.iter() });
    let handle = stream.handle();
    let mut stream = pin!(stream);
    let mut read = Vec::new();
    for size in data.iter().rev().cycle() {
        let mut buffer = vec![0; usize::from(*size) + 1];
        let mut buf = ReadBuf::new(&mut buffer);
        match stream.as_mut().poll_read(&mut Context::from_waker(Waker::noop()), &mut buf) {
            Poll::Ready(result) => result.expect("the segments never fail"),
            Poll::Pending if handle.violation().is_some() => break,
            Poll::Pending => {
                handle.answered(answer(data));
                continue;
            }
        }
        if buf.filled().is_empty() {
            break;
        }
        read.extend_from_slice(buf.filled());
    }
    (read, handle.violation())
}

struct Segments<'a> {
    rest: &'a [u8],
    sizes: std::slice::Iter<'a, u8>,
}

impl AsyncRead for Segments<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let size = self.sizes.next().map_or(1, |size| usize::from(*size) + 1);
        let (segment, rest) = self.rest.split_at(size.min(buf.remaining()).min(self.rest.len()));
        buf.put_slice(segment);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}
