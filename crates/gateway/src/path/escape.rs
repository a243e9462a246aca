//! Text from anybody, made harmless in a page.

/// The text as HTML content or a quoted attribute. Characters that don't show, or that turn the
/// text around them about (Trojan Source, CVE-2021-42574), are replaced.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            hidden if hidden.is_control() || turns_text_about(hidden) => escaped.push('\u{fffd}'),
            plain => escaped.push(plain),
        }
    }
    escaped
}

fn turns_text_about(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::escape;

    #[test]
    fn what_means_something_in_html_is_spelt_out() {
        assert_eq!(escape(r#"<a href="x">&'"#), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(escape("a\u{202e}b\x1b[2J\n"), "a\u{fffd}b\u{fffd}[2J\u{fffd}");
    }

    proptest! {
        #[test]
        fn no_text_opens_a_tag_or_leaves_an_attribute(text: String) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        }
    }
}
