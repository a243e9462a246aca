//! `hermetic store backup`: a copy of the store in one file.

use std::path::Path;

use hermetic_config::{KeyEncryption, SecretSource};
use hermetic_store::{Actor, BackupRequest, Manifest, Store};
use hermetic_tls::{Clock, SystemClock};
use zeroize::Zeroizing;

use super::in_sqlite;
use crate::arguments::{Backup, Format};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// Writes it.
pub async fn run(arguments: &Backup) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    in_sqlite(&place)?;
    let key = if arguments.with_key { Some(key(&place.encryption)?) } else { None };
    let request = BackupRequest { keys_under: words(&place.encryption), key, at: SystemClock.now() };
    let store = Store::open_beside(&place.store).await?.on_behalf_of(Actor::this_caller());
    let manifest = store.back_up(&arguments.file, request).await?;
    match arguments.format {
        Format::Json => output::print_json(&manifest)?,
        Format::Table => output::print(&text(&arguments.file, &manifest))?,
    }
    Ok(Exit::Fine)
}

fn text(file: &Path, manifest: &Manifest) -> String {
    let key = match manifest.with_key {
        true => "and that key is in the backup: whoever has this file has all of them",
        false => "which is not in the backup: keep it elsewhere, for without it they are lost",
    };
    format!(
        "backup   {}\njournal  {}\nkeys     sealed under {}, {key}\n",
        file.display(),
        manifest.journal,
        manifest.keys_under
    )
}

/// The file of the key.
fn key(encryption: &KeyEncryption) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let KeyEncryption::File(path) = encryption else {
        return Err(Failure::wrong(format!(
            "private keys are sealed under {}, which is no file",
            words(encryption)
        ))
        .remedy("leave out --with-key"));
    };
    let read = std::fs::read(path).map(Zeroizing::new);
    read.map_err(|error| {
        Failure::unable(format!("the key's file can't be read: {error}")).at(path.display().to_string())
    })
}

/// What private keys are sealed under.
fn words(encryption: &KeyEncryption) -> String {
    match encryption {
        KeyEncryption::File(path) => format!("the key in {}", path.display()),
        KeyEncryption::Passphrase(SecretSource::File(path)) => {
            format!("the passphrase in {}", path.display())
        }
        KeyEncryption::Passphrase(SecretSource::Variable(name)) => format!("the passphrase in ${name}"),
        KeyEncryption::Credential(name) => format!("systemd's credential `{name}`"),
        KeyEncryption::Token { token, key } => format!("the key `{key}` in the token `{token}`"),
    }
}
