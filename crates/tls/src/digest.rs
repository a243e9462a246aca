//! SHA-256, over one text or over fields that can't run into each other.

use aws_lc_rs::digest::{Context, Digest, SHA256, digest};

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    array(&digest(&SHA256, bytes))
}

/// SHA-256 over fields. Each is preceded by its length, so that no two lists of fields are the
/// same bytes.
pub(crate) struct FieldDigest(Context);

impl FieldDigest {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(crate) fn field(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    /// A list as one field: the number of its items, then each.
    pub(crate) fn list<T: AsRef<[u8]>>(&mut self, items: &[T]) {
        self.0.update(&(items.len() as u64).to_be_bytes());
        items.iter().for_each(|item| self.field(item.as_ref()));
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        array(&self.0.finish())
    }
}

fn array(digest: &Digest) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_join_to_the_same_bytes_have_different_digests() {
        let of = |fields: &[&str]| {
            let mut digest = FieldDigest::new();
            digest.list(fields);
            digest.finish()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab"]), of(&["ab", ""]));
    }
}
