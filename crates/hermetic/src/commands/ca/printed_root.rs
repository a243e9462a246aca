//! `hermetic ca root`: the root certificate, as it lies in the data folder.

use std::io;
use std::path::Path;

use hermetic_tls::SystemClock;

use crate::arguments;
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// Prints the root certificate, or the path of its file.
pub fn run(path_only: bool, place: &arguments::Place) -> Result<Exit, Failure> {
    let place = Place::find(place, Path::new(""), &SystemClock)?;
    let path = place.root();
    let pem = std::fs::read_to_string(&path).map_err(|error| unread(&path, &error))?;
    if path_only {
        let absolute = std::path::absolute(&path).unwrap_or(path);
        output::print(&format!("{}\n", absolute.display()))?;
    } else {
        output::print(&pem)?;
    }
    Ok(Exit::Fine)
}

pub(super) fn unread(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::unable(format!("the root certificate can't be read: {error}"))
        .at(path.display().to_string());
    if error.kind() == io::ErrorKind::NotFound {
        failure.remedy("`hermetic up` makes it; name another data folder with --data, or its configuration with --config")
    } else {
        failure
    }
}
