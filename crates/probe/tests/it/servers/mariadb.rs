use std::process::Command;

use tempfile::TempDir;

use super::{Server, as_user, free_port, run};
use crate::certificates::Issued;

/// A MariaDB of its own.
pub struct MariaDb {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl MariaDb {
    /// With TLS where there is a certificate, a user who may come from anywhere, and these further options.
    pub fn start(issued: Option<&Issued>, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, port) = (format!("--datadir={}/data", folder.path().display()), free_port());
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal", &data]);
        // Two of these in one folder for temporary files take each other's tables away.
        install.env("TMPDIR", folder.path());
        as_user(&mut install, "mysql", folder.path());
        run(&mut install);
        // A host from which no user may come is turned away before the greeting.
        let init = folder.path().join("init.sql");
        std::fs::write(&init, "CREATE USER app@'%' IDENTIFIED BY 'secret';\n").unwrap();
        let mut mariadbd = Command::new("/usr/sbin/mariadbd");
        mariadbd.args(["--no-defaults", "--bind-address=127.0.0.1", &data]).arg(format!("--port={port}"));
        for (option, file) in
            [("--socket", "socket"), ("--pid-file", "pid"), ("--tmpdir", ""), ("--init-file", "init.sql")]
        {
            mariadbd.arg(format!("{option}={}/{file}", folder.path().display()));
        }
        if let Some(issued) = issued {
            let (certificate, key) = issued.write(folder.path());
            mariadbd.arg(format!("--ssl-cert={}", certificate.display()));
            mariadbd.arg(format!("--ssl-key={}", key.display()));
        }
        mariadbd.args(options);
        as_user(&mut mariadbd, "mysql", folder.path());
        let server = Server::start(&mut mariadbd, folder.path(), port, "-KILL");
        Self { port, _server: server, _folder: folder }
    }
}
