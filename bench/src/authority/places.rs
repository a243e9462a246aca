//! Where certificates are kept while it is measured: on the disk, as in earnest.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hermetic_store::{PostgresUrl, StorePlace};
use tempfile::TempDir;

use crate::failure::Failure;

/// How long PostgreSQL may take until it answers.
const START: Duration = Duration::from_secs(60);

/// An empty folder on the disk.
pub fn folder() -> Result<TempDir, Failure> {
    tempfile::tempdir().map_err(|source| Failure::File { path: std::env::temp_dir(), source })
}

/// A PostgreSQL server with a new cluster, as Debian's is by default.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    cluster: TempDir,
    data: TempDir,
    /// What it calls itself.
    pub name: String,
}

impl Postgres {
    /// Makes the cluster and starts the server, at a unix socket.
    pub fn start() -> Result<Self, Failure> {
        let (cluster, data) = (folder()?, folder()?);
        let programs = programs()?;
        let path = cluster.path().join("cluster");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(cluster.path()))?;
        }
        let mut initdb = as_its_owner(&programs.join("initdb"));
        initdb.args(["--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C"]);
        run(initdb.arg(&path))?;
        let mut server = as_its_owner(&programs.join("postgres"));
        server.arg("-D").arg(&path).args(["-c", "listen_addresses=", "-c"]);
        server.arg(format!("unix_socket_directories={}", cluster.path().display()));
        server.stdout(Stdio::null()).stderr(Stdio::null());
        let child =
            server.spawn().map_err(|source| Failure::Start { program: programs.join("postgres"), source })?;
        let mut postgres = Self { child, cluster, data, name: String::new() };
        let until = Instant::now() + START;
        while postgres.ask("SELECT 1").is_err() {
            if Instant::now() > until {
                return Err(Failure::Setup(format!(
                    "PostgreSQL does not answer within {} s",
                    START.as_secs()
                )));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let version = postgres.ask("SHOW server_version")?;
        postgres.name = format!("PostgreSQL {}", version.split_whitespace().next().unwrap_or_default());
        postgres.ask("CREATE DATABASE hermetic")?;
        Ok(postgres)
    }

    /// The store in it.
    pub fn place(&self) -> StorePlace {
        let text = format!("postgres://postgres@/hermetic?host={}", self.cluster.path().display());
        let url: Option<PostgresUrl> = text.parse().ok();
        StorePlace::of(self.data.path(), url.as_ref())
    }

    fn ask(&self, statement: &str) -> Result<String, Failure> {
        let mut psql = Command::new("psql");
        psql.arg("--host").arg(self.cluster.path()).args(["--username", "postgres", "--no-align"]);
        psql.args(["--tuples-only", "--quiet", "--command", statement]).stderr(Stdio::null());
        let output = psql.output().map_err(|source| Failure::Start { program: "psql".into(), source })?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            false => Err(Failure::Setup(format!("PostgreSQL refuses `{statement}`"))),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let path = self.cluster.path().join("cluster");
        if let Ok(programs) = programs() {
            let mut stop = as_its_owner(&programs.join("pg_ctl"));
            let _ = stop.args(["stop", "-m", "immediate", "-D"]).arg(path).stdout(Stdio::null()).status();
        }
        let _ = self.child.wait();
    }
}

/// Debian keeps the programs of each version apart.
fn programs() -> Result<PathBuf, Failure> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin")).find(|bin| bin.join("postgres").exists());
    found.ok_or_else(|| {
        Failure::Setup("PostgreSQL is not installed; `cargo xtask bench` installs it".to_owned())
    })
}

/// It refuses to be root.
fn as_its_owner(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"])
        .arg(program)
        .current_dir("/");
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let program = PathBuf::from(command.get_program());
    let output = command.output().map_err(|source| Failure::Start { program, source })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::Setup(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
