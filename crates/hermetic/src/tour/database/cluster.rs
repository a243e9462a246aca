//! The throw-away cluster: made, started, told of renewed certificates, stopped, and gone.
//!
//! It listens on loopback alone and admits nobody without TLS: `pg_hba.conf` has one line, `hostssl`,
//! and there is no unix socket. It does not sync to disk, since nothing in it outlives it.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use hermetic_tls::PrivateKey;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::folder::Folder;
use super::owner::{NoOwner, Owner};
use super::tie;
use crate::part::protocol::Issued;

/// How long its end may take. It asks its own processes for five seconds before it kills them.
const STOP: Duration = Duration::from_secs(8);

/// How often we look whether it is ready.
const LOOK: Duration = Duration::from_millis(20);

/// Who may come in, and how: over TLS alone, from this host, by password.
const ADMITTED: &str = "hostssl all all 127.0.0.1/32 scram-sha-256\n";

/// What it is to be.
#[derive(Serialize, Deserialize)]
pub struct Plan {
    /// Where PostgreSQL's programs are.
    pub programs: PathBuf,
    /// Where it is made; nothing may be there.
    pub folder: PathBuf,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// Who owns it.
    pub user: String,
    /// That user's password.
    pub password: String,
    /// Its certificate.
    pub certificate: Issued,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("folder", &self.folder).field("port", &self.port).finish_non_exhaustive()
    }
}

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// There is nobody to run it as.
    #[error(transparent)]
    Owner(#[from] NoOwner),
    /// Its port can't be had.
    #[error("127.0.0.1:{port}: {source}; choose other ports with --port-base")]
    Port {
        /// Which one.
        port: u16,
        /// Why not.
        source: io::Error,
    },
    /// A file could not be written, or a program not started.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A program did not do it.
    #[error("{program} ended with {status}: {said}")]
    Ended {
        /// Which one.
        program: &'static str,
        /// With which status.
        status: ExitStatus,
        /// The end of what it said.
        said: String,
    },
}

/// A cluster whose server runs.
#[derive(Debug)]
pub struct Cluster {
    // Dropped first: the folder goes when nobody works in it any more.
    server: Child,
    folder: Folder,
}

impl Cluster {
    /// Makes it and starts its server, which takes a second or so. Dropped on the way, it is killed.
    pub async fn start(plan: &Plan) -> Result<Self, ClusterError> {
        // PostgreSQL says it too, but in the middle of much else, and after a second.
        drop(
            TcpListener::bind((Ipv4Addr::LOCALHOST, plan.port))
                .map_err(|source| ClusterError::Port { port: plan.port, source })?,
        );
        let folder = Folder::make(plan.folder.clone(), Owner::of_cluster()?).map_err(writing)?;
        initialise(plan, &folder).await?;
        show(&folder, &plan.certificate).map_err(writing)?;
        let hba = folder.write("pg_hba.conf", ADMITTED.as_bytes()).map_err(writing)?;
        let settings = [
            format!("port={}", plan.port),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            format!("hba_file={}", hba.display()),
            "ssl=on".to_owned(),
            "ssl_min_protocol_version=TLSv1.2".to_owned(),
            format!("ssl_cert_file={}", folder.path("server.pem").display()),
            format!("ssl_key_file={}", folder.path("server.key").display()),
            "log_line_prefix=".to_owned(),
            "password_encryption=scram-sha-256".to_owned(),
            "fsync=off".to_owned(),
            "full_page_writes=off".to_owned(),
            "synchronous_commit=off".to_owned(),
            "shared_buffers=16MB".to_owned(),
            "max_connections=20".to_owned(),
        ];
        let mut server = program(plan, &folder, "postgres")?;
        server.arg("-D").arg(folder.path("data")).args(settings.iter().flat_map(|setting| ["-c", setting]));
        let server = server.spawn().map_err(|source| ClusterError::System { what: "postgres", source })?;
        let mut cluster = Self { server, folder };
        cluster.ready().await?;
        Ok(cluster)
    }

