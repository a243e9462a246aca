//! JSON read into values with their places.

use crate::read_error::ReadError;
use crate::scan::Cursor;
use crate::span::FileId;
use crate::value::Value;

/// Reads a JSON text.
///
/// # Errors
/// It is no JSON, or a key is there twice, or it is too deep.
pub(crate) fn read(text: &str, file: FileId) -> Result<Value, ReadError> {
    let mut cursor = Cursor::new(text, file);
    let value = cursor.value()?;
    cursor.end()?;
    Ok(value)
}
