//! What a tour left that was killed together with the process that watches its cluster: nobody was there to
//! remove the folder. The next tour in the same place does it.
//!
//! The note in the data folder may be a stranger's: the tour's data folder is in whatever folder it is started
//! in, and that may have come with a repository. So the note can name a cluster's folder and nothing else.

use std::path::Path;

use super::cluster;
use super::place::Place;

/// The file in the data folder that names the folder of the latest cluster.
const FILE: &str = "tour-cluster";

/// Notes where a cluster is going to be.
pub fn note(data: &Path, place: &Place) {
    if let Err(error) = std::fs::write(data.join(FILE), place.name()) {
        tracing::debug!(%error, "where the tour's database is could not be noted");
    }
}

/// It has been removed as it should.
pub fn forget(data: &Path) {
    let _ = std::fs::remove_file(data.join(FILE));
}

/// Removes what is left of the cluster that was noted last. Most often that is nothing.
pub fn sweep(data: &Path) {
    sweep_within(data, &std::env::temp_dir());
}

fn sweep_within(data: &Path, temporary: &Path) {
    let Ok(noted) = std::fs::read_to_string(data.join(FILE)) else { return };
    match Place::read(&noted) {
        Some(place) => cluster::sweep(place.within(temporary)),
        None => {
            tracing::warn!(noted, "`{FILE}` in the data folder names no folder of a tour's; it is ignored")
        }
    }
    forget(data);
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{DirBuilderExt, symlink};
    use std::path::PathBuf;

    use super::*;

    const NAME: &str = "hermetic-tour-0123456789ab";

    struct World {
        around: tempfile::TempDir,
        temporary: PathBuf,
    }

    impl World {
        fn new() -> Self {
            let around = tempfile::tempdir().unwrap();
            let temporary = around.path().join("tmp");
            std::fs::create_dir(&temporary).unwrap();
            Self { around, temporary }
        }

        /// A folder with something in it.
        fn folder(&self, path: &Path, mode: u32) -> PathBuf {
            let path = self.around.path().join(path);
            std::fs::DirBuilder::new().mode(mode).create(&path).unwrap();
            std::fs::write(path.join("precious"), "").unwrap();
            path
        }

        fn sweep(&self, noted: &str) {
            std::fs::write(self.around.path().join(FILE), noted).unwrap();
            sweep_within(self.around.path(), &self.temporary);
            assert!(!self.around.path().join(FILE).exists(), "it is read once");
        }
    }

    #[test]
    fn what_a_tour_left_is_removed() {
        let world = World::new();
        let left = world.folder(&world.temporary.join(NAME), 0o700);
        world.sweep(NAME);
        assert!(!left.exists());
    }

    #[test]
    fn a_note_that_names_another_folder_removes_nothing() {
        let world = World::new();
        let home = world.folder(Path::new("home"), 0o700);
        world.folder(&world.temporary.join(NAME), 0o700);
        for noted in [home.to_str().unwrap(), "../home", &format!("{NAME}/../../home"), ".", ""] {
            world.sweep(noted);
            assert!(home.join("precious").exists(), "{noted}");
        }
    }

    #[test]
    fn what_bears_the_name_of_a_clusters_folder_and_is_none_stays() {
        let world = World::new();
        let home = world.folder(Path::new("home"), 0o700);
        symlink(&home, world.temporary.join(NAME)).unwrap();
        world.sweep(NAME);
        assert!(home.join("precious").exists(), "it is behind a link");
        std::fs::remove_file(world.temporary.join(NAME)).unwrap();
        let open = world.folder(&world.temporary.join(NAME), 0o755);
        world.sweep(NAME);
        assert!(open.join("precious").exists(), "a cluster's folder is closed to others");
    }
}
