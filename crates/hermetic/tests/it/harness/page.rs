//! A page of the book, whose configuration a scenario runs: what a reader copies must work.

use std::path::Path;

/// The blocks of a page.
#[derive(Debug)]
pub struct Page {
    name: String,
    /// In TOML.
    blocks: Vec<String>,
    /// In the language of somebody else.
    others: Vec<String>,
}

impl Page {
    /// The page `docs/src/how-to/<name>.md`.
    pub fn how_to(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/src/how-to/{name}.md"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let block = |rest: &str| rest.split("\n```").next().unwrap_or_default().to_owned() + "\n";
        let blocks = |kind: &str| text.split(&format!("```{kind}\n")).skip(1).map(block).collect::<Vec<_>>();
        let others = ["text", "console", "sql"].map(blocks).concat();
        Self { name: name.to_owned(), blocks: blocks("toml"), others }
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
