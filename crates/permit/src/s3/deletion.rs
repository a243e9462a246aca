//! Many deletions at once: the keys in the body. XML is read as far as this needs, and anything else in it (a
//! document type, a comment, a section, a prefix) is refused: readers differ in it.

use super::place::is_plain;
use crate::call::Unmapped;

/// The most objects of one request (S3 API Reference, DeleteObjects).
const MOST: usize = 1000;

/// An object that is to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deletion {
    /// Its key.
    pub key: String,
    /// Whether it is one of its versions.
    pub of_version: bool,
}

/// Reads them.
pub(super) fn read(body: &[u8]) -> Result<Vec<Deletion>, Unmapped> {
    let text = std::str::from_utf8(body).map_err(|_| wrong("it is no text"))?;
    let mut reader = Reader { rest: text.trim() };
    if let Some(rest) = reader.rest.strip_prefix("<?xml") {
        let (declared, behind) = rest.split_once("?>").ok_or_else(|| wrong("its declaration has no end"))?;
        if !is_plain_declaration(declared) {
            return Err(wrong("it is declared to be other than XML 1.0 in UTF-8"));
        }
        reader.rest = behind.trim_start();
    }
    let deletions = reader.element("Delete", Reader::objects)?;
    match reader.rest.trim().is_empty() {
        true => Ok(deletions),
        false => Err(wrong("something stands behind its root")),
    }
}

/// What is declared but XML 1.0 and UTF-8 makes other readers read other characters.
fn is_plain_declaration(declared: &str) -> bool {
    declared.split_ascii_whitespace().all(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim_matches(['"', '\'']);
        match name {
            "version" => value == "1.0",
            "encoding" => value.eq_ignore_ascii_case("utf-8"),
            "standalone" => true,
            _ => false,
        }
    })
}

fn wrong(what: &'static str) -> Unmapped {
    Unmapped::Body(what.into())
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The element of this name that comes next, read by `content` up to its end.
    fn element<T>(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Self) -> Result<T, Unmapped>,
    ) -> Result<T, Unmapped> {
        let (opened, is_empty) = self.opens()?;
        if opened != name || is_empty {
            return Err(wrong("an element stands where another belongs"));
        }
        let content = content(self)?;
        self.closes(name)?;
        Ok(content)
    }

    fn objects(&mut self) -> Result<Vec<Deletion>, Unmapped> {
        let mut deletions = Vec::new();
        while let Some(name) = self.next_name()? {
            match name {
                "Object" if deletions.len() == MOST => return Err(wrong("it has more than 1,000 objects")),
                "Object" => deletions.push(self.element("Object", Self::object)?),
                "Quiet" => drop(self.text_of("Quiet")?),
                _ => return Err(wrong("it has an element that is not known here")),
            }
        }
        Ok(deletions)
    }

    fn object(&mut self) -> Result<Deletion, Unmapped> {
        let (mut key, mut of_version) = (None, false);
        while let Some(name) = self.next_name()? {
            match name {
                "Key" if key.is_none() => key = Some(self.text_of("Key")?),
                "VersionId" if !of_version => {
                    of_version = true;
                    if self.text_of("VersionId")?.trim().is_empty() {
                        return Err(wrong("the version of an object says nothing"));
                    }
                }
                name @ ("ETag" | "Size" | "LastModifiedTime") => drop(self.text_of(name)?),
                _ => return Err(wrong("an object has an element twice, or one that is not known here")),
            }
        }
        let key = key.filter(|key| !key.is_empty()).ok_or_else(|| wrong("an object has no key"))?;
        // Some readers leave away the space around a text, and some stores read paths in keys.
        if key.trim().len() != key.len() || !is_plain(&key) {
            return Err(wrong("a key can be read in more than one way"));
        }
        Ok(Deletion { key, of_version })
    }

    fn text_of(&mut self, name: &str) -> Result<String, Unmapped> {
        let before = self.rest;
        let (opened, is_empty) = self.opens()?;
        if is_empty {
            return Ok(String::new());
        }
        if opened != name {
            self.rest = before;
            return Err(wrong("an element stands where another belongs"));
        }
        let end = self.rest.find('<').ok_or_else(|| wrong("an element has no end"))?;
        let (text, behind) = self.rest.split_at_checked(end).ok_or_else(|| wrong("an element has no end"))?;
        self.rest = behind;
        self.closes(name)?;
        unescaped(text)
    }

    /// The name of the element that opens next; `None` before the end of the one around.
    fn next_name(&mut self) -> Result<Option<&'a str>, Unmapped> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with("</") {
            return Ok(None);
        }
        let mut ahead = Reader { rest: self.rest };
        ahead.opens().map(|(name, _)| Some(name))
    }

    /// Passes over a tag that opens an element; its name, and whether that closes it, too.
    fn opens(&mut self) -> Result<(&'a str, bool), Unmapped> {
        let rest = self
            .rest
            .trim_start()
            .strip_prefix('<')
            .ok_or_else(|| wrong("text stands where none belongs"))?;
        let (tag, behind) = rest.split_once('>').ok_or_else(|| wrong("a tag has no end"))?;
        self.rest = behind;
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let attributes = attributes.trim();
        // S3's name space may stand there, and nothing else.
        let is_plain = attributes.is_empty()
            || (attributes.starts_with("xmlns=") && !attributes.contains(char::is_whitespace));
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_plain && is_name {
            Ok((name, is_empty))
        } else {
            Err(wrong("it has a tag that is not known here"))
        }
    }

    fn closes(&mut self, name: &str) -> Result<(), Unmapped> {
        let rest = self.rest.trim_start().strip_prefix("</").and_then(|rest| rest.strip_prefix(name));
        let rest = rest.and_then(|rest| rest.trim_start().strip_prefix('>'));
        self.rest = rest.ok_or_else(|| wrong("an element has no end"))?;
        Ok(())
    }
}

