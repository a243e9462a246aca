//! PostgreSQL as it comes from Debian.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::{Hermetic, Ports, eventually};

/// A server that is not the tour's own: TLS for everybody, no password; killed when dropped.
#[derive(Debug)]
pub struct Postgres {
    server: Child,
    ports: Ports,
    _folder: tempfile::TempDir,
}

impl Postgres {
    /// Starts it with a certificate for `localhost`, issued by an instance's authority.
    pub fn start(issuer: &Hermetic) -> Self {
        let issued = issuer.hermetic(&["cert", "issue", "--name", "localhost", "--usage", "server"]);
        assert!(issued.status.success(), "{issued:?}");
        let (folder, ports) = (super::folder(), Ports::reserve());
        let data = folder.path().join("data");
        own(folder.path());
        let made = program("initdb").arg("-D").arg(&data).args(["-U", "web", "--auth=trust", "-N"]).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{made:?}");
        for (from, to) in [("localhost.pem", "server.crt"), ("localhost-key.pem", "server.key")] {
            std::fs::copy(issuer.folder.path().join(from), data.join(to)).unwrap();
            std::fs::set_permissions(data.join(to), std::os::unix::fs::PermissionsExt::from_mode(0o600))
                .unwrap();
            own(&data.join(to));
        }
        std::fs::write(data.join("pg_hba.conf"), "hostssl all all localhost trust\n").unwrap();
        let port = ports.nth(0).to_string();
        let mut server = program("postgres");
        server.arg("-D").arg(&data).args([
            "-p",
            &port,
            "-c",
            "ssl=on",
            "-c",
            "fsync=off",
            "-c",
            "unix_socket_directories=",
        ]);
        let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("PostgreSQL", || {
            std::fs::read_to_string(data.join("postmaster.pid")).ok()?.contains("ready").then_some(())
        });
        Self { server, ports, _folder: folder }
    }

    /// Its URL, with the roots that vouch for it.
    pub fn url(&self, roots: &Path) -> String {
        format!("postgres://web@localhost:{}/postgres?sslrootcert={}", self.ports.nth(0), roots.display())
    }

    /// What a statement gives.
    pub fn ask(&self, roots: &Path, statement: &str) -> String {
        let place = format!("host=localhost user=web dbname=postgres port={}", self.ports.nth(0));
        let output = psql(&format!("{place} sslmode=verify-full sslrootcert={}", roots.display()), statement);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its processes end by themselves when it is gone.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Runs a statement; never asks for a password.
pub fn psql(connection: &str, statement: &str) -> Output {
    let output = Command::new("psql").args(["-w", "-At", "-d", connection, "-c", statement]).output();
    output.expect("psql is needed; `cargo xtask test` installs it")
}

/// A program of the newest server that is installed, as somebody whom it runs as.
fn program(name: &str) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path: Option<PathBuf> =
        versions.map(|version| version.path().join("bin").join(name)).find(|path| path.exists());
    let path = path.expect("PostgreSQL is needed; `cargo xtask test` installs it");
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path).current_dir("/");
    command
}

fn own(path: &Path) {
    if is_root() {
        let status = Command::new("chown").arg("postgres:").arg(path).status().unwrap();
        assert!(status.success());
    }
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}
