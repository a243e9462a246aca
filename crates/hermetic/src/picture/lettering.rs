//! How wide text will be, guessed without its font, and text cut or broken to fit.
//!
//! The picture names system fonts, so nobody knows which one it will be drawn in. The widths are
//! Helvetica's, widened to what the widest common one (DejaVu Sans) needs.

/// A size, in pixels, and a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Face {
    /// The size of the em square.
    pub size: i32,
    /// Whether it is semibold.
    pub bold: bool,
}

/// The mark of text that was cut.
const ELLIPSIS: char = '…';

impl Face {
    /// A regular face.
    pub const fn regular(size: i32) -> Self {
        Self { size, bold: false }
    }

    /// A semibold face.
    pub const fn bold(size: i32) -> Self {
        Self { size, bold: true }
    }

    /// The width of text, in pixels, rather too much than too little.
    pub fn width(self, text: &str) -> i32 {
        let ems: i64 = text.chars().map(|c| i64::from(thousandths(c))).sum();
        let widened = ems * i64::from(self.size) * if self.bold { 124 } else { 114 };
        i32::try_from(widened.div_euclid(100_000) + 1).unwrap_or(i32::MAX)
    }

    /// The text, or as much of its beginning as has room, with an ellipsis.
    pub fn cut(self, text: &str, room: i32) -> String {
        if self.width(text) <= room {
            return text.to_owned();
        }
        let mut cut = String::new();
        for c in text.chars() {
            if self.width(&format!("{cut}{c}{ELLIPSIS}")) > room {
                break;
            }
            cut.push(c);
        }
        format!("{}{ELLIPSIS}", cut.trim_end())
    }

    /// The text in at most so many lines of about the same length, broken between words; what is left
    /// over is cut.
    pub fn wrap(self, text: &str, room: i32, most: usize) -> Vec<String> {
        let loose = self.broken(text, room);
        let even = |room: &i32| {
            let lines = self.broken(text, *room);
            lines.len() == loose.len() && lines.iter().all(|line| self.width(line) <= *room)
        };
        let tight = (room / 2..room).find(even).unwrap_or(room);
        let mut lines = if loose.len() > most { loose } else { self.broken(text, tight) };
        if lines.len() > most {
            let rest = lines.split_off(most.saturating_sub(1)).join(" ");
            lines.push(rest);
        }
        lines.into_iter().map(|line| self.cut(&line, room)).collect()
    }

    /// A name in at most so many lines, broken where its words meet; what is left over is cut.
    pub fn folded(self, name: &str, room: i32, most: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        for piece in words(name) {
            let full = lines.len() >= most;
            match lines.last_mut() {
                Some(line) if full || line.is_empty() || self.width(&format!("{line}{piece}")) <= room => {
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
        lines.into_iter().map(|line| self.cut(line.trim_end(), room)).collect()
    }

    /// As many words in each line as have room; one that has none stands alone, in as many lines as it needs.
    fn broken(self, text: &str, room: i32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}")) <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ if self.width(word) <= room => lines.push(word.to_owned()),
                _ => lines.extend(self.folded(word, room, usize::MAX)),
            }
        }
        lines
    }
}

/// The words of a name, each with the sign behind it: of `aws_lb` and of `ApplicationLoadBalancer`, too.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = None;
    for c in name.chars() {
        let parts = before.is_some_and(|before: char| {
            matches!(before, '.' | '-' | '_' | '/' | ':' | ' ')
                || (!before.is_uppercase() && c.is_uppercase())
        });
        if parts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
        before = Some(c);
    }
    words
}

/// Helvetica's advance widths, in thousandths of an em, in classes of about the same width.
fn thousandths(c: char) -> i32 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 225,
        ' ' | '!' | ',' | '.' | '/' | ':' | ';' | 'I' | 'f' | 't' | '[' | ']' | '\\' => 280,
        '(' | ')' | '-' | 'r' | '`' | '"' | '*' | '{' | '}' => 345,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 500,
        '0'..='9' | 'a'..='z' if c != 'm' && c != 'w' => 556,
        '_' | '$' | '#' | '?' | 'L' => 556,
        'F' | 'T' | 'Z' => 600,
        '=' | '+' | '<' | '>' | '~' | '^' => 740,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 667,
        'C' | 'D' | 'H' | 'N' | 'R' | 'U' | 'w' => 722,
        'G' | 'O' | 'Q' => 778,
        'M' | 'm' => 833,
        'W' | '%' => 944,
        _ => 1000,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FACE: Face = Face::regular(13);

    #[test]
    fn words_stay_whole_where_they_can() {
        let reason = "the certificate of app expired 2 days ago; requests are refused";
        assert_eq!(
            FACE.wrap(reason, 150, 3),
            ["the certificate of app", "expired 2 days ago;", "requests are refused"]
        );
        assert_eq!(FACE.wrap(reason, 150, 2), ["the certificate of app", "expired 2 days ago;…"]);
    }

    #[test]
    fn no_word_is_left_alone_in_a_last_line() {
        assert_eq!(
            FACE.wrap("cleartext that can leave the host", 170, 3),
            ["cleartext that can", "leave the host"]
        );
    }

    #[test]
    fn wide_letters_need_more_room_than_narrow_ones() {
        assert!(FACE.width("WWW") > 2 * FACE.width("iii"));
        assert!(Face::bold(13).width("edge") > FACE.width("edge"));
    }

    #[test]
    fn a_long_name_is_broken_behind_its_signs_and_keeps_every_letter() {
        for name in ["module.shop.aws_lb_listener.front", "ApplicationLoadBalancerListener"] {
            let lines = FACE.folded(name, 150, 3);
            assert_eq!((lines.len(), lines.concat().as_str()), (2, name), "{lines:?}");
        }
        assert_eq!(FACE.folded("edge", 150, 2), ["edge"]);
    }

    #[test]
    fn a_word_that_has_no_room_in_a_line_goes_on_in_the_next() {
        let lines = FACE.wrap("it is at https://templates.s3.amazonaws.com/nested.yaml", 150, 9);
        assert!(lines.len() > 2 && !lines.concat().contains(ELLIPSIS), "{lines:?}");
    }

    proptest! {
        #[test]
        fn what_was_folded_fits(text in ".{0,80}", room in 20..400_i32, most in 1..4_usize) {
            let lines = FACE.folded(&text, room, most);
            prop_assert!(lines.len() <= most);
            prop_assert!(lines.iter().all(|line| FACE.width(line) <= room));
        }

        #[test]
        fn what_was_cut_or_wrapped_fits(text in ".{0,80}", room in 20..400_i32, most in 1..4_usize) {
            prop_assert!(FACE.width(&FACE.cut(&text, room)) <= room);
            let lines = FACE.wrap(&text, room, most);
            prop_assert!(lines.len() <= most);
            prop_assert!(lines.iter().all(|line| FACE.width(line) <= room));
        }

        #[test]
        fn what_fits_is_left_as_it_is(text in "[ -~]{0,20}") {
            prop_assert_eq!(FACE.cut(&text, 400), text);
        }
    }
}
