//! How a command ends: exit codes, and failures told as what, where and what to do.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use hermetic_authority::AuthorityError;
use hermetic_config::{ConfigurationError, Problem};
use hermetic_gateway::GatewayError;
use hermetic_store::StoreError;
use hermetic_tls::policy::PolicyNameError;
use serde::{Deserialize, Serialize};

use crate::output::plain;
use crate::up::{PlanError, ReloadError, UpError, UpgradeError};

/// The exit status of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// Done, and fine.
    Fine = 0,
    /// Done, and something falls short.
    Findings = 1,
    /// Wrong usage or input.
    Wrong = 2,
    /// It could not be done, or could not be told.
    Unable = 3,
}

/// Why a command did not do what it was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    exit: Exit,
    complaints: Vec<Complaint>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Complaint {
    what: String,
    place: Option<Place>,
    remedy: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    /// A file, a folder, an address.
    Somewhere(String),
    /// A place in a text.
    InText { path: PathBuf, line: usize, column: usize, excerpt: Option<String> },
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// Findings where something falls short.
    pub fn of(falls_short: bool) -> Self {
        if falls_short { Self::Findings } else { Self::Fine }
    }
}

impl Failure {
    /// What was asked makes no sense, or what was given is wrong.
    pub fn wrong(what: impl Into<String>) -> Self {
        Self::new(Exit::Wrong, what.into())
    }

    /// What was asked was done as far as it goes, and something falls short.
    pub fn falls_short(what: impl Into<String>) -> Self {
        Self::new(Exit::Findings, what.into())
    }

    /// What was asked could not be done or told.
    pub fn unable(what: impl Into<String>) -> Self {
        Self::new(Exit::Unable, what.into())
    }

    fn new(exit: Exit, what: String) -> Self {
        Self { exit, complaints: vec![Complaint { what, place: None, remedy: None }] }
    }

    /// The same, with the file, folder or address that it is about.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        let place = place.into();
        self.complaints
            .iter_mut()
            .for_each(|complaint| complaint.place = Some(Place::Somewhere(place.clone())));
        self
    }

    /// The same, with what to do.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        let remedy = remedy.into();
        self.complaints.iter_mut().for_each(|complaint| complaint.remedy = Some(remedy.clone()));
        self
    }

    /// The same, with its place in a text: line and column, counted from one.
    pub fn in_text(mut self, path: &Path, (line, column): (usize, usize), text: &str) -> Self {
        let excerpt = text.lines().nth(line.saturating_sub(1)).filter(|excerpt| excerpt.len() <= 200);
        let excerpt = excerpt.map(|line| line.replace('\t', " "));
        let place = Place::InText { path: path.to_owned(), line, column, excerpt };
        self.complaints.iter_mut().for_each(|complaint| complaint.place = Some(place.clone()));
        self
    }

    /// Both failures, told one after the other; the first one says how the command ends.
    pub fn and(mut self, other: Self) -> Self {
        self.complaints.extend(other.complaints);
        self
    }

    /// Tells it on standard error; gives the exit status.
    pub fn tell(&self) -> Exit {
        anstream::eprint!("{}", self.text());
        self.exit
    }

    /// How the command ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What is wrong, on one line.
    pub fn summary(&self) -> String {
        self.complaints.iter().map(|complaint| complaint.what.as_str()).collect::<Vec<_>>().join("; ")
    }

    fn text(&self) -> String {
        self.complaints.iter().map(Complaint::text).collect::<Vec<_>>().join("\n")
    }
}

impl Complaint {
    fn text(&self) -> String {
        let error = AnsiColor::Red.on_default().bold();
        let mut text = format!("{error}error{error:#}: {}\n", plain(&self.what));
        match &self.place {
            Some(Place::Somewhere(place)) => line(&mut text, "at", &plain(place)),
            Some(Place::InText { path, line: row, column, excerpt }) => {
                line(&mut text, "at", &format!("{}:{row}:{column}", path.display()));
                if let Some(excerpt) = excerpt {
                    let margin = row.to_string();
                    let caret = " ".repeat(column.saturating_sub(1));
                    let _ = writeln!(text, "  {margin} | {}", plain(excerpt));
                    let _ =
                        writeln!(text, "  {:width$} | {caret}{error}^{error:#}", "", width = margin.len());
                }
            }
            None => {}
        }
        if let Some(remedy) = &self.remedy {
            line(&mut text, "do", &plain(remedy));
        }
        text
    }
}

fn line(text: &mut String, label: &str, value: &str) {
    let dimmed = Style::new().dimmed();
    let _ = writeln!(text, "  {dimmed}{label}:{dimmed:#} {value}");
}

impl From<ConfigurationError> for Failure {
    fn from(error: ConfigurationError) -> Self {
        match error {
            ConfigurationError::Invalid { path, problems } => {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let complaints = problems.into_iter().map(|problem| Complaint::of(problem, &path, &text));
                Self { exit: Exit::Wrong, complaints: complaints.collect() }
            }
            ConfigurationError::Read { path, source } => {
                let missing = source.kind() == io::ErrorKind::NotFound;
                let failure = Self::wrong(format!("the configuration can't be read: {source}"))
                    .at(path.display().to_string());
                if missing {
                    failure.remedy(
                        "name another file, or write this one; `hermetic config reference` tells all keys",
                    )
                } else {
                    failure
                }
            }
            other => Self::wrong(other.to_string()),
        }
    }
}

