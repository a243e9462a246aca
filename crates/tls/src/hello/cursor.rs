//! The presentation language of RFC 8446 section 3, read: numbers and vectors that must fit exactly.

use bytes::{Buf, Bytes};

use super::HelloError;

/// The unread rest of a vector; `name` says which one, in errors.
pub(super) struct Cursor {
    rest: Bytes,
    name: &'static str,
}

impl Cursor {
    pub(super) fn new(bytes: Bytes, name: &'static str) -> Self {
        Self { rest: bytes, name }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, HelloError> {
        self.rest.try_get_u8().map_err(|_| HelloError::Malformed(self.name))
    }

    /// The next two bytes as a number.
    pub(super) fn number(&mut self) -> Result<u16, HelloError> {
        self.rest.try_get_u16().map_err(|_| HelloError::Malformed(self.name))
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], HelloError> {
        let mut array = [0; N];
        self.rest.try_copy_to_slice(&mut array).map_err(|_| HelloError::Malformed(self.name))?;
        Ok(array)
    }

    /// A vector with a length of one byte.
    pub(super) fn vector8(&mut self, name: &'static str) -> Result<Self, HelloError> {
        let length = self.byte()?;
        self.vector(length.into(), name)
    }

    /// A vector with a length of two bytes.
    pub(super) fn vector16(&mut self, name: &'static str) -> Result<Self, HelloError> {
        let length = self.number()?;
        self.vector(length.into(), name)
    }

    /// All that is left, as bytes.
    pub(super) fn into_bytes(self) -> Bytes {
        self.rest
    }

    /// All that is left, as two-byte numbers: at least one, and no odd byte.
    pub(super) fn numbers<T>(mut self, wrap: impl Fn(u16) -> T) -> Result<Vec<T>, HelloError> {
        let mut numbers = Vec::with_capacity(self.rest.len() / 2);
        while !self.is_empty() {
            numbers.push(wrap(self.number()?));
        }
        if numbers.is_empty() { Err(HelloError::Malformed(self.name)) } else { Ok(numbers) }
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), HelloError> {
        if self.is_empty() { Ok(()) } else { Err(HelloError::Malformed(self.name)) }
    }

    fn vector(&mut self, length: usize, name: &'static str) -> Result<Self, HelloError> {
        if length > self.rest.len() {
            return Err(HelloError::Malformed(name));
        }
        Ok(Self::new(self.rest.split_to(length), name))
    }
}
