//! XML, written safely.

use std::fmt::Write as _;

use super::lettering::Face;

/// Elements of a picture, in the order in which they are painted.
#[derive(Debug, Default)]
pub struct Markup {
    text: String,
}

/// Where text stands, seen from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// A box, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The left edge.
    pub x: i32,
    /// The upper edge.
    pub y: i32,
    /// The width.
    pub width: i32,
    /// The height.
    pub height: i32,
}

impl Markup {
    /// What was written.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Paints other elements over these.
    pub fn append(&mut self, above: Self) {
        self.text.push_str(&above.text);
    }

    /// Elements that belong together; `full` shows where a pointer rests on them.
    pub fn group(&mut self, full: &str, inside: impl FnOnce(&mut Self)) {
        let _ = writeln!(self.text, "<g><title>{}</title>", escaped(full));
        inside(self);
        self.text.push_str("</g>\n");
    }

    /// A box with round corners. `paint` is attributes, ours and not anybody's text.
    pub fn area(&mut self, area: Area, radius: i32, paint: &str) {
        let Area { x, y, width, height } = area;
        let _ = writeln!(
            self.text,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" {paint}/>"#
        );
    }

    /// A path. `shape` and `paint` are ours.
    pub fn path(&mut self, shape: &str, paint: &str) {
        let _ = writeln!(self.text, r#"<path d="{shape}" {paint}/>"#);
    }

    /// A path drawn elsewhere on the page.
    pub fn path_at(&mut self, (x, y): (i32, i32), shape: &str, paint: &str) {
        self.path(shape, &format!(r#"transform="translate({x} {y})" {paint}"#));
    }

    /// One line of text; `(x, y)` is on its baseline.
    pub fn line(&mut self, (x, y): (i32, i32), anchor: Anchor, face: Face, ink: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let weight = if face.bold { r#" font-weight="600""# } else { "" };
        let size = face.size;
        let _ = writeln!(
            self.text,
            r#"<text x="{x}" y="{y}" font-size="{size}"{weight}{anchor} fill="{ink}">{}</text>"#,
            escaped(text)
        );
    }
}

/// Text as XML and HTML have it. What XML 1.0 can't say at all, and what would turn the direction of
/// the text around it, becomes U+FFFD.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                escaped.push('\u{fffd}');
            }
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(escaped(r#"</text><script>"&'"#), "&lt;/text&gt;&lt;script&gt;&quot;&amp;&#39;");
        assert_eq!(escaped("a\0b\x1b[2J\u{202e}c"), "a\u{fffd}b\u{fffd}[2J\u{fffd}c");
    }

    proptest! {
        #[test]
        fn no_text_ends_an_element_or_an_attribute(text in any::<String>()) {
            let escaped = escaped(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'', '\0']));
        }
    }
}