    /// Waits for the server's end; gives its status.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.server.wait().await
    }

    /// Shows another certificate to whoever connects from now on.
    pub fn renew(&self, certificate: &Issued) -> io::Result<()> {
        show(&self.folder, certificate)?;
        self.signal(Signal::HUP);
        Ok(())
    }

    /// Stops the server at once, without a checkpoint: nothing in it is needed again.
    pub async fn stop(mut self) {
        self.signal(Signal::QUIT);
        if timeout(STOP, self.server.wait()).await.is_err() {
            // Its processes end by themselves when it is gone.
            let _ = self.server.kill().await;
        }
    }

    /// Its server says in its lock file when it takes connections, which is what `pg_ctl` waits for too.
    async fn ready(&mut self) -> Result<(), ClusterError> {
        let lock = self.folder.path("data").join("postmaster.pid");
        loop {
            let content = std::fs::read_to_string(&lock).unwrap_or_default();
            if content.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return Ok(());
            }
            if let Ok(Some(status)) = self.server.try_wait() {
                return Err(ClusterError::Ended { program: "postgres", status, said: said(&self.folder) });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn signal(&self, signal: Signal) {
        // No number: it has ended, and was waited for.
        let id = self.server.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(Err(error)) = id.map(|id| kill_process(id, signal)) {
            tracing::warn!(%error, "the database could not be told");
        }
    }
}

/// Ends what is left of a cluster in `folder` whose watch was killed itself.
pub fn sweep(folder: PathBuf) {
    let Some(folder) = Folder::left(folder) else { return };
    let data = folder.path("data");
    let lock = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let id = lock.lines().next().and_then(|id| id.trim().parse().ok()).and_then(Pid::from_raw);
    // The number may be another process's by now; a server works in its data folder.
    let works_there = |id: &Pid| {
        std::fs::read_link(format!("/proc/{}/cwd", id.as_raw_nonzero())).is_ok_and(|place| place == data)
    };
    if let Some(Err(error)) = id.filter(works_there).map(|id| kill_process(id, Signal::QUIT)) {
        tracing::warn!(%error, "the database could not be stopped");
    }
}

async fn initialise(plan: &Plan, folder: &Folder) -> Result<(), ClusterError> {
    let password = folder.write("password", plan.password.as_bytes()).map_err(writing)?;
    let mut initdb = program(plan, folder, "initdb")?;
    initdb.arg("-D").arg(folder.path("data")).args(["-U", &plan.user, "--auth=scram-sha-256"]);
    initdb.arg("--pwfile").arg(&password).args(["--encoding=UTF8", "--no-locale", "--no-sync"]);
    let status = initdb.status().await.map_err(|source| ClusterError::System { what: "initdb", source })?;
    let _ = std::fs::remove_file(password);
    if status.success() {
        return Ok(());
    }
    Err(ClusterError::Ended { program: "initdb", status, said: said(folder) })
}

/// A program of PostgreSQL's, as the cluster's owner, with nothing of our environment that steers it.
fn program(plan: &Plan, folder: &Folder, name: &'static str) -> Result<Command, ClusterError> {
    let path = plan.programs.join(name);
    let log = folder.write("log", b"").and_then(|log| std::fs::File::options().append(true).open(log));
    let log = log.map_err(writing)?;
    let path = path.canonicalize().unwrap_or(path);
    let mut command = if tie::is_known() { tie::tied(&path) } else { Command::new(path) };
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
    command.current_dir(folder.path("."));
    command.stdin(Stdio::null()).stdout(log.try_clone().map_err(writing)?).stderr(log);
    command.kill_on_drop(true);
    if let Some(Owner { uid, gid }) = folder.owner() {
        command.uid(uid).gid(gid);
    }
    Ok(command)
}

fn show(folder: &Folder, certificate: &Issued) -> io::Result<()> {
    let key = PrivateKey::from_pkcs8(certificate.key.clone()).map_err(io::Error::other)?;
    folder.write("server.pem", certificate.chain.as_bytes())?;
    folder.write("server.key", key.expose_pem().as_bytes())?;
    Ok(())
}

/// The end of what the last program said.
fn said(folder: &Folder) -> String {
    let log = std::fs::read(folder.path("log")).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<_> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let tail = lines.get(lines.len().saturating_sub(3)..).unwrap_or_default();
    if tail.is_empty() { "it said nothing".to_owned() } else { tail.join("; ") }
}

fn writing(source: io::Error) -> ClusterError {
    ClusterError::System { what: "the folder of the cluster", source }
}

#[cfg(test)]
mod tests;
