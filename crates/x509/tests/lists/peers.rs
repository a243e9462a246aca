//! Programs that are not ours and know lists and OCSP.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with the files of one test, in which programs run.
pub struct Desk(TempDir);

/// What a program said, on both of its outputs, and whether it succeeded.
#[derive(Debug)]
pub struct Said {
    pub text: String,
    pub success: bool,
}

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
        self
    }

    /// A PEM block of these bytes.
    pub fn put_pem(&self, name: &str, label: &str, ders: &[&[u8]]) -> &Self {
        let block = |der: &&[u8]| der::pem::encode_string(label, der::pem::LineEnding::LF, der).unwrap();
        self.put(name, ders.iter().map(block).collect::<String>())
    }

    pub fn take(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    /// Runs a command line whose words have no blanks; it must succeed.
    pub fn run(&self, line: &str) -> String {
        let said = self.tries(line);
        assert!(said.success, "{line}: {}", said.text);
        said.text
    }

    /// The same, whatever comes of it.
    pub fn tries(&self, line: &str) -> Said {
        let mut words = line.split_whitespace();
        self.says(Command::new(words.next().unwrap()).args(words))
    }

    /// A linter of pkilint's, which must find nothing from a warning on.
    pub fn lints(&self, linter: &str, arguments: &str) {
        let script = python().with_file_name(linter);
        assert!(script.exists(), "{} is needed; `cargo xtask test` makes it", script.display());
        let said = self
            .says(Command::new(script).args(["lint", "-s", "WARNING"]).args(arguments.split_whitespace()));
        assert!(said.success && said.text.is_empty(), "{linter} {arguments}: {}", said.text);
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn says(&self, command: &mut Command) -> Said {
        let Output { status, stdout, stderr } = command
            .current_dir(self.path())
            .output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs it"));
        let text = String::from_utf8_lossy(&[stdout, stderr].concat()).trim().to_owned();
        Said { text, success: status.success() }
    }
}

/// The Python that has pkilint, made by `cargo xtask test`.
fn python() -> PathBuf {
    std::env::var_os("HERMETIC_TEST_PYTHON").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-peers/venv/bin/python"),
        PathBuf::from,
    )
}