impl Complaint {
    /// A problem of a configuration, with its line as the file has it.
    fn of(problem: Problem, path: &Path, text: &str) -> Self {
        let Problem { line, column, message, hint } = problem;
        let excerpt = text.lines().nth(line.saturating_sub(1));
        let excerpt = excerpt.map(|line| without_secrets(&line.replace('\t', " ")));
        let place = Place::InText { path: path.to_owned(), line, column, excerpt };
        Self { what: message, place: Some(place), remedy: hint }
    }
}

/// The line with what stands between `://` and `@` of a URL made unreadable, at its length: it may be a
/// password, and what is told may end in a log.
fn without_secrets(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("://") {
        let url = behind.split(['"', '\'']).next().unwrap_or(behind);
        let secret = url.rfind('@').and_then(|end| url.get(..end)).unwrap_or_default();
        text.push_str(before);
        text.push_str("://");
        text.extend(secret.chars().map(|_| '*'));
        rest = behind.get(secret.len()..).unwrap_or_default();
    }
    text + rest
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Open { path, reason } => {
                Self::unable(format!("the store can't be opened: {reason}")).at(path.display().to_string())
            }
            StoreError::Ambiguous(_) | StoreError::Missing(_) => {
                Self::wrong(error.to_string()).remedy("`hermetic cert list` shows all serial numbers")
            }
            StoreError::AuthorityExists { ref name, .. } => {
                let remedy = format!(
                    "choose another name; `hermetic ca show {name}` shows the one that there is, and `hermetic ca \
                     rotate {name}` makes its next generation"
                );
                Self::wrong(error.to_string()).remedy(remedy)
            }
            StoreError::State { .. } => {
                Self::wrong(error.to_string()).remedy("`hermetic ca list` shows how it stands now")
            }
            StoreError::Taken(_)
            | StoreError::StoreThere(_)
            | StoreError::NotEmpty(_)
            | StoreError::CertificateExists(_)
            | StoreError::AlreadyRevoked { .. }
            | StoreError::Backup { .. } => Self::wrong(error.to_string()),
            other => Self::unable(other.to_string()),
        }
    }
}

impl From<AuthorityError> for Failure {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Store(error) => error.into(),
            other if other.is_wrong_request() => Self::wrong(other.to_string()),
            other => Self::unable(other.to_string()),
        }
    }
}

impl From<PolicyNameError> for Failure {
    fn from(error: PolicyNameError) -> Self {
        Self::wrong(error.to_string())
    }
}

impl From<UpError> for Failure {
    fn from(error: UpError) -> Self {
        match error {
            UpError::Plan(PlanError::Configuration(error)) => error.into(),
            UpError::Plan(error) => Self::wrong(error.to_string()),
            UpError::Store(error) => error.into(),
            UpError::Authority(error) => error.into(),
            UpError::Activation(error) => Self::wrong(error.to_string()),
            UpError::Gateway(error @ GatewayError::NotStored { .. }) => Self::wrong(error.to_string()),
            other => Self::unable(other.to_string()),
        }
    }
}

impl From<ReloadError> for Failure {
    fn from(error: ReloadError) -> Self {
        match error {
            ReloadError::Configuration(error) => error.into(),
            ReloadError::Unable(error) => error.into(),
            ReloadError::Over(_) => Self::unable(error.to_string()),
            ReloadError::NoFile(_) | ReloadError::Fixed { .. } => Self::wrong(error.to_string()),
        }
    }
}

impl From<UpgradeError> for Failure {
    fn from(error: UpgradeError) -> Self {
        match error {
            UpgradeError::Refused(failure) => failure,
            UpgradeError::Tour => Self::wrong(error.to_string()),
            other => Self::unable(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(failure: &Failure) -> String {
        anstream::adapter::strip_str(&failure.text()).to_string()
    }

    #[test]
    fn every_problem_of_a_configuration_is_shown_with_its_line_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hermetic.toml");
        std::fs::write(&path, "data = \"x\"\n[[lisstener]]\nport\t= 1\n").unwrap();
        let problem = |line, column, message: &str, hint: Option<&str>| Problem {
            line,
            column,
            message: message.to_owned(),
            hint: hint.map(str::to_owned),
        };
        let problems = vec![
            problem(2, 3, "there is no table `lisstener`", Some("did you mean `listener`?")),
            problem(3, 1, "there is no key `port`", None),
        ];
        let failure = Failure::from(ConfigurationError::Invalid { path, problems });
        assert_eq!(failure.exit, Exit::Wrong);
        let text = shown(&failure).replace(&folder.path().display().to_string(), "…");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_password_in_a_url_is_not_repeated_with_its_line() {
        let line = "to = \"http://a/@b\" # \"postgres://me:p@ss@db/x\", \"smtp://mail\", redis://:pw@cache";
        let shown = "to = \"http://**@b\" # \"postgres://*******@db/x\", \"smtp://mail\", redis://***@cache";
        assert_eq!(without_secrets(line), shown);
        assert_eq!(without_secrets("name = \"edge\" # me@example.com"), "name = \"edge\" # me@example.com");
    }

    #[test]
    fn a_failure_says_what_where_and_what_to_do() {
        let failure = Failure::unable("no instance is running").at(".hermetic").remedy("start one");
        insta::assert_snapshot!(shown(&failure), @r"
        error: no instance is running
          at: .hermetic
          do: start one
        ");
    }

    #[test]
    fn what_somebody_made_up_can_not_move_the_cursor() {
        let failure = Failure::wrong("bad \x1b[2J\x07 name");
        assert!(!failure.text().contains("\x1b[2J"));
    }
}
