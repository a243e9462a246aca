//! Where PostgreSQL's programs are. Debian keeps them out of `$PATH`, a folder for each version.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where Debian keeps the versions.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Where PostgreSQL goes that was built by hand.
const BY_HAND: [&str; 2] = ["/usr/local/bin", "/usr/local/pgsql/bin"];

/// The folder that has both `initdb` and `postgres`: of `$PATH` first, then the newest of Debian's.
pub fn find(path: Option<&OsStr>) -> Option<PathBuf> {
    let named = path.map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
    let folders = named.into_iter().chain(versions(Path::new(VERSIONS))).chain(BY_HAND.map(PathBuf::from));
    folders.into_iter().find(|folder| has_both(folder))
}

fn has_both(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}

/// `9.6` as numbers; `None` for a folder that is no version.
fn version(name: &OsStr) -> Option<Vec<u32>> {
    name.to_str()?.split('.').map(|part| part.parse().ok()).collect()
}

/// The `bin` folders of all versions, the newest first.
fn versions(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut versions: Vec<_> =
        entries.filter_map(|entry| Some((version(&entry.file_name())?, entry.path().join("bin")))).collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_programs(folder: &Path, programs: &[&str]) {
        std::fs::create_dir_all(folder).unwrap();
        programs.iter().for_each(|program| std::fs::write(folder.join(program), "").unwrap());
    }

    #[test]
    fn of_debians_versions_the_newest_comes_first_by_number() {
        let folder = tempfile::tempdir().unwrap();
        ["9.6", "15", "17", "common"]
            .iter()
            .for_each(|name| std::fs::create_dir(folder.path().join(name)).unwrap());
        let names: Vec<_> =
            versions(folder.path()).into_iter().map(|bin| bin.parent().unwrap().to_owned()).collect();
        assert_eq!(names, ["17", "15", "9.6"].map(|name| folder.path().join(name)));
    }

    #[test]
    fn a_folder_of_the_path_with_a_server_and_not_a_client_alone_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (client, server) = (folder.path().join("client"), folder.path().join("server"));
        with_programs(&client, &["psql"]);
        with_programs(&server, &["initdb", "postgres"]);
        let path = std::env::join_paths([&client, &server]).unwrap();
        assert_eq!(find(Some(&path)), Some(server));
    }
}
