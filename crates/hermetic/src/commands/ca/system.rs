//! The certificates that the whole machine believes.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::root::Root;
use super::trust::Outcome;
use crate::exit::Failure;

/// How a system lets an administrator add a certificate; paths are seen from its root folder.
struct Way {
    /// Where the certificate's file goes.
    folder: &'static str,
    /// The program that gathers what lies there.
    gather: &'static str,
    /// Where that program puts links to each file, if it does.
    links: Option<&'static str>,
}

/// Debian's way, and Fedora's.
const WAYS: [Way; 2] = [
    Way {
        folder: "usr/local/share/ca-certificates",
        gather: "usr/sbin/update-ca-certificates",
        links: Some("etc/ssl/certs"),
    },
    Way { folder: "etc/pki/ca-trust/source/anchors", gather: "usr/bin/update-ca-trust", links: None },
];

/// The store of one system.
#[derive(Debug)]
pub struct System {
    folder: PathBuf,
    gather: PathBuf,
    links: Option<PathBuf>,
}

impl System {
    /// The store of the system whose root folder this is.
    pub fn at(top: &Path) -> Result<Self, Failure> {
        let way = WAYS.iter().find(|way| top.join(way.gather).is_file()).ok_or_else(|| {
            Failure::unable("this system has neither update-ca-certificates nor update-ca-trust")
                .remedy("install the package ca-certificates")
        })?;
        Ok(Self {
            folder: top.join(way.folder),
            gather: top.join(way.gather),
            links: way.links.map(|links| top.join(links)),
        })
    }

    /// Adds the root.
    pub fn trust(&self, root: &Root, dry_run: bool) -> Result<Outcome, Failure> {
        let file = self.file(root);
        if is_own(&file, root)? {
            return Ok(Outcome::AsItWas);
        }
        if dry_run {
            return Ok(Outcome::Changed);
        }
        let folder = std::fs::create_dir_all(&self.folder);
        folder.and_then(|()| written(&file, root.pem())).map_err(|error| unwritten(&file, &error))?;
        self.gather().inspect_err(|_| {
            let _ = std::fs::remove_file(&file);
        })?;
        Ok(Outcome::Changed)
    }

    /// Removes the root.
    pub fn untrust(&self, root: &Root, dry_run: bool) -> Result<Outcome, Failure> {
        let file = self.file(root);
        if !is_own(&file, root)? {
            return Ok(Outcome::AsItWas);
        }
        if !dry_run {
            std::fs::remove_file(&file).map_err(|error| unwritten(&file, &error))?;
            self.unlink(&file, root)?;
            self.gather()?;
        }
        Ok(Outcome::Changed)
    }

    fn file(&self, root: &Root) -> PathBuf {
        self.folder.join(root.file_name())
    }

    /// Removes the links to a file that is gone. `update-ca-certificates` leaves them, unless it is told
    /// to remove all links first and so leave the machine without any for a moment.
    fn unlink(&self, file: &Path, root: &Root) -> Result<(), Failure> {
        let Some(links) = &self.links else { return Ok(()) };
        let named = PathBuf::from(root.file_name()).with_extension("pem");
        for link in std::fs::read_dir(links).into_iter().flatten().flatten().map(|entry| entry.path()) {
            // The link by name leads to the file, and the one by hash to the link by name.
            if std::fs::read_link(&link).is_ok_and(|target| target == file || target == named) {
                std::fs::remove_file(&link).map_err(|error| unwritten(&link, &error))?;
            }
        }
        Ok(())
    }

    fn gather(&self) -> Result<(), Failure> {
        let failure = |what: String| {
            Failure::unable(format!("the system's certificates could not be gathered: {what}"))
                .at(self.gather.display().to_string())
                .remedy(format!("run {} and see what it says", self.gather.display()))
        };
        let ran = Command::new(&self.gather).stdin(Stdio::null()).output();
        let ran = ran.map_err(|error| failure(error.to_string()))?;
        if ran.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&ran.stderr);
        Err(failure(said.lines().next().map_or_else(|| ran.status.to_string(), str::to_owned)))
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (the system)", self.folder.display())
    }
}

/// Whether the file is there and holds this root. A file of that name with anything else is nobody's to
/// overwrite or remove.
fn is_own(file: &Path, root: &Root) -> Result<bool, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) if root.is_in(&text) => Ok(true),
        Ok(_) => Err(Failure::unable("this file holds another certificate, and was left alone")
            .at(file.display().to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => {
            Err(Failure::unable(format!("it can't be read: {error}")).at(file.display().to_string()))
        }
    }
}

/// Writes a new file; what could not be written whole does not stay.
fn written(file: &Path, text: &str) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).open(file)?;
    let whole = new.write_all(text.as_bytes()).and_then(|()| new.sync_all());
    whole.inspect_err(|_| {
        let _ = std::fs::remove_file(file);
    })
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    let failure = Failure::unable(format!("the system's store can't be changed: {error}"))
        .at(file.display().to_string());
    if error.kind() == io::ErrorKind::PermissionDenied {
        failure.remedy("only root may; run it with sudo and --system, and name the data folder with --data")
    } else {
        failure
    }
}
