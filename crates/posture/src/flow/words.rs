//! A text of which only part is known, in lines and words, so that what stands beside a name is told from what does not.

use super::connection::GAP;
use crate::subject::{Subject, text_of};
use crate::value::{Node, Reference, Unknown, Value};

/// A line of words.
#[derive(Default)]
pub struct Line<'g> {
    /// The words in order.
    pub words: Vec<Word<'g>>,
}

/// A word, with a [`GAP`] for each piece that is not known.
#[derive(Default)]
pub struct Word<'g> {
    /// The text.
    pub text: String,
    /// The references among its pieces.
    pub ends: Vec<&'g Value>,
    /// The secrets and parameters among them in which something is looked up.
    pub stores: Vec<&'g Reference>,
    /// Whether some of it is Base64, which says nothing before somebody decodes it.
    pub encoded: bool,
}

impl<'g> Line<'g> {
    /// The words with spaces between.
    pub fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// How many references and stores it has.
    pub fn names(&self) -> usize {
        self.words.iter().map(|word| word.ends.len() + word.stores.len()).sum()
    }

    /// All references in it.
    pub fn ends(&self) -> impl Iterator<Item = &'g Value> {
        self.words.iter().flat_map(|word| word.ends.iter().copied())
    }
}

/// A text in one, with a [`GAP`] for each piece that is not known.
pub fn text<'g>(subject: &Subject<'g>, value: &'g Value) -> String {
    lines(subject, value).iter().map(Line::text).collect::<Vec<_>>().join(" ")
}

/// The lines of a text.
pub fn lines<'g>(subject: &Subject<'g>, value: &'g Value) -> Vec<Line<'g>> {
    let mut writer = Writer { lines: Vec::new(), line: Line::default(), word: Word::default() };
    writer.write(subject, value);
    writer.end_line();
    writer.lines
}

struct Writer<'g> {
    lines: Vec<Line<'g>>,
    line: Line<'g>,
    word: Word<'g>,
}

impl<'g> Writer<'g> {
    fn write(&mut self, subject: &Subject<'g>, value: &'g Value) {
        let value = subject.resolve(value);
        match &value.node {
            Node::Pieces(pieces) => pieces.iter().for_each(|piece| self.write(subject, piece)),
            Node::Reference(_) => {
                self.word.text.push(GAP);
                self.word.ends.push(value);
            }
            Node::Base64(value) => {
                self.word.text.push(GAP);
                self.word.encoded = true;
                self.word.ends.extend(lines(subject, value).iter().flat_map(Line::ends));
            }
            Node::Unknown(why) => {
                self.word.text.push(GAP);
                if let Unknown::LookedUpIn { store, .. } = &**why {
                    self.word.stores.push(store);
                }
            }
            _ => match text_of(value) {
                Ok(text) => text.chars().for_each(|c| self.character(c)),
                Err(_) => self.word.text.push(GAP),
            },
        }
    }

    fn character(&mut self, c: char) {
        match c {
            '\n' => self.end_line(),
            c if c.is_whitespace() => self.end_word(),
            c => self.word.text.push(c),
        }
    }

    fn end_word(&mut self) {
        if !self.word.text.is_empty() {
            self.line.words.push(std::mem::take(&mut self.word));
        }
    }

    fn end_line(&mut self) {
        self.end_word();
        if !self.line.words.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }
}
