//! A disk that is full: what can't be kept is refused, what was kept stays, and with room all goes on.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::world::*;
use crate::*;

/// Tells the scenario where it may mount a disk.
const PLACE: &str = "HERMETIC_TEST_FULL_PLACE";

/// Runs the scenario in a mount namespace of its own, where it may mount a disk that is soon full, and nobody
/// else sees it.
#[test]
fn a_full_disk_refuses_with_its_own_error_and_goes_on_once_there_is_room() {
    let place = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount"]).arg(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "tests::full::on_a_disk_of_its_own", "--nocapture"]);
    let output = command.env(PLACE, place.path()).output().expect("unshare is needed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
#[ignore = "run by the scenario, in a mount namespace of its own"]
async fn on_a_disk_of_its_own() {
    let place = std::env::var_os(PLACE).unwrap();
    let place = Path::new(&place);
    let mount = ["-t", "tmpfs", "-o", "size=6m", "none"];
    assert!(Command::new("mount").args(mount).arg(place).status().unwrap().success());
    let (data, ballast) = (place.join("data"), place.join("ballast"));
    fs::write(&ballast, vec![0; 2 << 20]).unwrap();

    let store = Store::open(&data).await.unwrap();
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

    fs::remove_file(&ballast).unwrap();
    store.intend(intent("ff0000")).await.unwrap();
    drop(store);
    let store = Store::open(&data).await.unwrap();
    let there = all(&store).await.unwrap();
    assert_eq!(there.len(), kept.len() + 1);
    assert!(kept.iter().all(|serial| there.iter().any(|record| record.serial == *serial)));
    assert_eq!(store.verify_journal().await.unwrap(), there.len() as u64 + 2);
}
