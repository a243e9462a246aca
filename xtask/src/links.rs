//! Every relative link in the documents leads to a file, and every page of the book is in its table
//! of contents.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::sources;
use crate::steps::{Failure, Outcome};

/// Checks the documents at the root and the book.
pub(crate) fn check(root: &Path) -> Outcome {
    let book = root.join("docs/src");
    let pages =
        documents(root, &book).map_err(|error| Failure(format!("the documents can't be read: {error}")))?;
    let mut problems = Vec::new();
    let mut links = 0;
    let mut contents = BTreeSet::new();
    for (path, text) in &pages {
        for target in targets(text) {
            links += 1;
            let Some(file) = resolve(path, target) else { continue };
            if !file.exists() {
                let page = path.strip_prefix(root).unwrap_or(path).display();
                problems.push(format!("{page}: `{target}` leads nowhere"));
            }
            if path.ends_with("docs/src/SUMMARY.md") {
                contents.insert(file);
            }
        }
    }
    for (path, _) in &pages {
        let listed = contents.contains(path) || path.ends_with("SUMMARY.md");
        if path.starts_with(&book) && !listed {
            let page = path.strip_prefix(root).unwrap_or(path).display();
            problems.push(format!("{page}: not in docs/src/SUMMARY.md, so the book leaves it out"));
        }
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => Ok(format!("{links} in {} documents", pages.len())),
        1 => Err(Failure(problems.concat())),
        count => Err(Failure(format!("{count} problems"))),
    }
}

fn documents(root: &Path, book: &Path) -> std::io::Result<Vec<(PathBuf, String)>> {
    let at_root = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name));
    at_root
        .into_iter()
        .chain(sources::below(book, "md")?)
        .chain(sources::below(&root.join("examples"), "md")?)
        .map(|path| std::fs::read_to_string(&path).map(|text| (path, text)))
        .collect()
}

/// The targets of inline links and images, and of HTML's `href` and `src`, outside of code.
fn targets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            // Every second piece between backticks is code.
            for piece in line.split('`').step_by(2) {
                for (start, end) in [("](", ')'), ("href=\"", '"'), ("src=\"", '"')] {
                    let after = piece.split(start).skip(1);
                    found.extend(after.filter_map(|rest| rest.split_once(end)).map(|(target, _)| target));
                }
            }
        }
    }
    found
}

/// The file that a link in `page` leads to; `None` for what lies on the network or on the same page.
fn resolve(page: &Path, target: &str) -> Option<PathBuf> {
    let file = target.split(['#', '?', ' ']).next().unwrap_or_default();
    if file.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    Some(normal(&page.parent()?.join(file)))
}

/// The path without `.` and `..`, as links are meant.
fn normal(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            part => result.push(part),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_images_are_found_and_code_is_not() {
        let text = "See [one](a.md) and ![two](b.svg), not `[x](code.md)`.\n```toml\n[y](fence.md)\n```\n<img src=\"c.png\">\n";
        assert_eq!(targets(text), ["a.md", "b.svg", "c.png"]);
    }

    #[test]
    fn a_link_starts_at_its_page() {
        let page = Path::new("/book/src/how-to/seal.md");
        assert_eq!(
            resolve(page, "../reference/cli.md#up"),
            Some(PathBuf::from("/book/src/reference/cli.md"))
        );
    }

    #[test]
    fn the_network_and_the_same_page_are_not_looked_at() {
        let page = Path::new("/book/src/index.md");
        assert_eq!(resolve(page, "https://example.com/"), None);
        assert_eq!(resolve(page, "#words"), None);
    }
}
