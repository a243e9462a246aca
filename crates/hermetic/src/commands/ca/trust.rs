//! `hermetic ca trust` and `hermetic ca untrust`: who on this machine believes the root certificate.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use hermetic_authority::{Authorities, SignedBy};
use hermetic_store::Store;
use hermetic_tls::SystemClock;

use super::browsers;
use super::nss::Database;
use super::root::Root;
use super::system::System;
use crate::arguments::Stores;
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Put the root where it is believed.
    Trust,
    /// Take it away again.
    Untrust,
}

/// How it went with one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was changed, or would be.
    Changed,
    /// There was nothing to change.
    AsItWas,
    /// It believes the root under a name that is not ours, and was left alone.
    Others,
}

/// Where certificates are believed.
#[derive(Debug)]
enum TrustStore {
    Browser(Database),
    System(System),
}

/// Does it with every root in every store that was asked for. One that fails keeps no other from being tried.
pub async fn run(task: Task, arguments: &Stores) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let mut roots = Root::read_all(&place.root())?;
    if task == Task::Untrust {
        for root in believed_once(&place).await {
            if !roots.iter().any(|known| known.nickname() == root.nickname()) {
                roots.push(root);
            }
        }
    }
    let stores = chosen(arguments, std::env::var_os("HOME"))?;
    let mut failure: Option<Failure> = None;
    let mut restart = false;
    for (store, root) in stores.iter().flat_map(|store| roots.iter().map(move |root| (store, root))) {
        match store.apply(task, root, arguments.dry_run) {
            Ok(outcome) => {
                restart |= outcome == Outcome::Changed && matches!(store, TrustStore::Browser(_));
                output::print(&format!("{}\n", line(task, outcome, arguments.dry_run, root, store)))?;
            }
            Err(error) => {
                failure = Some(match failure {
                    Some(first) => first.and(error),
                    None => error,
                });
            }
        }
    }
    if restart && !arguments.dry_run {
        output::print("browsers that are running notice it when they are started again\n")?;
    }
    failure.map_or(Ok(Exit::Fine), Err)
}

/// The roots of all generations that the store knows: those that ran out, or were deleted, are in no file any
/// more, and may be believed still. None where the store can't be read, which then knows of none.
async fn believed_once(place: &Place) -> Vec<Root> {
    let Ok(store) = Store::open_read_only(&place.store).await else { return Vec::new() };
    let Ok(authorities) = Authorities::of(&store).await else { return Vec::new() };
    let roots = authorities.all().iter().filter(|authority| authority.signed_by() == SignedBy::Itself);
    roots.filter_map(|root| Root::of(root.chain()?.leaf())).collect()
}

fn chosen(arguments: &Stores, home: Option<OsString>) -> Result<Vec<TrustStore>, Failure> {
    let mut stores = Vec::new();
    if arguments.browsers || !arguments.system {
        let home = home.map(PathBuf::from).filter(|home| home.is_absolute()).ok_or_else(|| {
            Failure::wrong("HOME names no folder, so this user's browsers can't be found")
                .remedy("set HOME, or use --system")
        })?;
        stores.extend(browsers::databases(&home).into_iter().map(TrustStore::Browser));
    }
    if arguments.system {
        stores.push(TrustStore::System(System::at(Path::new("/"))?));
    }
    Ok(stores)
}

impl TrustStore {
    fn apply(&self, task: Task, root: &Root, dry_run: bool) -> Result<Outcome, Failure> {
        match (self, task) {
            (Self::Browser(database), Task::Trust) => database.trust(root, dry_run),
            (Self::Browser(database), Task::Untrust) => database.untrust(root, dry_run),
            (Self::System(system), Task::Trust) => system.trust(root, dry_run),
            (Self::System(system), Task::Untrust) => system.untrust(root, dry_run),
        }
    }
}

impl fmt::Display for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Browser(database) => database.fmt(f),
            Self::System(system) => system.fmt(f),
        }
    }
}

fn line(task: Task, outcome: Outcome, dry_run: bool, root: &Root, store: &TrustStore) -> String {
    let name = root.nickname();
    match (outcome, task, dry_run) {
        (Outcome::Changed, Task::Trust, false) => format!("added `{name}` to {store}"),
        (Outcome::Changed, Task::Trust, true) => format!("would add `{name}` to {store}"),
        (Outcome::Changed, Task::Untrust, false) => format!("removed `{name}` from {store}"),
        (Outcome::Changed, Task::Untrust, true) => format!("would remove `{name}` from {store}"),
        (Outcome::AsItWas, Task::Trust, _) => format!("`{name}` is in {store} already"),
        (Outcome::AsItWas, Task::Untrust, _) => format!("`{name}` is not in {store}"),
        (Outcome::Others, ..) => format!("somebody else put this root into {store}; left as it is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stores(browsers: bool, system: bool) -> Stores {
        let place = crate::arguments::Place { config: None, data: None };
        Stores { browsers, system, dry_run: true, place }
    }

    #[test]
    fn the_system_is_never_touched_unless_it_is_named() {
        let chosen = chosen(&stores(false, false), Some("/nobody".into())).unwrap();
        assert!(chosen.iter().all(|store| matches!(store, TrustStore::Browser(_))) && !chosen.is_empty());
    }

    #[test]
    fn without_a_home_no_folder_is_guessed() {
        for home in [None, Some(OsString::new()), Some("relative".into())] {
            assert!(chosen(&stores(true, false), home).is_err());
        }
    }
}