/// A text with its references as what they stand for.
fn unescaped(text: &str) -> Result<String, Unmapped> {
    // Readers make a line feed of it (XML 1.0, 2.11).
    if text.contains('\r') {
        return Err(wrong("it has a carriage return"));
    }
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, behind) = reference.split_once(';').ok_or_else(|| wrong("a reference has no end"))?;
        let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix('x') {
            // Numbers may have a sign where they are parsed, and none where they are written.
            Some(hex) if hex.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                u32::from_str_radix(hex, 16).ok()
            }
            None if number.bytes().all(|digit| digit.is_ascii_digit()) => number.parse().ok(),
            _ => None,
        });
        plain.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => number
                .and_then(char::from_u32)
                .filter(|it| *it != '\0')
                .ok_or_else(|| wrong("it has a reference to nothing"))?,
        });
        rest = behind;
    }
    plain.push_str(rest);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(body: &str) -> Result<Vec<(String, bool)>, Unmapped> {
        Ok(read(body.as_bytes())?.into_iter().map(|it| (it.key, it.of_version)).collect())
    }

    #[test]
    fn each_key_is_read_with_whether_it_is_a_version() {
        let body = "<?xml version=\"1.0\"?>\n<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                    <Object><Key>a&amp;&#x62;/ c</Key></Object>\n\
                    <Object><VersionId>1</VersionId><Key>d</Key></Object><Quiet>true</Quiet></Delete>";
        assert_eq!(keys(body), Ok(vec![("a&b/ c".to_owned(), false), ("d".to_owned(), true)]));
    }

    #[test]
    fn what_readers_may_differ_in_is_refused() {
        for body in [
            "<!DOCTYPE Delete [<!ENTITY k \"secret\">]><Delete><Object><Key>&k;</Key></Object></Delete>",
            "<Delete><Object><Key>&k;</Key></Object></Delete>",
            "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
            "<Delete><Object><Key>a<!-- x -->b</Key></Object></Delete>",
            "<Delete><Object><Key><![CDATA[a]]></Key></Object></Delete>",
            "<Delete><x:Object><x:Key>a</x:Key></x:Object></Delete>",
            "<Delete><Object><Key>a</Key></Object></Delete><Delete/>",
            "<Delete><Object></Object></Delete>",
            "<Delete><Object><Key>a</Key><VersionId></VersionId></Object></Delete>",
            "<Delete><Object><Key> a</Key></Object></Delete>",
            "<Delete><Object><Key>a\rb</Key></Object></Delete>",
            "<Delete><Object><Key>a/../b</Key></Object></Delete>",
            "<Delete><Object><Key>a//b</Key></Object></Delete>",
            "<Delete><Object><Key>a&#x+62;</Key></Object></Delete>",
            "<Delete xmlns=\"a\"\txmlns:b=\"c\"><Object><Key>a</Key></Object></Delete>",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Delete><Object><Key>a</Key></Object></Delete>",
            "<?xml version=\"1.0\" encoding='utf-7'?><Delete><Object><Key>a</Key></Object></Delete>",
            "<?xml version=\"1.1\"?><Delete><Object><Key>a</Key></Object></Delete>",
            "<Delete><Object><Key>a</Key></Object>",
            "",
        ] {
            assert!(keys(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_declaration_of_utf8_is_read_over() {
        for declared in
            ["version='1.0' encoding='utf-8'", "version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\""]
        {
            let body = format!("<?xml {declared}?><Delete><Object><Key>a</Key></Object></Delete>");
            assert_eq!(keys(&body), Ok(vec![("a".to_owned(), false)]), "{declared}");
        }
    }

    #[test]
    fn more_than_a_thousand_objects_are_refused() {
        let body = |count| format!("<Delete>{}</Delete>", "<Object><Key>a</Key></Object>".repeat(count));
        assert_eq!(keys(&body(1000)).unwrap().len(), 1000);
        assert!(keys(&body(1001)).is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics(body in "(<|>|/|&|;|#|Delete|Object|Key|a| ){0,40}") {
            let _ = read(body.as_bytes());
        }

        #[test]
        fn keys_read_back(written in proptest::collection::vec("[^\\p{C}\\p{Z}/.\\\\]{1,8}", 1..4)) {
            let escaped = |key: &String| key.replace('&', "&amp;").replace('<', "&lt;");
            let objects: String =
                written.iter().map(|key| format!("<Object><Key>{}</Key></Object>", escaped(key))).collect();
            let read = keys(&format!("<Delete>{objects}</Delete>")).unwrap();
            prop_assert_eq!(read.into_iter().map(|it| it.0).collect::<Vec<_>>(), written);
        }
    }
}
