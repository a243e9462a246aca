//! The way to a PostgreSQL on another host: TLS, and only to the server that it should be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::postgres::{Postgres, free_port};
use super::world::*;
use crate::*;

/// An authority of OpenSSL, with the certificate of a server.
struct Authority(TempDir);

impl Authority {
    fn new() -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        fs::write(authority.path("req.cnf"), "[req]\ndistinguished_name=dn\n[dn]\n").unwrap();
        authority.request("ca", &["-addext", "basicConstraints=critical,CA:true"]);
        authority
    }

    /// The certificate of a server of this name, and its key.
    fn certify(&self, name: &str) -> (PathBuf, PathBuf) {
        let name = format!("subjectAltName=DNS:{name}");
        let [ca, key] = ["ca.pem", "ca.key"].map(|file| self.path(file));
        let by = ["-CA", ca.to_str().unwrap(), "-CAkey", key.to_str().unwrap()];
        let what = ["-addext", &name, "-addext", "basicConstraints=critical,CA:false"];
        self.request("server", &[&by[..], &what, &["-addext", "extendedKeyUsage=serverAuth"]].concat());
        (self.path("server.pem"), self.path("server.key"))
    }

    fn request(&self, file: &str, more: &[&str]) {
        let mut command = Command::new("openssl");
        command
            .current_dir(self.0.path())
            .args(["req", "-config", "req.cnf", "-x509", "-days", "2", "-nodes"]);
        command.args([
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-subj",
            &format!("/CN={file}"),
        ]);
        command.args(["-keyout", &format!("{file}.key"), "-out", &format!("{file}.pem")]);
        let output = command.args(more).output().expect("openssl is needed");
        assert!(output.status.success(), "{output:?}");
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }
}

/// A server with a certificate for this name.
fn server(authority: &Authority, name: &str) -> (Postgres, u16) {
    let port = free_port();
    let (cert, key) = authority.certify(name);
    (Postgres::with_tls(&cert, &key, port), port)
}

fn url(port: u16, roots: &Path) -> PostgresUrl {
    let roots = roots.display();
    let text =
        format!("postgres://hermetic@localhost:{port}/hermetic?sslmode=verify-full&sslrootcert={roots}");
    text.parse().unwrap()
}

async fn open(url: &PostgresUrl, world: &World) -> Result<Store, StoreError> {
    Store::open(StorePlace::of(world.path(), Some(url))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_to_postgres_is_verified_and_encrypted() {
    let (world, authority) = (World::new(), Authority::new());
    let (server, port) = server(&authority, "localhost");
    let store = open(&url(port, &authority.path("ca.pem")), &world).await.unwrap();
    store.create_authorities(vec![super::world::authority("root")]).await.unwrap();
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE application_name = 'hermetic'";
    assert_eq!(server.sql(encrypted), "t");
    // The store knows what its connections agreed on, and with whom.
    let connections = store.connections();
    let [Connection { outcome: ConnectionOutcome::Tls(negotiated), times: 2, .. }] = &connections[..] else {
        panic!("{connections:?}");
    };
    assert_eq!(negotiated.version.to_string(), "TLSv1.3");
    let certificate = negotiated.peer.as_ref().unwrap().leaf();
    let pem = fs::read_to_string(authority.path("server.pem")).unwrap();
    assert_eq!(certificate, hermetic_tls::Chain::from_pem(&pem).unwrap().leaf());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_of_connections_to_a_postgres_that_goes_and_comes_back_is_known() {
    let world = World::in_postgres();
    let mut server = world.server.unwrap();
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(StorePlace::of(data.path(), Some(&server.url()))).await.unwrap();
    let outcomes = |store: &Store| -> Vec<_> {
        store.connections().into_iter().map(|connection| connection.outcome).collect()
    };
    assert_eq!(outcomes(&store), [ConnectionOutcome::Local]);
    server.stop("fast");
    store.append(now(), "test", serde_json::json!({})).await.unwrap_err();
    let after = outcomes(&store);
    assert!(matches!(after.last(), Some(ConnectionOutcome::NotReached(_))), "{after:?}");
    server.run();
    super::postgres::eventually("the store", || {
        let appended = store.append(now(), "test", serde_json::json!({}));
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(appended)).ok()
    });
    assert_eq!(outcomes(&store).last(), Some(&ConnectionOutcome::Local));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_of_another_name_or_of_another_authority_gets_nothing() {
    let (world, authority, stranger) = (World::new(), Authority::new(), Authority::new());
    let (_elsewhere, port) = server(&authority, "db.example.com");
    let refused = open(&url(port, &authority.path("ca.pem")), &world).await.unwrap_err().to_string();
    assert!(refused.contains("localhost"), "{refused}");
    let (_server, port) = server(&authority, "localhost");
    let refused = open(&url(port, &stranger.path("ca.pem")), &world).await.unwrap_err().to_string();
    assert!(refused.contains("issuer") || refused.contains("trust"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_without_tls_is_not_spoken_to() {
    let (world, authority) = (World::new(), Authority::new());
    let port = free_port();
    let _server = Postgres::at_port(&["fsync=off"], port);
    let refused = open(&url(port, &authority.path("ca.pem")), &world).await.unwrap_err().to_string();
    assert!(refused.contains("the server has no TLS"), "{refused}");
}
