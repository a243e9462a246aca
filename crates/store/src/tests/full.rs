//! A disk that is full, the store's or that of its server: what can't be kept is refused, what was kept stays, and with room all goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use super::postgres::{Postgres, own};
use super::world::*;
use crate::*;

/// Tells the scenario where it may mount a disk.
const PLACE: &str = "HERMETIC_TEST_FULL_PLACE";

#[test]
fn a_full_disk_refuses_with_its_own_error_and_goes_on_once_there_is_room() {
    apart(&["--map-root-user", "--mount"], "tests::full::on_a_disk_of_its_own");
}

/// It takes an administrator: the server is somebody else, and must get at the disk.
#[test]
fn a_postgres_whose_disk_is_full_refuses_with_the_same_error_and_goes_on_once_there_is_room() {
    apart(&["--mount"], "tests::full::on_a_postgres_with_a_disk_of_its_own");
}

/// Runs a scenario in a mount namespace of its own, where it may mount a disk that is soon full, and nobody
/// else sees it.
fn apart(how: &[&str], scenario: &str) {
    let place = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command.args(how).arg(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", scenario, "--nocapture"]);
    let output = command.env(PLACE, place.path()).output().expect("unshare is needed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A disk of six megabytes, of which two can be made free.
struct SmallDisk {
    place: PathBuf,
    ballast: PathBuf,
}

impl SmallDisk {
    fn mount() -> Self {
        let place = PathBuf::from(std::env::var_os(PLACE).unwrap());
        let mount = ["-t", "tmpfs", "-o", "size=6m", "none"];
        assert!(Command::new("mount").args(mount).arg(&place).status().unwrap().success());
        let ballast = place.join("ballast");
        fs::write(&ballast, vec![0; 2 << 20]).unwrap();
        Self { place, ballast }
    }

    fn make_room(&self) {
        fs::remove_file(&self.ballast).unwrap();
    }
}

#[tokio::test]
#[ignore = "run by the scenario, in a mount namespace of its own"]
async fn on_a_disk_of_its_own() {
    let disk = SmallDisk::mount();
    it_fills_and_goes_on(&disk, &StorePlace::from(disk.place.join("data"))).await;
}

/// Its tables are on the small disk; its log is not, for without room for that a server goes down.
#[tokio::test]
#[ignore = "run by the scenario, in a mount namespace of its own"]
async fn on_a_postgres_with_a_disk_of_its_own() {
    let (disk, server, data) = (SmallDisk::mount(), Postgres::start(), tempfile::tempdir().unwrap());
    fs::set_permissions(&disk.place, fs::Permissions::from_mode(0o755)).unwrap();
    let space = disk.place.join("space");
    fs::create_dir(&space).unwrap();
    own(&space, "700");
    server.sql(&format!("CREATE TABLESPACE small LOCATION '{}'", space.display()));
    server.sql(
        "GRANT CREATE ON TABLESPACE small TO hermetic; ALTER ROLE hermetic SET default_tablespace = small",
    );
    it_fills_and_goes_on(&disk, &StorePlace::of(data.path(), Some(&server.url()))).await;
}

async fn it_fills_and_goes_on(disk: &SmallDisk, place: &StorePlace) {
    let store = Store::open(place).await.unwrap();
    store.create_authorities(vec![authority("root"), authority("intermediate")]).await.unwrap();
    let mut kept = Vec::new();
    let refused = loop {
        let serial = format!("{:06x}", kept.len());
        match store.intend(Intent { subject: serial.clone(), ..intent(&serial) }).await {
            Ok(_) => kept.push(serial),
            Err(refused) => break refused,
        }
        assert!(kept.len() < 100_000, "it never fills");
    };
    assert!(matches!(&refused, StoreError::Full(_)), "{refused}");
    assert!(refused.to_string().contains("make room"), "{refused}");
    assert_eq!(all(&store).await.unwrap().len(), kept.len(), "it still tells what it has");

    disk.make_room();
    store.intend(intent("ff0000")).await.unwrap();
    drop(store);
    let store = Store::open(place).await.unwrap();
    let there = all(&store).await.unwrap();
    assert_eq!(there.len(), kept.len() + 1);
    assert!(kept.iter().all(|serial| there.iter().any(|record| record.serial == *serial)));
    assert_eq!(store.verify_journal().await.unwrap(), there.len() as u64 + 2);
}
