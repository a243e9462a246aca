//! The PostgreSQL database of a fleet.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hermetic_hop::{Checked, PartyName, Transport};
use hermetic_store::{PostgresRoots, PostgresTransport};
use tempfile::TempDir;

use super::{Noon, told_of, valid};
use crate::{Configuration, ConfigurationError, parse};

fn parsed(folder: &Path, text: &str) -> Result<Configuration, ConfigurationError> {
    parse(text, &folder.join("hermetic.toml"), &Noon)
}

/// What is told of this URL, the folder's path left out.
fn told(folder: &Path, url: &str) -> Vec<String> {
    let Err(ConfigurationError::Invalid { problems, .. }) = parsed(folder, &format!("store = \"{url}\""))
    else {
        return Vec::new();
    };
    let prefix = format!("{}/", folder.display());
    problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

fn write(folder: &TempDir, name: &str, text: &str, mode: u32) {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn without_a_url_the_store_is_in_the_data_folder() {
    assert_eq!(valid("").store, None);
}

#[test]
fn the_server_of_another_host_is_verified_without_a_word_about_it() {
    let store = valid("store = \"postgres://hermetic@db.internal/hermetic\"").store.unwrap();
    let system = PostgresTransport::VerifyFull { roots: PostgresRoots::System, client: None };
    assert_eq!(store.transport(), &system);
}

#[test]
fn a_weaker_way_to_another_host_is_told_with_the_remedy() {
    assert_eq!(
        told_of("store = \"postgres://hermetic@db.internal/hermetic?sslmode=require\""),
        ["1:9: `sslmode=require` is not accepted, as it would not show who answers; \
          write `sslmode=verify-full`, or to this host alone `sslmode=disable`"]
    );
    assert_eq!(
        told_of("store = \"postgres://hermetic@10.0.0.5/hermetic?sslmode=disable\""),
        ["1:9: without TLS all that is stored could be read on its way to `10.0.0.5`; \
          write `sslmode=verify-full`"]
    );
}

#[test]
fn a_password_in_the_url_is_refused_and_not_repeated() {
    assert_eq!(
        told_of("store = \"postgres://hermetic:hunter2@db.internal/hermetic\""),
        ["1:9: a password has no place in a URL; \
          write a line `host:port:database:user:password` into a file, and name that with `?passfile=…`"]
    );
}

#[test]
fn files_of_the_url_are_looked_for_where_the_configuration_is() {
    let folder = TempDir::new().unwrap();
    let url = "postgres://hermetic@db.internal/hermetic?sslrootcert=ca.pem&passfile=pgpass";
    assert_eq!(
        told(folder.path(), url),
        [
            "1:9: ca.pem can't be read: No such file or directory (os error 2); \
             name a PEM file with the root certificates of the server's authority",
            "1:9: pgpass can't be read: No such file or directory (os error 2); \
             name a file that this user may read",
        ]
    );
    write(&folder, "ca.pem", "no certificate", 0o644);
    write(&folder, "pgpass", "db.internal:5432:hermetic:hermetic:secret\n", 0o644);
    assert_eq!(
        told(folder.path(), url),
        [
            "1:9: ca.pem: no certificate in it; expected a PEM block `BEGIN CERTIFICATE`; \
             name a PEM file with the root certificates of the server's authority",
            "1:9: pgpass can be read by everybody on this host; run: chmod 600 pgpass",
        ]
    );
    write(&folder, "ca.pem", &certificate("ca").0, 0o644);
    write(&folder, "pgpass", "db.internal:5432:hermetic:hermetic:secret\n", 0o600);
    let store = parsed(folder.path(), &format!("store = \"{url}\"")).unwrap().store.unwrap();
    let roots = PostgresRoots::File(folder.path().join("ca.pem"));
    assert_eq!(store.transport(), &PostgresTransport::VerifyFull { roots, client: None });
    assert_eq!(store.passfile(), Some(folder.path().join("pgpass").as_path()));
}

#[test]
fn a_file_of_passwords_has_one_for_this_server() {
    let folder = TempDir::new().unwrap();
    write(&folder, "pgpass", "db.internal:5432:other:hermetic:secret\n", 0o600);
    assert_eq!(
        told(folder.path(), "postgres://hermetic@db.internal/hermetic?passfile=pgpass"),
        ["1:9: pgpass has no line for this server; \
          add `db.internal:5432:hermetic:hermetic:` and the password"]
    );
}

#[test]
fn the_certificate_for_the_server_has_its_own_key() {
    let folder = TempDir::new().unwrap();
    let url = "postgres://hermetic@db.internal/hermetic?sslcert=our.pem&sslkey=our.key";
    let ((cert, key), (_, other)) = (certificate("hermetic"), certificate("hermetic"));
    write(&folder, "our.pem", &cert, 0o644);
    write(&folder, "our.key", &other, 0o600);
    assert_eq!(
        told(folder.path(), url),
        ["1:9: the key in our.key does not belong to the certificate in our.pem; \
          name the key that the certificate was issued for"]
    );
    write(&folder, "our.key", &key, 0o600);
    assert!(told(folder.path(), url).is_empty());
}

#[test]
fn the_way_to_the_store_is_a_hop() {
    let transport = |url: &str| {
        let hops = valid(&format!("store = \"{url}\"")).hops();
        let [hop] = hops.as_slice() else { panic!("{hops:?}") };
        assert_eq!((&hop.name.from, &hop.name.to), (&PartyName::hermetic(), &PartyName::store()));
        hop.transport.clone().unwrap()
    };
    assert_eq!(transport("postgres://hermetic@localhost/hermetic"), Transport::Cleartext { local: true });
    let Transport::Tls(facts) = transport("postgres://hermetic@db.internal/hermetic") else { panic!() };
    assert_eq!((facts.server_checked, facts.client_checked), (Checked::Verified, Checked::NotAsked));
}

/// A certificate and its key, in PEM.
fn certificate(name: &str) -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}
