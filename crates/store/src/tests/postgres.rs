//! PostgreSQL 15, as Debian has it, for one scenario.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// Long enough for a busy machine; a scenario that works never waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Tries again until there is something.
pub(super) fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(done) = attempt() {
            return done;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A server at a unix socket, in a folder of its own.
#[derive(Debug)]
pub(super) struct Postgres {
    folder: TempDir,
    settings: Vec<String>,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// One that waits for the disk as little as it can: what is shown with it is not about that.
    pub(super) fn start() -> Self {
        Self::with(&["fsync=off"])
    }

    /// One with these settings.
    pub(super) fn with(settings: &[&str]) -> Self {
        Self::at_port(settings, 5432)
    }

    /// One that can be reached at this port of the loopback, too.
    pub(super) fn at_port(settings: &[&str], port: u16) -> Self {
        let mut server = Self::prepared(settings, port);
        server.run();
        server
    }

    /// One that speaks TLS there, with this certificate and key.
    pub(super) fn with_tls(cert: &Path, key: &Path, port: u16) -> Self {
        let mut server = Self::prepared(&["fsync=off", "ssl=on"], port);
        for (file, from) in [("server.crt", cert), ("server.key", key)] {
            let file = server.data().join(file);
            fs::copy(from, &file).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            own(&file, "600");
        }
        server.run();
        server
    }

    fn prepared(settings: &[&str], port: u16) -> Self {
        let folder = tempfile::tempdir_in(room()).unwrap();
        let template = template();
        run(Command::new("cp").args(["-a", "--reflink=auto"]).arg(&template).arg(folder.path().join("data")));
        own(folder.path(), "755");
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Self { folder, settings, port, child: None }
    }

    /// Starts it, or starts it again.
    pub(super) fn run(&mut self) {
        let mut command = as_owner("postgres");
        let listen = if self.port == 5432 { "" } else { "127.0.0.1" };
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        command.args(["-c", &format!("listen_addresses={listen}")]);
        command.args(["-c", &format!("unix_socket_directories={}", self.folder.path().display())]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let log = File::create(self.folder.path().join("log")).unwrap();
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        eventually("PostgreSQL", || self.try_sql("SELECT 1").ok());
    }

    /// Stops it: `fast` as an administrator does, `immediate` as a crash does.
    pub(super) fn stop(&mut self, mode: &str) {
        let mut command = as_owner("pg_ctl");
        command.args(["stop", "-m", mode, "-D"]).arg(self.data()).stdout(Stdio::null());
        run(&mut command);
        let mut child = self.child.take().unwrap();
        child.wait().unwrap();
    }

    /// The URL of its database.
    pub(super) fn url(&self) -> super::PostgresUrl {
        let folder = self.folder.path().to_str().unwrap();
        format!("postgres://hermetic@:{}/hermetic?host={folder}", self.port).parse().unwrap()
    }

    /// Runs statements as the superuser; gives what they print.
    pub(super) fn sql(&self, sql: &str) -> String {
        self.try_sql(sql).unwrap()
    }

    /// Runs statements that end with an error.
    pub(super) fn fails(&self, sql: &str) {
        self.try_sql(sql).unwrap_err();
    }

    /// Writes a dump of the database, as an administrator does.
    pub(super) fn dump(&self, file: &Path) {
        let mut command = self.client("pg_dump");
        run(command.args(["--format=custom", "--dbname", "hermetic", "--file"]).arg(file));
    }

    /// Puts a dump in the place of what is there.
    pub(super) fn restore(&self, file: &Path) {
        let mut command = self.client("pg_restore");
        run(command.args(["--clean", "--if-exists", "--dbname", "hermetic"]).arg(file));
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(Path::new(BIN).join(program));
        command.arg("--host").arg(self.folder.path()).args(["--port", &self.port.to_string()]);
        command.args(["--username", "admin"]);
        command
    }

    fn try_sql(&self, sql: &str) -> Result<String, String> {
        let mut command = self.client("psql");
        command.args([
            "--dbname",
            "hermetic",
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set",
            "ON_ERROR_STOP=1",
        ]);
        let output = command.args(["--command", sql]).output().expect("psql is needed");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let mut stop = as_owner("pg_ctl");
            stop.args(["stop", "-m", "immediate", "-D"]).arg(self.data());
            let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
            let _ = child.wait();
        }
    }
}

/// Where a cluster has room: in memory, for a disk that others are busy with makes scenarios slow.
fn room() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

/// A cluster to copy, made once on a machine: that takes longer than many a scenario.
fn template() -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    let folder = room().join(format!("hermetic-test-postgres-15-{user}"));
    fs::create_dir_all(&folder).unwrap();
    let (lock, template) = (File::create(folder.join("lock")).unwrap(), folder.join("template"));
    lock.lock().unwrap();
    if !template.exists() {
        let making = folder.join("making");
        let _ = fs::remove_dir_all(&making);
        fs::create_dir(&making).unwrap();
        own(&folder, "755");
        let mut command = as_owner("initdb");
        command.args([
            "--username",
            "admin",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--wal-segsize",
            "1",
        ]);
        run(command.arg("--no-sync").arg(&making).stdout(Stdio::null()));
        let mut single = as_owner("postgres");
        single.args(["--single", "-D"]).arg(&making).arg("postgres");
        let mut single = single.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let made = b"CREATE ROLE hermetic LOGIN\nCREATE DATABASE hermetic OWNER hermetic\n";
        std::io::Write::write_all(&mut single.stdin.take().unwrap(), made).unwrap();
        assert!(single.wait().unwrap().success());
        fs::rename(making, &template).unwrap();
    }
    template
}

/// A port of the loopback that nobody has now.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// PostgreSQL refuses to be root.
fn as_owner(program: &str) -> Command {
    let program = Path::new(BIN).join(program);
    if !rustix::process::getuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}

/// Gives a file or folder to whoever a server runs as.
pub(super) fn own(path: &Path, mode: &str) {
    if rustix::process::getuid().is_root() {
        run(Command::new("chown").args(["-R", "postgres"]).arg(path));
        run(Command::new("chmod").arg(mode).arg(path));
    }
}

fn run(command: &mut Command) {
    let status = command.status().expect("postgresql-15 is needed; `cargo xtask test` installs it");
    assert!(status.success(), "{command:?}: {status}");
}
