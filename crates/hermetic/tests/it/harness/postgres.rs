//! PostgreSQL as it comes from Debian.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::{Hermetic, Ports, eventually};

/// A server that is not the tour's own; killed when dropped.
#[derive(Debug)]
pub struct Postgres {
    server: Child,
    /// Where its programs are; `None`: Debian's.
    programs: Option<PathBuf>,
    tls: &'static str,
    ports: Ports,
    folder: tempfile::TempDir,
}

/// How a server is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'s> {
    /// Where its programs are; `None`: Debian's.
    pub programs: Option<&'s Path>,
    /// Its certificate and key; `None`: it has no TLS.
    pub certificate: Option<(&'s Path, &'s Path)>,
    /// The lines of `pg_hba.conf`.
    pub hba: &'s str,
    /// What is done before it starts, a statement a line.
    pub sql: &'s str,
}

impl Postgres {
    /// One with TLS for everybody and no password, and a certificate for `localhost`, issued by an
    /// instance's authority.
    pub fn start(issuer: &Hermetic) -> Self {
        Self::admitting(issuer, "hostssl")
    }

    /// One that lets everybody in, over TLS or not.
    pub fn start_admitting_cleartext(issuer: &Hermetic) -> Self {
        Self::admitting(issuer, "host")
    }

    fn admitting(issuer: &Hermetic, whom: &str) -> Self {
        let issued = issuer.hermetic(&["cert", "issue", "--name", "localhost", "--usage", "server"]);
        assert!(issued.status.success(), "{issued:?}");
        let file = |name: &str| issuer.folder.path().join(name);
        let (cert, key) = (file("localhost.pem"), file("localhost-key.pem"));
        Self::set_up(Setup {
            programs: None,
            certificate: Some((&cert, &key)),
            hba: &format!("{whom} all all localhost trust"),
            sql: "",
        })
    }

    /// Starts it; its superuser is `web`, who is trusted on its unix socket.
    pub fn set_up(setup: Setup<'_>) -> Self {
        let (folder, ports) = (super::folder(), Ports::reserve());
        let data = folder.path().join("data");
        own(folder.path());
        let program = |name: &str| program(setup.programs, name);
        let made = program("initdb").arg("-D").arg(&data).args(["-U", "web", "--auth=trust", "-N"]).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{made:?}");
        let mut tls = "off";
        if let Some((cert, key)) = setup.certificate {
            tls = "on";
            for (from, to) in [(cert, "server.crt"), (key, "server.key")] {
                std::fs::copy(from, data.join(to)).unwrap();
                std::fs::set_permissions(data.join(to), std::os::unix::fs::PermissionsExt::from_mode(0o600))
                    .unwrap();
                own(&data.join(to));
            }
        }
        run_alone(program("postgres").arg("--single").arg("-D").arg(&data).arg("postgres"), setup.sql);
        std::fs::write(data.join("pg_hba.conf"), format!("local all web trust\n{}\n", setup.hba)).unwrap();
        let programs = setup.programs.map(Path::to_owned);
        let server = run(programs.as_deref(), folder.path(), ports.nth(0), tls);
        Self { server, programs, tls, ports, folder }
    }

    /// Stops it as a crash does.
    pub fn stop(&mut self) {
        let pid = self.server.id().to_string();
        assert!(Command::new("kill").args(["-QUIT", &pid]).status().unwrap().success());
        self.server.wait().unwrap();
    }

    /// Starts it after that.
    pub fn start_again(&mut self) {
        self.server = run(self.programs.as_deref(), self.folder.path(), self.port(), self.tls);
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.ports.nth(0)
    }

    /// What a statement of the superuser gives, asked on the unix socket.
    pub fn query(&self, statement: &str) -> String {
        let place =
            format!("host={} user=web dbname=postgres port={}", self.folder.path().display(), self.port());
        let output = psql(&place, statement);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A line of a list of users: what it keeps of this user's password.
    pub fn listed(&self, user: &str) -> String {
        let secret = self.query(&format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{user}'"));
        format!("\"{user}\" \"{secret}\"\n")
    }

    /// A client whose session is open until this is dropped.
    pub fn session(&self, sslmode: &str) -> Session {
        let place = format!("host=localhost user=web dbname=postgres port={}", self.port());
        let mut client = Command::new("psql")
            .args(["-w", "-At", "-d", &format!("{place} sslmode={sslmode}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql is needed; `cargo xtask test` installs it");
        // Once it is answered, its session stands.
        client.stdin.as_mut().unwrap().write_all(b"select 'open';\n").unwrap();
        let mut line = String::new();
        BufReader::new(client.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "open");
        Session(client)
    }

    /// Its URL, with the roots that vouch for it.
    pub fn url(&self, roots: &Path) -> String {
        format!("postgres://web@localhost:{}/postgres?sslrootcert={}", self.port(), roots.display())
    }

    /// Its URL at its unix socket.
    pub fn socket_url(&self) -> String {
        format!("postgres://web@:{}/postgres?host={}", self.port(), self.folder.path().display())
    }

    /// What a statement gives.
    pub fn ask(&self, roots: &Path, statement: &str) -> String {
        let place = format!("host=localhost user=web dbname=postgres port={}", self.port());
        let output = psql(&format!("{place} sslmode=verify-full sslrootcert={}", roots.display()), statement);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// A client of a [`Postgres`]; killed when dropped.
#[derive(Debug)]
pub struct Session(Child);

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
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

/// Runs a server, and waits until it is ready.
fn run(programs: Option<&Path>, folder: &Path, port: u16, tls: &str) -> Child {
    let data = folder.join("data");
    let mut server = program(programs, "postgres");
    server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "fsync=off"]);
    server.args(["-c", &format!("ssl={tls}"), "-c", "log_connections=on"]);
    server.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let server = server.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    eventually("PostgreSQL", || {
        std::fs::read_to_string(data.join("postmaster.pid")).ok()?.contains("ready").then_some(())
    });
    server
}

/// Runs statements with the server to themselves.
fn run_alone(command: &mut Command, sql: &str) {
    use std::io::Write;
    if sql.is_empty() {
        return;
    }
    let mut alone =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    alone.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let output = alone.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("ERROR"), "{said}");
}

/// A program of a server, the newest that Debian has installed where none is named, as somebody whom it
/// runs as.
fn program(programs: Option<&Path>, name: &str) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path: Option<PathBuf> =
        versions.map(|version| version.path().join("bin").join(name)).find(|path| path.exists());
    let path = programs.map(|programs| programs.join(name)).or(path);
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
