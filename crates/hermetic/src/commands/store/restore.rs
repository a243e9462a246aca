//! `hermetic store restore`: a backup in the place of the store.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hermetic_config::KeyEncryption;
use hermetic_store::{Actor, Backup, Manifest, Restoration};
use hermetic_tls::{Clock, SystemClock};
use serde::Serialize;

use super::in_sqlite;
use crate::arguments::{Format, Restore};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    backup: &'a Manifest,
    replaced: Option<&'a Path>,
    key: Option<&'a str>,
}

/// Restores it.
pub async fn run(arguments: &Restore) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    in_sqlite(&place)?;
    let Backup { key, .. } = Backup::read(&arguments.file)?;
    let restoration =
        Restoration { replace: arguments.replace, actor: Actor::this_caller(), at: SystemClock.now() };
    let (manifest, replaced) = hermetic_store::restore(&arguments.file, &place.data, restoration).await?;
    let key = match (&key, &place.encryption) {
        (Some(key), KeyEncryption::File(path)) => Some(put_key(path, key)?),
        (Some(_), _) => {
            Some(Key::Other("in the backup, and not used: `encryption` names no file".to_owned()))
        }
        (None, _) => None,
    };
    match arguments.format {
        Format::Json => output::print_json(&Report {
            schema: "hermetic.restored/1",
            backup: &manifest,
            replaced: replaced.as_deref(),
            key: key.as_ref().map(Key::words),
        })?,
        Format::Table => {
            output::print(&text(&place.data, &manifest, replaced, key.as_ref().map(Key::words)))?
        }
    }
    // With another key none of the restored ones opens.
    Ok(if matches!(key, Some(Key::Other(_))) { Exit::Findings } else { Exit::Fine })
}

/// What became of the key in a backup, in words.
enum Key {
    /// It is where the store looks for it.
    InPlace(String),
    /// Another one is.
    Other(String),
}

impl Key {
    fn words(&self) -> &str {
        let (Self::InPlace(words) | Self::Other(words)) = self;
        words
    }
}

/// Writes the key of the backup where the configuration has it; one that is there stays.
fn put_key(path: &Path, key: &[u8]) -> Result<Key, Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| file.write_all(key).and_then(|()| file.sync_all()));
    match written {
        Ok(()) => Ok(Key::InPlace(format!("{}, from the backup", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let (path, is_same) = (path.display(), std::fs::read(path).is_ok_and(|there| there == key));
            Ok(match is_same {
                true => Key::InPlace(format!("{path}, as it was: the same as in the backup")),
                false => Key::Other(format!(
                    "{path}, as it was: not the one in the backup; put it aside and restore again with --replace"
                )),
            })
        }
        Err(error) => {
            Err(Failure::unable(format!("the key can't be written: {error}")).at(path.display().to_string()))
        }
    }
}

fn text(data: &Path, manifest: &Manifest, replaced: Option<PathBuf>, key: Option<&str>) -> String {
    let mut lines = vec![
        ("restored", format!("{}, as it was at {}", data.display(), manifest.at)),
        ("journal", manifest.journal.to_string()),
    ];
    lines.extend(replaced.map(|path| ("before", format!("kept as {}", path.display()))));
    lines.extend(key.map(|key| ("key", key.to_owned())));
    lines.push((
        "next",
        "it issues nothing until it knows what was issued and revoked since; \
         `hermetic store reconcile --trail EXPORT` tells it"
            .to_owned(),
    ));
    lines.into_iter().map(|(label, value)| format!("{label:<9} {value}\n")).collect()
}
