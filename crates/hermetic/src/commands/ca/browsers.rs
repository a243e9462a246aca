//! Where this user's browsers keep the certificates that they believe.

use std::path::{Path, PathBuf};

use super::nss::{Database, FILE};

/// Chromium, Chrome, Edge, Brave and others share it on Linux.
const SHARED: &str = ".pki/nssdb";

/// Folders of Firefox profiles: Debian's and Mozilla's packages, the newer place, snap, flatpak.
const PROFILES: [&str; 5] = [
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
];

/// The databases of the browsers in this home. The one that Chromium and its kin share is among them
/// even if it is not there yet: they read it once it is.
pub fn databases(home: &Path) -> Vec<Database> {
    let shared = Database::made_on_demand(home.join(SHARED), "Chromium, Chrome");
    let snaps = below(&home.join("snap")).into_iter().map(|snap| snap.join("current").join(SHARED));
    let flatpaks = below(&home.join(".var/app")).into_iter().map(|app| app.join(SHARED));
    let sandboxed = snaps.chain(flatpaks).map(|folder| Database::there(folder, "Chromium, sandboxed"));
    let profiles = PROFILES.iter().flat_map(|folder| below(&home.join(folder)));
    let profiles = profiles.map(|folder| Database::there(folder, "Firefox"));
    let found = sandboxed.chain(profiles).filter(|database| database.folder().join(FILE).is_file());
    std::iter::once(shared).chain(found).collect()
}

/// What is in a folder, in order; nothing where it can't be read.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_with_a_database_are_a_browsers() {
        let home = tempfile::tempdir().unwrap();
        let with = [
            ".mozilla/firefox/abc.default-release",
            "snap/firefox/common/.mozilla/firefox/def.default",
            "snap/chromium/current/.pki/nssdb",
            ".var/app/org.chromium.Chromium/.pki/nssdb",
        ];
        for folder in with {
            std::fs::create_dir_all(home.path().join(folder)).unwrap();
            std::fs::write(home.path().join(folder).join(FILE), "").unwrap();
        }
        std::fs::create_dir_all(home.path().join(".mozilla/firefox/Crash Reports")).unwrap();
        std::fs::create_dir_all(home.path().join("snap/hello/current")).unwrap();
        let found = databases(home.path());
        let mut found: Vec<_> =
            found.iter().map(|found| found.folder().strip_prefix(home.path()).unwrap()).collect();
        found.sort();
        let mut expected: Vec<_> = with.iter().map(Path::new).chain([Path::new(SHARED)]).collect();
        expected.sort();
        assert_eq!(found, expected);
    }
}
