//! The judge: which bytes of a client's stream may pass, and when to stop. No I/O.

use super::head::{Body, Following, Head};
use super::lines::Lines;
use super::{CHUNK_LINE_LIMIT, HeadLimits, TRAILER_LIMIT, Violation, chunk, field};

/// Follows one client's stream of requests.
///
/// Feed it with [`advance`](Self::advance) and look at [`standing`](Self::standing) afterwards.
#[derive(Debug)]
pub struct Reader {
    limits: HeadLimits,
    state: State,
    /// The request that is being read asked to switch protocols.
    asks_to_switch: bool,
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Requests are being read.
    Reading,
    /// A request that asked to switch protocols is read; what follows it is HTTP or not as the answer
    /// says. Nothing passes until [`Reader::resume`] or [`Reader::switch`].
    AwaitingAnswer,
    /// The protocol was switched: everything passes.
    Switched,
    /// A rule was broken: nothing passes any more.
    Refused(Violation),
}

/// What the next byte belongs to. Heads, chunk lines and trailer sections pass only as a whole.
#[derive(Debug)]
enum State {
    Head(Head, Lines),
    Body { left: u64 },
    ChunkLine(Lines),
    Chunk { left: u64 },
    ChunkEnd,
    Trailers(Lines),
    AwaitingAnswer,
    Switched,
    Refused(Violation),
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader before the first request, with the usual limits.
    pub fn new() -> Self {
        Self::within(HeadLimits::default())
    }

    /// A reader before the first request.
    pub fn within(limits: HeadLimits) -> Self {
        Self { limits, state: next_head(), asks_to_switch: false }
    }

    /// The most fields that a head may have.
    pub(super) fn fields(&self) -> usize {
        self.limits.fields
    }

    /// Judges `unpassed`, and says how many bytes at its start may pass.
    ///
    /// The next call must begin with the bytes that did not pass, as `unpassed` holds all that was
    /// received and has not passed yet. Each byte is still looked at only once.
    pub fn advance(&mut self, unpassed: &[u8]) -> usize {
        let mut passed = 0;
        loop {
            let rest = unpassed.get(passed..).unwrap_or_default();
            match self.step(rest) {
                Ok(0) => return passed,
                Ok(bytes) => passed += bytes,
                Err(violation) => self.state = State::Refused(violation),
            }
        }
    }

    /// The stream has ended; `unpassed` is what had come and not passed.
    ///
    /// The end of a body is for the HTTP library to miss. A head cut short is refused here: the
    /// library never saw it begin.
    pub fn end(&mut self, unpassed: &[u8]) {
        if let State::Head(head, lines) = &self.state
            && (head.has_begun() || unpassed.len() > lines.taken())
        {
            self.state = State::Refused(Violation::CutShort);
        }
    }

    /// Where the stream stands.
    pub fn standing(&self) -> Standing {
        match self.state {
            State::AwaitingAnswer => Standing::AwaitingAnswer,
            State::Switched => Standing::Switched,
            State::Refused(violation) => Standing::Refused(violation),
            _ => Standing::Reading,
        }
    }

    /// Whether the head that passed last asked to switch protocols, and the answer is not known yet.
    pub fn asks_to_switch(&self) -> bool {
        self.asks_to_switch
    }

    /// The request was answered without switching: what follows is the next request.
    pub fn resume(&mut self) {
        if let State::AwaitingAnswer = self.state {
            self.state = next_head();
            self.asks_to_switch = false;
        }
    }

    /// The request was answered with a switch of protocols: everything that follows passes.
    pub fn switch(&mut self) {
        if let State::AwaitingAnswer = self.state {
            self.state = State::Switched;
            self.asks_to_switch = false;
        }
    }

    /// Passes one piece of the stream; 0 where nothing more can pass yet, or ever.
    fn step(&mut self, rest: &[u8]) -> Result<usize, Violation> {
        match &mut self.state {
            State::Head(head, lines) => {
                while let Some(line) = lines.next(rest, (self.limits.bytes, Violation::HeadTooLarge))? {
                    if head.fields() >= self.limits.fields && !line.is_empty() {
                        return Err(Violation::TooManyFields);
                    }
                    if let Some(following) = head.line(line)? {
                        let length = lines.taken();
                        self.follow(following);
                        return Ok(length);
                    }
                }
                Ok(0)
            }
            State::Body { left } => {
                let passed = pass(left, rest);
                if *left == 0 {
                    self.state = self.between_requests();
                }
                Ok(passed)
            }
            State::ChunkLine(lines) => {
                let limit = (CHUNK_LINE_LIMIT, Violation::ChunkLineTooLong);
                let Some(line) = lines.next(rest, limit)? else { return Ok(0) };
                let length = lines.taken();
                self.state = match chunk::size(line)? {
                    0 => State::Trailers(Lines::default()),
                    left => State::Chunk { left },
                };
                Ok(length)
            }
            State::Chunk { left } => {
                let passed = pass(left, rest);
                if *left == 0 {
                    self.state = State::ChunkEnd;
                }
                Ok(passed)
            }
            State::ChunkEnd => match rest {
                [] | [b'\r'] => Ok(0),
                [b'\r', b'\n', ..] => {
                    self.state = State::ChunkLine(Lines::default());
                    Ok(2)
                }
                _ => Err(Violation::ChunkEnd),
            },
            State::Trailers(lines) => {
                while let Some(line) = lines.next(rest, (TRAILER_LIMIT, Violation::TrailersTooLarge))? {
                    if line.is_empty() {
                        let length = lines.taken();
                        self.state = self.between_requests();
                        return Ok(length);
                    }
                    check_trailer(line)?;
                }
                Ok(0)
            }
            State::Switched => Ok(rest.len()),
            State::AwaitingAnswer | State::Refused(_) => Ok(0),
        }
    }

    fn follow(&mut self, following: Following) {
        self.asks_to_switch = following.asks_to_switch;
        self.state = match following.body {
            Body::None => self.between_requests(),
            Body::Length(left) => State::Body { left },
            Body::Chunked => State::ChunkLine(Lines::default()),
        };
    }

    fn between_requests(&self) -> State {
        if self.asks_to_switch { State::AwaitingAnswer } else { next_head() }
    }
}

fn next_head() -> State {
    State::Head(Head::default(), Lines::default())
}

/// Takes as much of `rest` as is left to come.
fn pass(left: &mut u64, rest: &[u8]) -> usize {
    let passed = usize::try_from(*left).map_or(rest.len(), |left| left.min(rest.len()));
    *left -= passed as u64;
    passed
}

/// A field of a trailer section. One that frames or routes would reach a party behind us as if it had
/// stood in the head (RFC 9110 section 6.5.1).
fn check_trailer(line: &[u8]) -> Result<(), Violation> {
    if field::is_folded(line) {
        return Err(Violation::Folded);
    }
    let (name, _) = field::parse(line)?;
    let belongs_into_head: [&[u8]; 4] = [b"content-length", b"transfer-encoding", b"host", b"trailer"];
    if belongs_into_head.iter().any(|field| name.eq_ignore_ascii_case(field)) {
        return Err(Violation::Trailer);
    }
    Ok(())
}
