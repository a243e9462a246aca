//! A page of the book, whose configuration a scenario runs: what a reader copies must work.

use std::path::Path;
use std::process::{Command, Output};

/// The blocks of a page.
#[derive(Debug)]
pub struct Page {
    name: String,
    /// In TOML.
    blocks: Vec<String>,
    /// In the language of somebody else.
    others: Vec<String>,
    /// What is typed, each with its continuation lines.
    commands: Vec<String>,
}

impl Page {
    /// The page `docs/src/how-to/<name>.md`.
    pub fn how_to(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/src/how-to/{name}.md"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let block = |rest: &str| rest.split("\n```").next().unwrap_or_default().to_owned() + "\n";
        let blocks = |kind: &str| text.split(&format!("```{kind}\n")).skip(1).map(block).collect::<Vec<_>>();
        let others = ["text", "console", "sql", "json"].map(blocks).concat();
        let commands = blocks("console").iter().flat_map(|block| typed(block)).collect();
        Self { name: name.to_owned(), blocks: blocks("toml"), others, commands }
    }

    /// Has a shell run all that is typed on the page, in order; gives how each command ended.
    pub fn run(&self, folder: &Path) -> Vec<Output> {
        self.run_in(folder, |_| {})
    }

    /// The same, with this done to the environment of each.
    pub fn run_in(&self, folder: &Path, environment: impl Fn(&mut Command)) -> Vec<Output> {
        let run = |command: &String| {
            let mut shell = shell(folder, command);
            environment(&mut shell);
            shell.output().unwrap()
        };
        self.commands.iter().map(run).collect()
    }

    /// The block for another program that has this in it.
    pub fn other(&self, with: &str) -> &str {
        let found = self.others.iter().find(|block| block.contains(with));
        found.unwrap_or_else(|| panic!("{}: no block has {with:?}", self.name))
    }

    /// The block that has this line or part of one, with each replacement made. What is to be
    /// replaced must be there: a page that changes takes its scenario along.
    pub fn configuration(&self, with: &str, replacements: &[(&str, &str)]) -> String {
        let found = self.blocks.iter().find(|block| block.contains(with));
        let mut text = found.unwrap_or_else(|| panic!("{}: no TOML block has {with:?}", self.name)).clone();
        for (written, here) in replacements {
            assert!(text.contains(written), "{}: {written:?} is not in {text}", self.name);
            text = text.replace(written, here);
        }
        text
    }
}

/// The commands of a block.
fn typed(block: &str) -> Vec<String> {
    let joined = block.replace("\\\n", " ");
    joined.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// Has a shell run a command in a folder, as if somebody had typed it there.
pub fn typed_in(folder: &Path, command: &str) -> Output {
    shell(folder, command).output().unwrap()
}

/// A shell for a command in a folder, `hermetic` being the binary under test.
fn shell(folder: &Path, command: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_hermetic")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.current_dir(folder).env("PATH", path).env("NO_COLOR", "1").args(["-c", command]);
    shell
}
