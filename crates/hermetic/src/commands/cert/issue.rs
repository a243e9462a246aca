//! `hermetic cert issue`: a certificate with a fresh key, written to files.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hermetic_authority::{Authority, Request, World};
use hermetic_store::Store;
use hermetic_tls::{Clock, Identity, SpiffeId, SystemClock, SystemRandomness, TrustDomain};
use hermetic_x509::ProfileKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::admin::client::{Admin, AskError};
use crate::arguments::{self, Issue};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What a running instance is asked.
#[derive(Debug, Serialize)]
struct Order<'a> {
    subject: &'a str,
    names: &'a [Identity],
    usage: &'static str,
    lifetime_seconds: u64,
}

/// What it answers. Holds a key, so it can't be shown.
#[derive(Deserialize)]
struct Issued {
    chain_pem: String,
    key_pem: String,
    serial: String,
    not_after: Timestamp,
}

/// Issues it, by the running instance where there is one.
pub async fn run(arguments: &Issue) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let names = names(arguments, &place.trust_domain)?;
    let subject = subject(&names)?;
    let files = Files::of(&arguments.out, &subject);
    files.must_be_new()?;
    let lifetime = arguments.lifetime.unwrap_or(place.lifetime);
    let order = Order {
        subject: &subject,
        names: &names,
        usage: word(arguments.usage),
        lifetime_seconds: lifetime.as_secs(),
    };
    let issued = match Admin::of(&place.data).post("/v1/certificates", &order).await {
        Err(AskError::NoInstance { .. }) => here(&place, &names, subject, arguments.usage, lifetime).await?,
        answered => answered?,
    };
    files.write(&issued)?;
    output::print(&format!(
        "certificate  {}\nkey          {}\nserial       {}\nexpires      {} ({})\n",
        files.certificate.display(),
        files.key.display(),
        issued.serial,
        issued.not_after.strftime("%Y-%m-%d %H:%M:%S UTC"),
        hermetic_hop::relative(issued.not_after, SystemClock.now())
    ))?;
    Ok(Exit::Fine)
}

/// Opens the authority itself; the store's lock keeps instances away meanwhile.
async fn here(
    place: &Place,
    names: &[Identity],
    subject: String,
    usage: arguments::Usage,
    lifetime: Duration,
) -> Result<Issued, Failure> {
    let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
    let store = Store::open(&place.store).await?;
    let authority = Authority::open_with(place.settings.clone(), store, world).await?;
    let request = Request::new(subject, usage.into(), names.to_vec()).living(lifetime);
    let credential = authority.issue(request).await?;
    Ok(Issued {
        chain_pem: credential.chain().to_pem(),
        key_pem: credential.key().expose_pem().to_string(),
        serial: credential.leaf().serial.to_string(),
        not_after: credential.leaf().not_after,
    })
}

/// Names and parties as the certificate will carry them; a bare party is one of our trust domain.
fn names(arguments: &Issue, trust_domain: &TrustDomain) -> Result<Vec<Identity>, Failure> {
    let party = |text: &String| {
        let id = if text.contains("://") { text.parse() } else { SpiffeId::new(trust_domain, text) };
        id.map(Identity::Spiffe).map_err(|error| Failure::wrong(error.to_string()))
    };
    let parties: Vec<Identity> = arguments.identity.iter().map(party).collect::<Result<_, _>>()?;
    Ok(arguments.name.iter().cloned().chain(parties).collect())
}

/// What the certificate is listed and its files are named as: its first name, fit for a file.
fn subject(names: &[Identity]) -> Result<String, Failure> {
    match names.first() {
        Some(Identity::Dns(name)) => Ok(name.as_str().replace('*', "wildcard")),
        Some(Identity::Ip(address)) => Ok(address.to_string().replace(':', "-")),
        Some(Identity::Spiffe(id)) if id.path().is_empty() => Ok(id.trust_domain().to_string()),
        Some(Identity::Spiffe(id)) => Ok(id.path().replace('/', "-")),
        None => Err(Failure::wrong("a certificate needs a name").remedy("give --name or --identity")),
    }
}

/// Where certificate and key go.
#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn of(folder: &Path, subject: &str) -> Self {
        Self {
            certificate: folder.join(format!("{subject}.pem")),
            key: folder.join(format!("{subject}-key.pem")),
        }
    }

    /// Asked before anything is issued: a certificate that nobody can keep should not come to be.
    fn must_be_new(&self) -> Result<(), Failure> {
        match [&self.certificate, &self.key].into_iter().find(|path| path.exists()) {
            Some(path) => Err(taken(path)),
            None => Ok(()),
        }
    }

    /// Writes both or neither.
    fn write(&self, issued: &Issued) -> Result<(), Failure> {
        create(&self.key, &issued.key_pem, 0o600)?;
        create(&self.certificate, &issued.chain_pem, 0o644).inspect_err(|_| {
            // The key alone is of no use, and would be in the way the next time.
            let _ = std::fs::remove_file(&self.key);
        })
    }
}

/// Writes a file that must not be there yet, durably.
fn create(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let write = |mut file: File| file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    opened.and_then(write).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        _ => Failure::unable(format!("the file can't be written: {error}")).at(path.display().to_string()),
    })
}

fn taken(path: &Path) -> Failure {
    Failure::wrong("the file is there already, and is not overwritten")
        .at(path.display().to_string())
        .remedy("move it away, or name another folder with --out")
}

/// The word for it on the admin socket.
fn word(usage: arguments::Usage) -> &'static str {
    match usage {
        arguments::Usage::Server => "server",
        arguments::Usage::Client => "client",
        arguments::Usage::Both => "both",
    }
}

impl From<arguments::Usage> for ProfileKind {
    fn from(usage: arguments::Usage) -> Self {
        match usage {
            arguments::Usage::Server => Self::Server,
            arguments::Usage::Client => Self::Client,
            arguments::Usage::Both => Self::Both,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn issued() -> Issued {
        Issued {
            chain_pem: "chain".to_owned(),
            key_pem: "key".to_owned(),
            serial: "01".to_owned(),
            not_after: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn files_are_named_after_the_first_name() {
        let named = |name: &str| subject(&[name.parse().unwrap()]).unwrap();
        assert_eq!(named("db.internal"), "db.internal");
        assert_eq!(named("*.example.com"), "wildcard.example.com");
        assert_eq!(named("ip:::1"), "--1");
        assert_eq!(named("spiffe://hermetic.internal/team/edge"), "team-edge");
        assert_eq!(named("spiffe://hermetic.internal"), "hermetic.internal");
    }

    #[test]
    fn a_key_can_be_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::of(folder.path(), "edge");
        files.write(&issued()).unwrap();
        assert_eq!(std::fs::metadata(&files.key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&files.certificate).unwrap(), "chain");
    }

    #[test]
    fn nothing_is_overwritten_and_no_key_is_left_without_its_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::of(folder.path(), "edge");
        std::fs::write(&files.certificate, "somebody's").unwrap();
        assert!(files.must_be_new().is_err());
        assert!(files.write(&issued()).is_err());
        assert_eq!(std::fs::read_to_string(&files.certificate).unwrap(), "somebody's");
        assert!(!files.key.exists());
    }
}
