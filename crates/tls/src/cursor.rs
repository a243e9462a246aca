//! The presentation language of RFC 8446 section 3, read: numbers and vectors that must fit exactly.

use bytes::{Buf, Bytes};

/// What does not fit; it is called what it should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// The unread rest of a vector; `name` says which one, in errors.
pub(crate) struct Cursor {
    rest: Bytes,
    name: &'static str,
}

impl Cursor {
    pub(crate) fn new(bytes: Bytes, name: &'static str) -> Self {
        Self { rest: bytes, name }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        self.rest.try_get_u8().map_err(|_| Malformed(self.name))
    }

    /// The next two bytes as a number.
    pub(crate) fn number(&mut self) -> Result<u16, Malformed> {
        self.rest.try_get_u16().map_err(|_| Malformed(self.name))
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        self.rest.try_copy_to_slice(&mut array).map_err(|_| Malformed(self.name))?;
        Ok(array)
    }

    /// A vector with a length of one byte.
    pub(crate) fn vector8(&mut self, name: &'static str) -> Result<Self, Malformed> {
        let length = self.byte()?;
        self.vector(length.into(), name)
    }

    /// A vector with a length of two bytes.
    pub(crate) fn vector16(&mut self, name: &'static str) -> Result<Self, Malformed> {
        let length = self.number()?;
        self.vector(length.into(), name)
    }

    /// A vector with a length of three bytes.
    pub(crate) fn vector24(&mut self, name: &'static str) -> Result<Self, Malformed> {
        let [high, middle, low] = self.array()?;
        self.vector(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low), name)
    }

    /// The next bytes, as many as these.
    pub(crate) fn bytes(&mut self, length: usize) -> Result<Bytes, Malformed> {
        Ok(self.vector(length, self.name)?.into_bytes())
    }

    /// All that is left, as bytes.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.rest
    }

    /// All that is left, as two-byte numbers: at least one, and no odd byte.
    pub(crate) fn numbers<T>(mut self, wrap: impl Fn(u16) -> T) -> Result<Vec<T>, Malformed> {
        let mut numbers = Vec::with_capacity(self.rest.len() / 2);
        while !self.is_empty() {
            numbers.push(wrap(self.number()?));
        }
        if numbers.is_empty() { Err(Malformed(self.name)) } else { Ok(numbers) }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(Malformed(self.name)) }
    }

    fn vector(&mut self, length: usize, name: &'static str) -> Result<Self, Malformed> {
        if length > self.rest.len() {
            return Err(Malformed(name));
        }
        Ok(Self::new(self.rest.split_to(length), name))
    }
}
