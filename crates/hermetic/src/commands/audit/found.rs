//! The files that an audit looks at: those that were named, and those in folders that may be infrastructure code.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold others' code, or copies.
const NOT_OURS: [&str; 5] = ["node_modules", "target", "vendor", "venv", "__pycache__"];

/// What infrastructure code's files end with.
const ENDINGS: [&str; 6] = ["yaml", "yml", "json", "template", "tfstate", "tfplan.json"];

/// What an application of the CDK has in its folder.
const CDK: &str = "cdk.json";

/// What there is at some paths.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, each once.
    pub files: Vec<File>,
    /// What can't be looked at, and why.
    pub unreadable: Vec<(PathBuf, io::Error)>,
    /// Terraform's own code, which only Terraform reads.
    pub terraform: Vec<PathBuf>,
    /// Applications of the CDK that nobody has synthesized.
    pub unsynthesized: Vec<PathBuf>,
    /// Links to folders, which could lead round in a circle.
    pub links: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
}

/// A file, as it is told, and whether it was named by the user.
#[derive(Debug)]
pub struct File {
    pub path: PathBuf,
    pub named: bool,
}

impl Found {
    /// What there is at these paths, in their order. Paths below `here` are told from there.
    pub fn at(paths: &[PathBuf], here: Option<&Path>) -> Self {
        let mut found = Self::default();
        for path in paths {
            let told = here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
            // The path of this folder from this folder is nothing.
            let told = if told.as_os_str().is_empty() { Path::new(".") } else { told };
            match std::fs::metadata(told) {
                _ if told == Path::new("-") => found.take(told.to_owned(), true),
                Ok(known) if known.is_dir() => found.folder(told),
                Ok(_) => found.take(told.to_owned(), true),
                Err(error) => found.unreadable.push((told.to_owned(), error)),
            }
        }
        found
    }

    /// All below a folder, those nearest to it first.
    fn folder(&mut self, folder: &Path) {
        let mut folders = vec![folder.to_owned()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            match std::fs::read_dir(&folder) {
                Ok(entries) => {
                    for entry in entries {
                        match entry.and_then(|entry| Ok((entry.file_type()?, entry.path()))) {
                            Ok((kind, path)) => self.entry(kind, at_home(path), &mut folders, &mut files),
                            Err(error) => self.unreadable.push((folder.clone(), error)),
                        }
                    }
                }
                Err(error) => self.unreadable.push((folder, error)),
            }
        }
        files.sort();
        files.into_iter().for_each(|path| self.take(path, false));
        [&mut self.terraform, &mut self.unsynthesized, &mut self.links]
            .into_iter()
            .for_each(|all| all.sort());
    }

    fn entry(
        &mut self,
        kind: std::fs::FileType,
        path: PathBuf,
        folders: &mut Vec<PathBuf>,
        files: &mut Vec<PathBuf>,
    ) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_ours = !name.starts_with('.') && !NOT_OURS.contains(&name.as_str());
        let leads_to = if kind.is_symlink() { std::fs::metadata(&path).ok() } else { None };
        if kind.is_dir() {
            if is_ours {
                folders.push(path);
            }
        } else if leads_to.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            if is_ours {
                self.links.push(path);
            }
        } else if kind.is_file() || leads_to.is_some_and(|known| known.is_file()) {
            if is_terraform(&path) {
                self.terraform.push(path);
            } else {
                if name == CDK && !path.with_file_name("cdk.out").is_dir() {
                    self.unsynthesized.push(path.clone());
                }
                if ENDINGS.iter().any(|ending| name.ends_with(&format!(".{ending}"))) {
                    files.push(path);
                }
            }
        }
    }

    /// A file that is named twice, or lies in two folders that are, is judged once.
    fn take(&mut self, path: PathBuf, named: bool) {
        let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
        if self.seen.insert(whole) {
            self.files.push(File { path, named });
        }
    }
}

/// Whether it is Terraform's own code.
pub fn is_terraform(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".tf", ".tf.json", ".tofu"].iter().any(|ending| name.ends_with(ending))
}

/// `./shop.yaml` is `shop.yaml`: that is what others call it, and what an earlier audit did.
fn at_home(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf]) -> Vec<String> {
        paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_could_be_infrastructure_code_is_found_once_and_others_code_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        ["b.yaml", "a/c.json", "node_modules/d.json", ".git/e.yaml", "f.tf", "g.txt", "cdk.json"]
            .iter()
            .for_each(|name| write(name));
        let paths = [folder.path().to_owned(), folder.path().join("b.yaml")];
        let found = Found::at(&paths, None);
        let files: Vec<PathBuf> = found.files.into_iter().map(|file| file.path).collect();
        assert_eq!(names(&files), ["c.json", "b.yaml", "cdk.json"]);
        assert_eq!(
            (names(&found.terraform), names(&found.unsynthesized)),
            (vec!["f.tf".to_owned()], vec!["cdk.json".to_owned()])
        );
    }

    #[test]
    fn links_to_files_are_followed_and_links_to_folders_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("shared.txt"), "").unwrap();
        std::os::unix::fs::symlink("shared.txt", at("shop.yaml")).unwrap();
        std::os::unix::fs::symlink(".", at("round")).unwrap();
        std::os::unix::fs::symlink("gone.yaml", at("broken.yaml")).unwrap();
        let found = Found::at(&[folder.path().to_owned()], None);
        assert_eq!(found.files.len(), 1);
        assert_eq!(names(&found.links), ["round"]);
    }

    #[test]
    fn a_path_below_this_folder_is_told_from_here() {
        let folder = tempfile::tempdir().unwrap();
        let here = std::env::current_dir().unwrap();
        let found = Found::at(&[here.join("Cargo.toml"), folder.path().join("gone")], Some(&here));
        assert_eq!(found.files[0].path, Path::new("Cargo.toml"));
        assert!(found.files[0].named && found.unreadable.len() == 1);
    }
}
