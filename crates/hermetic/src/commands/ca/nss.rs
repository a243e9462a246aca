//! One certificate database of NSS, the library in which browsers on Linux look up whom to believe.

use std::fmt;
use std::fs::DirBuilder;
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::root::Root;
use super::trust::Outcome;
use crate::exit::Failure;

/// The file that makes a folder a database.
pub const FILE: &str = "cert9.db";

/// All files of a database.
const FILES: [&str; 3] = [FILE, "key4.db", "pkcs11.txt"];

/// Lies in a database that `trust` made, so that `untrust` knows; tells the folders made for it.
const MADE: &str = "made-by-hermetic-ca-trust";

/// Believed as an authority for TLS servers, and for nothing else.
const TRUST: &str = "C,,";

/// A database in its folder.
#[derive(Debug)]
pub struct Database {
    folder: PathBuf,
    reader: &'static str,
    on_demand: bool,
}

/// A certificate as a database lists it.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    nickname: String,
    trust: String,
}

impl Database {
    /// A database that is there; `reader` tells for whom.
    pub fn there(folder: PathBuf, reader: &'static str) -> Self {
        Self { folder, reader, on_demand: false }
    }

    /// A database that is made where it is not there.
    pub fn made_on_demand(folder: PathBuf, reader: &'static str) -> Self {
        Self { on_demand: true, ..Self::there(folder, reader) }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds the root.
    pub fn trust(&self, root: &Root, dry_run: bool) -> Result<Outcome, Failure> {
        let before = self.entries()?;
        let own = self.own(&before, root)?;
        if own.is_some_and(|entry| entry.trust == TRUST) {
            return Ok(Outcome::AsItWas);
        }
        if dry_run {
            return Ok(Outcome::Changed);
        }
        self.add(root, &before, own.is_some()).inspect_err(|_| {
            let _ = self.unmake();
        })
    }

    /// Removes the root, and the database too if it was made for it and nothing else is in it.
    pub fn untrust(&self, root: &Root, dry_run: bool) -> Result<Outcome, Failure> {
        let entries = self.entries()?;
        let is_there = self.own(&entries, root)?.is_some();
        if is_there && !dry_run {
            let removed = self.certutil(&["-D", "-n", &root.nickname()], "")?;
            if !removed.status.success() {
                return Err(self.refused(&removed));
            }
        }
        if !dry_run {
            self.unmake()?;
        }
        Ok(if is_there { Outcome::Changed } else { Outcome::AsItWas })
    }

    fn add(&self, root: &Root, before: &[Entry], is_there: bool) -> Result<Outcome, Failure> {
        if self.on_demand && !self.exists() {
            self.make()?;
        }
        let nickname = root.nickname();
        let added = self.certutil(&["-A", "-n", &nickname, "-t", TRUST], root.pem())?;
        if added.status.success() {
            return self.settled(before, &nickname);
        }
        // With a password on it, the certificate is in and its trust is not: nothing half done stays.
        if !is_there && self.entries()?.iter().any(|entry| entry.nickname == nickname) {
            self.certutil(&["-D", "-n", &nickname], "")?;
        }
        Err(self.refused(&added))
    }

    /// A certificate that a database knows already keeps its name, and only its trust changes. Then it
    /// is somebody else's, and gets back the trust that it had.
    fn settled(&self, before: &[Entry], nickname: &str) -> Result<Outcome, Failure> {
        let after = self.entries()?;
        if after.iter().any(|entry| entry.nickname == nickname) {
            return Ok(Outcome::Changed);
        }
        let Some(was) = before.iter().find(|was| !after.contains(was)) else {
            return Ok(Outcome::Others);
        };
        self.certutil(&["-M", "-n", &was.nickname, "-t", &was.trust], "")?;
        Err(self
            .failure(&format!("this root is there as `{}`, and not believed", was.nickname))
            .remedy("remove it in the browser's settings, and try again"))
    }

    /// The entry under our name, if it is this root.
    fn own<'a>(&self, entries: &'a [Entry], root: &Root) -> Result<Option<&'a Entry>, Failure> {
        let nickname = root.nickname();
        let Some(entry) = entries.iter().find(|entry| entry.nickname == nickname) else {
            return Ok(None);
        };
        let shown = self.certutil(&["-L", "-n", &nickname, "-a"], "")?;
        if root.is_in(&String::from_utf8_lossy(&shown.stdout)) {
            Ok(Some(entry))
        } else {
            Err(self.failure(&format!("`{nickname}` is another certificate there, and was left alone")))
        }
    }

    fn entries(&self) -> Result<Vec<Entry>, Failure> {
        if !self.exists() {
            return program_is_there().map(|()| Vec::new());
        }
        let listed = self.certutil(&["-L"], "")?;
        if listed.status.success() {
            Ok(entries_of(&String::from_utf8_lossy(&listed.stdout)))
        } else {
            Err(self.refused(&listed))
        }
    }

    fn exists(&self) -> bool {
        self.folder.join(FILE).exists()
    }

    /// Makes an empty database without a password, as browsers do.
    fn make(&self) -> Result<(), Failure> {
        let wanted = self.folder.ancestors().take_while(|folder| !folder.exists());
        let folders: Vec<_> = wanted.map(|folder| folder.display().to_string()).collect();
        let unmade = |error: io::Error| self.failure(&format!("it can't be made: {error}"));
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700).create(&self.folder).map_err(unmade)?;
        std::fs::write(self.folder.join(MADE), folders.join("\n")).map_err(unmade)?;
        let made = self.certutil(&["-N", "--empty-password"], "")?;
        if made.status.success() { Ok(()) } else { Err(self.refused(&made)) }
    }

    /// Takes away a database that [`Self::make`] made, unless somebody has put something into it.
    fn unmake(&self) -> Result<(), Failure> {
        let Ok(folders) = std::fs::read_to_string(self.folder.join(MADE)) else { return Ok(()) };
        if self.exists() {
            let keys = self.certutil(&["-K"], "")?;
            let no_keys = String::from_utf8_lossy(&keys.stdout).contains("no keys found");
            if !no_keys || !self.entries()?.is_empty() {
                return Ok(());
            }
        }
        for file in FILES.into_iter().chain([MADE]) {
            match std::fs::remove_file(self.folder.join(file)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(self.failure(&format!("{file} can't be removed: {error}")));
                }
                _ => {}
            }
        }
        // Innermost first; one with something in it stays, as it should.
        folders.lines().take_while(|folder| std::fs::remove_dir(folder).is_ok()).for_each(drop);
        Ok(())
    }

    /// Runs certutil on this database, which reads this. It asks nobody: an empty file stands for the password.
    fn certutil(&self, arguments: &[&str], input: &str) -> Result<Output, Failure> {
        let mut database = std::ffi::OsString::from("sql:");
        database.push(&self.folder);
        let mut command = Command::new("certutil");
        command.args(arguments).arg("-d").arg(database).args(["-f", "/dev/null"]);
        command.env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().map_err(|error| no_program(&error))?;
        if let Some(mut stdin) = running.stdin.take() {
            // One that ends before it has read all says why.
            let _ = stdin.write_all(input.as_bytes());
        }
        running.wait_with_output().map_err(|error| no_program(&error))
    }

    fn refused(&self, output: &Output) -> Failure {
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("SEC_ERROR_BAD_PASSWORD") {
            return self
                .failure("a primary password protects this database, so certutil may not change its trust")
                .remedy("import the file that `hermetic ca root --path` names in the browser's settings");
        }
        self.failure(said.lines().next().unwrap_or("certutil failed and said nothing"))
    }

    fn failure(&self, what: &str) -> Failure {
        Failure::unable(what).at(self.folder.display().to_string())
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.folder.display(), self.reader)
    }
}

