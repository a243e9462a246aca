//! What people and programs read: tables, reports, JSON. Data goes to standard output; colours only
//! to terminals, and not where `NO_COLOR` is set.

pub mod bar;
pub mod flows;
pub mod hops;
mod json_list;
pub mod report;
pub mod table;
mod tone;

pub use json_list::JsonList;
pub use tone::{heading, tone};

use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;

use serde::Serialize;

use crate::exit::Failure;

/// Prints text that may be coloured. A reader that has gone (`hermetic hops | head`) is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    print_while_read(text).map(drop)
}

/// The same for what prints again and again: breaks where nobody reads any more.
pub fn print_while_read(text: &str) -> Result<ControlFlow<()>, Failure> {
    match written(text) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Failure::unable(format!("standard output can't be written: {error}"))),
    }
}

/// To look for colours to take away takes longer than to write, and most of what is long has none.
fn written(text: &str) -> io::Result<()> {
    let mut stdout: Box<dyn Write> = match text.contains('\u{1b}') {
        true => Box::new(anstream::stdout().lock()),
        false => Box::new(io::stdout().lock()),
    };
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// A count of things as a person says it: `1 finding`, `2 findings`.
pub fn several(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Prints a value as JSON, in which no colours stand: escape characters are escaped there.
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut stdout, value).map_err(io::Error::from);
    match written.and_then(|()| stdout.write_all(b"\n")).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::unable(format!("the result can't be written as JSON: {error}"))),
    }
}

/// The columns of the terminal that standard output is; `None` where it is none.
pub fn width() -> Option<usize> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let columns = rustix::termios::tcgetwinsize(&stdout).ok()?.ws_col;
    (columns > 0).then_some(columns.into())
}

/// Text without what a terminal would obey: a name may come from anybody's certificate.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
