//! The reader: RFC 8259, no more.

use std::collections::HashSet;

use super::{Member, Node, Span, Value};
use crate::error::{Problem, ReadError};

/// No policy that AWS takes is deeper than six.
const DEEPEST: usize = 32;

/// Reads one JSON value, with nothing but space around it.
pub fn read(text: &str) -> Result<Node, ReadError> {
    let mut reader = Reader { text, at: 0 };
    // Windows' editors put one in front.
    reader.take("\u{FEFF}");
    let node = reader.value(0).map_err(|(at, problem)| ReadError::at(text, at, problem))?;
    reader.space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(ReadError::at(text, reader.at, Problem::Behind)),
    }
}

type Failed = (usize, Problem);

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.find(|next| !belongs(next)).and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.at += taken.len();
        taken
    }

    fn space(&mut self) {
        self.take_while(|next| matches!(next, ' ' | '\t' | '\r' | '\n'));
    }

    /// What stands here instead of what was expected.
    fn unexpected<T>(&self, expected: &'static str) -> Result<T, Failed> {
        Err((self.at, Problem::Syntax { expected, found: self.peek() }))
    }

    fn value(&mut self, depth: usize) -> Result<Node, Failed> {
        self.space();
        let start = self.at;
        if depth > DEEPEST {
            return Err((start, Problem::TooDeep(DEEPEST)));
        }
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Value::Text(self.text()?),
            Some('-' | '0'..='9') => Value::Number(self.number()?),
            _ if self.take("true") => Value::Bool(true),
            _ if self.take("false") => Value::Bool(false),
            _ if self.take("null") => Value::Null,
            _ => return self.unexpected("a value"),
        };
        Ok(Node { span: Span { start, end: self.at }, value })
    }

    fn object(&mut self, depth: usize) -> Result<Value, Failed> {
        let (mut members, mut keys) = (Vec::new(), HashSet::new());
        self.take("{");
        self.space();
        if self.take("}") {
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some('"') {
                return self.unexpected("a key in quotes");
            }
            let key = self.text()?;
            let key_span = Span { start, end: self.at };
            if !keys.insert(key.clone()) {
                return Err((start, Problem::Twice(key)));
            }
            self.space();
            if !self.take(":") {
                return self.unexpected("`:`");
            }
            let node = self.value(depth + 1)?;
            members.push(Member { key, key_span, node });
            self.space();
            if self.take("}") {
                return Ok(Value::Object(members));
            }
            if !self.take(",") {
                return self.unexpected("`,` or `}`");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Failed> {
        let mut nodes = Vec::new();
        self.take("[");
        self.space();
        if self.take("]") {
            return Ok(Value::List(nodes));
        }
        loop {
            nodes.push(self.value(depth + 1)?);
            self.space();
            if self.take("]") {
                return Ok(Value::List(nodes));
            }
            if !self.take(",") {
                return self.unexpected("`,` or `]`");
            }
        }
    }

    fn number(&mut self) -> Result<String, Failed> {
        let start = self.at;
        self.take("-");
        let whole = self.take_while(|next| next.is_ascii_digit());
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return Err((start, Problem::Number));
        }
        if self.take(".") && self.take_while(|next| next.is_ascii_digit()).is_empty() {
            return Err((start, Problem::Number));
        }
        if self.take("e") || self.take("E") {
            let _signed = self.take("+") || self.take("-");
            if self.take_while(|next| next.is_ascii_digit()).is_empty() {
                return Err((start, Problem::Number));
            }
        }
        Ok(self.text.get(start..self.at).unwrap_or_default().to_owned())
    }

    fn text(&mut self) -> Result<String, Failed> {
        let start = self.at;
        self.take("\"");
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|next| next != '"' && next != '\\' && next >= ' '));
            if self.take("\"") {
                return Ok(text);
            }
            match self.peek() {
                None => return Err((start, Problem::Unclosed)),
                Some('\\') => text.push(self.escaped()?),
                Some(_) => return Err((self.at, Problem::Control)),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Failed> {
        let start = self.at;
        self.take("\\");
        let Some(escape) = self.peek() else { return Err((start, Problem::Escape)) };
        self.at += escape.len_utf8();
        Ok(match escape {
            '"' | '\\' | '/' => escape,
            'b' => '\u{8}',
            'f' => '\u{C}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.code_point().ok_or((start, Problem::Escape)),
            _ => return Err((start, Problem::Escape)),
        })
    }

    fn code_point(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        let second = self.take("\\u").then(|| self.four_digits())??;
        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + low)
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits =
            self.rest().get(..4).filter(|four| four.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}