/// What `certutil -L` lists: nicknames, and behind each its trust for TLS, mail and code.
fn entries_of(listed: &str) -> Vec<Entry> {
    let entry = |line: &str| {
        let (nickname, trust) = line.trim_end().rsplit_once(char::is_whitespace)?;
        let nickname = nickname.trim_end();
        let is_entry = !nickname.trim().is_empty() && trust.matches(',').count() == 2;
        is_entry.then(|| Entry { nickname: nickname.to_owned(), trust: trust.to_owned() })
    };
    listed.lines().filter_map(entry).collect()
}

fn program_is_there() -> Result<(), Failure> {
    let asked = Command::new("certutil").arg("-H").stdin(Stdio::null()).output();
    asked.map(drop).map_err(|error| no_program(&error))
}

fn no_program(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        Failure::unable("certutil, which writes the store of browsers, is not installed")
            .remedy("install it: apt install libnss3-tools, dnf install nss-tools, or pacman -S nss")
    } else {
        Failure::unable(format!("certutil can't be run: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_without_its_heading() {
        let listed = "\nCertificate Nickname                                         Trust Attributes\n\
                      \x20                                                            SSL,S/MIME,JAR/XPI\n\n\
                      Hermetic root 12345678                                       C,,  \n\
                      R3 - Let's Encrypt                                           ,,   \n";
        let entry = |nickname: &str, trust: &str| Entry { nickname: nickname.into(), trust: trust.into() };
        assert_eq!(
            entries_of(listed),
            [entry("Hermetic root 12345678", "C,,"), entry("R3 - Let's Encrypt", ",,")]
        );
    }
}
