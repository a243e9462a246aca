//! `hermetic cert import`: a certificate that was made elsewhere, kept in the store.

use std::path::{Path, PathBuf};

use hermetic_authority::Imported;
use hermetic_keys::{Passphrase, PassphraseSource};
use hermetic_store::{Store, StoreError};
use hermetic_tls::{Clock, SystemClock};
use hermetic_x509::{Contents, MaterialError};
use jiff::Timestamp;
use serde::Serialize;

use super::{beside, tell_instance};
use crate::arguments::{Format, Import};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    serial: String,
    subject: &'a str,
    identities: Vec<String>,
    not_after: Timestamp,
    /// The serial number of the one in whose place it comes.
    replaces: Option<String>,
    /// What is worth knowing before it is used.
    notes: Vec<String>,
}

/// Imports it, beside a running instance where there is one.
pub async fn run(arguments: &Import) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let passphrase = passphrase(arguments)?;
    let files = arguments.files.clone();
    // A passphrase costs its time on purpose.
    let contents = tokio::task::spawn_blocking(move || read(&files, passphrase.as_ref())).await;
    let contents = match contents.map_err(|panic| Failure::unable(panic.to_string()))? {
        Err(Unread::Content(path, error)) => {
            refused(&place, &arguments.name, &error).await;
            return Err(unread(&error).at(path));
        }
        Err(Unread::File(failure)) => return Err(failure),
        Ok(contents) => contents,
    };
    let imported = beside(&place).await?.import(&arguments.name, contents).await?;
    tell_instance(&place.data).await;
    tell(&arguments.name, imported, arguments.format)?;
    Ok(Exit::Fine)
}

fn passphrase(arguments: &Import) -> Result<Option<Passphrase>, Failure> {
    let file = arguments.passphrase_file.clone().map(PassphraseSource::File);
    let variable = arguments.passphrase_env.clone().map(PassphraseSource::Environment);
    let read = file.or(variable).map(|source| source.read()).transpose();
    read.map_err(|error| Failure::wrong(error.to_string()))
}

/// Why files are not read.
enum Unread {
    /// There is none, or it is not for us.
    File(Failure),
    /// What this one holds is not what it should be, or the passphrase is not its own.
    Content(String, MaterialError),
}

/// What all files hold together.
fn read(files: &[PathBuf], passphrase: Option<&Passphrase>) -> Result<Contents, Unread> {
    files.iter().try_fold(Contents::default(), |contents, path| {
        let place = || path.display().to_string();
        let bytes = std::fs::read(path).map(zeroize::Zeroizing::new).map_err(|error| {
            Unread::File(Failure::wrong(format!("the file can't be read: {error}")).at(place()))
        })?;
        let read = Contents::read(&bytes, passphrase).map_err(|error| Unread::Content(place(), error))?;
        Ok(contents.with(read))
    })
}

/// Leaves a record of what was refused, where there is a store to leave it in.
async fn refused(place: &Place, name: &str, error: &MaterialError) {
    if let Err(StoreError::Open { .. }) = Store::open_read_only(&place.store).await {
        return;
    }
    match beside(place).await {
        Ok(authority) => authority.import_refused(name, &error.to_string()).await,
        Err(failure) => tracing::error!(?failure, "a refused import could not be written to the journal"),
    }
}

fn unread(error: &MaterialError) -> Failure {
    let failure = Failure::wrong(error.to_string());
    match error {
        MaterialError::PassphraseNeeded => failure.remedy("name --passphrase-file or --passphrase-env"),
        _ => failure,
    }
}

fn tell(name: &str, imported: Imported, format: Format) -> Result<(), Failure> {
    let Imported { certificate, replaces, notes, .. } = imported;
    let report = Report {
        schema: "hermetic.certificate-import/1",
        serial: certificate.serial.to_string(),
        subject: name,
        identities: certificate.identities.iter().map(ToString::to_string).collect(),
        not_after: certificate.not_after,
        replaces,
        notes: notes.iter().map(ToString::to_string).collect(),
    };
    match format {
        Format::Json => output::print_json(&report)?,
        Format::Table => output::print(&text(&report, SystemClock.now()))?,
    }
    Ok(())
}

fn text(report: &Report<'_>, now: Timestamp) -> String {
    let expires = report.not_after.strftime("%Y-%m-%d %H:%M:%S UTC");
    let mut lines = vec![
        ("serial", report.serial.clone()),
        ("for", report.subject.to_owned()),
        ("names", report.identities.join(", ")),
        ("expires", format!("{expires} ({})", hermetic_hop::relative(report.not_after, now))),
    ];
    lines.extend(report.replaces.clone().map(|serial| ("replaces", serial)));
    lines.extend(report.notes.iter().map(|note| ("note", note.clone())));
    lines.iter().map(|(label, value)| format!("{label:<9} {}\n", output::plain(value))).collect()
}
