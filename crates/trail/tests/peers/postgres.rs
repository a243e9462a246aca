//! PostgreSQL, with sessions that real clients have open.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hermetic_hop::{Declared, HopName, Verdict, View, assess_hop};
use hermetic_tls::{
    ClientHandshake, ClientSettings, Expected, RevokedCertificates, SecurityPolicy, SystemClock, TrustAnchors,
};
use hermetic_trail::{LoggedConnections, LoggedTransport, PgError, PgServer, PgSession, pg_stat_ssl};
use jiff::Timestamp;

use crate::harness::{Ports, certificates, eventually};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A real PostgreSQL 15 in a folder of its own, where both TLS and cleartext are let in.
struct Postgres {
    folder: tempfile::TempDir,
    ports: Ports,
    child: Child,
}

impl Postgres {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        certificates(here);
        let data = here.join("data");
        let own = |path: &Path| {
            assert!(Command::new("chown").args(["-R", "postgres"]).arg(path).status().unwrap().success());
        };
        // PostgreSQL refuses to be root, and a key that others may read.
        std::fs::set_permissions(here.join("server.key"), PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::set_permissions(here, PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::write(here.join("password"), "correct horse").unwrap();
        own(here);
        let made = as_postgres("initdb")
            .args(["--username", "admin", "--auth", "scram-sha-256", "--no-sync", "--pwfile"])
            .arg(here.join("password"))
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .expect("runuser is needed");
        assert!(made.success(), "postgresql-15 is needed; `cargo xtask test` installs it");
        let ports = Ports::reserve();
        let child = as_postgres("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-c", "ssl=on", "-c", "fsync=off", "-c", "unix_socket_directories="])
            .args(["-c", &format!("port={}", ports.tls()), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", &format!("ssl_cert_file={}", here.join("server.pem").display())])
            .args(["-c", &format!("ssl_key_file={}", here.join("server.key").display())])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { folder, ports, child };
        eventually("PostgreSQL", || TcpStream::connect(("127.0.0.1", server.ports.tls())).ok());
        eventually("PostgreSQL to be ready", || {
            server.psql("prefer", "SELECT 1").status().unwrap().success().then_some(())
        });
        server
    }

    /// Who we are to it, over a verified TLS connection.
    fn as_user(&self, user: &str) -> PgServer {
        let trust = std::fs::read_to_string(self.folder.path().join("ca.pem")).unwrap();
        let settings = ClientSettings {
            policy: SecurityPolicy::default_policy(),
            trust: TrustAnchors::from_pem(&trust).unwrap(),
            expected: Expected("localhost".parse().unwrap()),
            pins: Vec::new(),
            revoked: RevokedCertificates::default(),
            identity: None,
            alpn: Vec::new(),
        };
        PgServer {
            host: "127.0.0.1".to_owned(),
            port: self.ports.tls(),
            database: "postgres".to_owned(),
            user: user.to_owned(),
            password: "correct horse".to_owned(),
            tls: Some(ClientHandshake::new(settings, Arc::new(SystemClock)).unwrap()),
            deadline: Duration::from_secs(20),
        }
    }

    fn psql(&self, sslmode: &str, command: &str) -> Command {
        let mut psql = Command::new(Path::new(BIN).join("psql"));
        psql.arg(format!(
            "host=127.0.0.1 port={} user=admin password='correct horse' dbname=postgres sslmode={sslmode}",
            self.ports.tls()
        ));
        psql.args(["--no-psqlrc", "--quiet", "--command", command])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        psql
    }

    /// A client whose session stays open until this is dropped.
    fn session(&self, sslmode: &str, environment: &[(&str, &str)]) -> Session {
        Session(self.psql(sslmode, "SELECT pg_sleep(600)").envs(environment.iter().copied()).spawn().unwrap())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let _ = as_postgres("pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(data)
            .stdout(Stdio::null())
            .status();
        let _ = self.child.wait();
    }
}

struct Session(Child);

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn as_postgres(program: &str) -> Command {
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(Path::new(BIN).join(program)).current_dir("/");
    command
}

fn ask(server: &PgServer) -> Result<Vec<PgSession>, PgError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(pg_stat_ssl(server))
}

fn sessions(server: &PgServer, count: usize) -> Vec<PgSession> {
    eventually("the sessions", || Some(ask(server).unwrap()).filter(|sessions| sessions.len() == count))
}

#[test]
fn sessions_with_and_without_tls_are_told_apart() {
    let postgres = Postgres::start();
    let _sealed = postgres.session("require", &[]);
    let _old = postgres.session("require", &[("PGSSLMAXPROTOCOLVERSION", "TLSv1.2")]);
    let _clear = postgres.session("disable", &[]);
    let sessions = sessions(&postgres.as_user("admin"), 3);
    assert!(sessions.iter().all(|session| session.user.as_deref() == Some("admin")));
    assert!(sessions.iter().all(|session| session.address == Some("127.0.0.1".parse().unwrap())));
    let cleartext = LoggedTransport::Cleartext { local: true };
    assert_eq!(sessions.iter().filter(|session| session.transport == cleartext).count(), 1);

    let now = Timestamp::now();
    let logged = LoggedConnections::of_sessions(&sessions, now);
    assert_eq!((logged.connections, logged.cleartext), (3, 1));
    assert_eq!((logged.versions.get("TLSv1.3"), logged.versions.get("TLSv1.2")), (Some(&1), Some(&1)));
    let (policy, hop) =
        (SecurityPolicy::default_policy(), HopName::new("app".parse().unwrap(), "db".parse().unwrap()));
    let observation = logged.observation(hop.clone(), View::Server, policy, now);
    let report =
        assess_hop(&Declared { name: hop, demand: None, policy, transport: None }, [&observation], now);
    assert_eq!(report.verdict, Verdict::Local);
    assert!(report.reason.ends_with("; 1 of 3 connections open at that time"), "{}", report.reason);
}

#[test]
fn a_user_that_may_not_see_the_sessions_of_others_is_told_so_and_not_shown_none() {
    let postgres = Postgres::start();
    let made = postgres.psql("require", "CREATE ROLE nosy LOGIN PASSWORD 'correct horse'").status().unwrap();
    assert!(made.success());
    let error = ask(&postgres.as_user("nosy")).unwrap_err();
    assert!(matches!(error, PgError::Permission { .. }), "{error}");
    assert!(postgres.psql("require", "GRANT pg_monitor TO nosy").status().unwrap().success());
    let _clear = postgres.session("disable", &[]);
    assert_eq!(sessions(&postgres.as_user("nosy"), 1).len(), 1);
}

#[test]
fn a_password_is_given_to_nobody_that_was_not_verified() {
    let postgres = Postgres::start();
    let other = tempfile::tempdir().unwrap();
    certificates(other.path());
    let mut server = postgres.as_user("admin");
    std::fs::copy(other.path().join("ca.pem"), postgres.folder.path().join("ca.pem")).unwrap();
    server.tls = postgres.as_user("admin").tls;
    let error = ask(&server).unwrap_err();
    assert!(matches!(error, PgError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
    assert!(!format!("{server:?}").contains("horse"));
    // On this host it may go in clear.
    server.tls = None;
    assert_eq!(ask(&server).unwrap(), []);
    server.password = "wrong".to_owned();
    let error = ask(&server).unwrap_err().to_string();
    assert!(error.contains("password authentication failed"), "{error}");
}

#[test]
fn a_server_that_does_not_answer_has_a_deadline() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = PgServer {
        host: "127.0.0.1".to_owned(),
        port: silent.local_addr().unwrap().port(),
        database: "postgres".to_owned(),
        user: "admin".to_owned(),
        password: "correct horse".to_owned(),
        tls: None,
        deadline: Duration::from_millis(200),
    };
    assert!(matches!(ask(&server), Err(PgError::Deadline { .. })));
}
