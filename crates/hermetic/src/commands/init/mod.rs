//! `hermetic init`: from an address or two to a first configuration, that looks and touches nothing.

mod address;
mod draft;

use std::fs::OpenOptions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use hermetic_hop::ExternalEndpoint;

use crate::arguments::Init;
use crate::exit::{Exit, Failure};
use crate::output;
use address::{Address, AddressError};
use draft::Draft;

const EXAMPLE: &str = "hermetic init https://shop.example.com postgres://db.internal:5432";

/// Writes it, and says what comes next.
pub fn run(arguments: &Init) -> Result<Exit, Failure> {
    let file = &arguments.config;
    // Before anybody is asked anything.
    if file.exists() {
        return Err(taken(file));
    }
    let endpoints = endpoints(&arguments.endpoints)?;
    let draft = Draft::of(&endpoints);
    write(file, &draft.to_string())?;
    let next = match file == Path::new("hermetic.toml") {
        true => "hermetic check --probe".to_owned(),
        false => format!("hermetic check {} --probe", file.display()),
    };
    output::print(&format!("wrote  {}\n{}next   {next}\n", file.display(), draft.flows()))?;
    Ok(Exit::Fine)
}

/// As typed behind `init`, else as asked for.
fn endpoints(typed: &[String]) -> Result<Vec<ExternalEndpoint>, Failure> {
    if !typed.is_empty() {
        let read: Result<Vec<Address>, AddressError> = typed.iter().map(|text| text.parse()).collect();
        return read.map(distinct).map_err(|error| Failure::wrong(error.to_string()).remedy(error.remedy()));
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::wrong("no address is named, and there is no terminal to ask at")
            .remedy(format!("name an address or two: {EXAMPLE}")));
    }
    let asked = ask(stdin.lock(), anstream::stderr().lock())
        .map_err(|error| Failure::unable(format!("the terminal can't be read: {error}")))?;
    if asked.is_empty() {
        return Err(
            Failure::wrong("no address is named").remedy(format!("name an address or two: {EXAMPLE}"))
        );
    }
    Ok(distinct(asked))
}

/// Asks for an address a line, until an empty one. What is no address is told and asked for again.
fn ask(answers: impl BufRead, mut questions: impl Write) -> io::Result<Vec<Address>> {
    writeln!(questions, "Where does your data go? One address a line, in the order of the data, such as")?;
    writeln!(questions, "  https://shop.example.com")?;
    writeln!(questions, "  postgres://db.internal:5432")?;
    writeln!(questions, "An empty line ends.")?;
    write!(questions, "> ")?;
    questions.flush()?;
    let mut addresses = Vec::new();
    for answer in answers.lines() {
        let answer = answer?;
        if answer.trim().is_empty() {
            return Ok(addresses);
        }
        match answer.parse::<Address>() {
            Ok(address) => addresses.push(address),
            Err(error) => writeln!(questions, "  {error}; {}", error.remedy())?,
        }
        write!(questions, "> ")?;
        questions.flush()?;
    }
    // Ctrl-D leaves the cursor behind the question.
    writeln!(questions)?;
    Ok(addresses)
}

/// Each once, in the order in which they were named.
fn distinct(addresses: Vec<Address>) -> Vec<ExternalEndpoint> {
    let mut endpoints = Vec::new();
    for Address(endpoint) in addresses {
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    }
    endpoints
}

/// Never over a file that came meanwhile.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let written = OpenOptions::new().write(true).create_new(true).open(file);
    match written.and_then(|mut open| open.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken(file)),
        Err(error) => Err(Failure::unable(format!("the configuration can't be written: {error}"))
            .at(file.display().to_string())),
    }
}

fn taken(file: &Path) -> Failure {
    Failure::wrong("a configuration is there already, and is not overwritten")
        .at(file.display().to_string())
        .remedy("add a [[hop]] to it, or name another file with --config")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(answers: &str) -> (Vec<ExternalEndpoint>, String) {
        let mut questions = Vec::new();
        let addresses = ask(answers.as_bytes(), &mut questions).unwrap();
        (distinct(addresses), String::from_utf8(questions).unwrap())
    }

    #[test]
    fn an_empty_line_ends_the_questions() {
        let (endpoints, questions) = asked("https://shop.example.com\nredis://cache\n\nsmtp://never\n");
        assert_eq!(endpoints.len(), 2);
        assert_eq!(questions.matches("> ").count(), 3);
    }

    #[test]
    fn what_is_no_address_is_asked_for_again() {
        let (endpoints, questions) = asked("gopher://files\nhttps://shop.example.com\n");
        assert_eq!(endpoints.len(), 1);
        assert!(questions.contains("`gopher://files` is not an address; write"), "{questions}");
    }

    #[test]
    fn an_address_counts_once() {
        assert_eq!(asked("https://Shop\nshop:443\nhttps://shop/\n").0.len(), 1);
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hermetic.toml");
        std::fs::write(&file, "mine").unwrap();
        assert!(write(&file, "yours").is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    }
}
