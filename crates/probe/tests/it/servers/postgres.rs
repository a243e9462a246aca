use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{Server, as_user, free_port, run};
use crate::certificates::Issued;

/// Debian keeps the server's programs out of the path.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// A PostgreSQL cluster of its own.
pub struct Postgres {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Postgres {
    /// With `ssl = on` where there is a certificate, and these further settings.
    pub fn start(issued: Option<&Issued>, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, port) = (folder.path().join("data"), free_port());
        let program = |name: &str| Command::new(PathBuf::from(PROGRAMS).join(name));
        let mut initdb = program("initdb");
        initdb.args(["--no-sync", "--auth=trust", "--pgdata"]).arg(&data).current_dir(folder.path());
        as_user(&mut initdb, "postgres", folder.path());
        run(&mut initdb);
        let mut postgres = program("postgres");
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-p", &port.to_string()]);
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]).current_dir(folder.path());
        if let Some(issued) = issued {
            let (certificate, key) = issued.write(folder.path());
            postgres.args(["-c", "ssl=on", "-c"]).arg(format!("ssl_cert_file={}", certificate.display()));
            postgres.arg("-c").arg(format!("ssl_key_file={}", key.display()));
        }
        for setting in settings {
            postgres.args(["-c", setting]);
        }
        as_user(&mut postgres, "postgres", folder.path());
        let server = Server::start(&mut postgres, folder.path(), port, "-QUIT");
        Self { port, _server: server, _folder: folder }
    }
}
