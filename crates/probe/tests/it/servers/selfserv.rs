use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port, run};
use crate::certificates::{Authority, Issued};

/// The server of NSS, which staples OCSP responses that it makes itself.
pub struct SelfServ {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl SelfServ {
    /// With a staple of this mode: `good`, `failure`, `badsig`, `corrupted` and others.
    pub fn stapling(mode: &str, authority: &Authority, issued: &Issued) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (path, port) = (folder.path(), free_port());
        let database = format!("sql:{}", path.display());
        run(Command::new("certutil").args(["-N", "--empty-password", "-d", &database]));
        import(path, &database, "leaf", &issued.certificate, &issued.key);
        import(path, &database, "ca", &authority.pem, &authority.key);
        let mut command = Command::new("selfserv");
        command.args(["-d", &database, "-n", "leaf", "-p", &port.to_string(), "-V", "tls1.2:tls1.3"]);
        command.args(["-T", mode, "-A", "ca"]);
        let server = Server::start(&mut command, path, port, "-TERM");
        Self { port, _server: server, _folder: folder }
    }
}

fn import(folder: &Path, database: &str, name: &str, certificate: &str, key: &str) {
    let path = |end: &str| folder.join(format!("{name}.{end}"));
    std::fs::write(path("pem"), certificate).unwrap();
    std::fs::write(path("key"), key).unwrap();
    let mut export = Command::new("openssl");
    export.args(["pkcs12", "-export", "-name", name, "-passout", "pass:"]);
    run(export.arg("-in").arg(path("pem")).arg("-inkey").arg(path("key")).arg("-out").arg(path("p12")));
    run(Command::new("pk12util").arg("-i").arg(path("p12")).args(["-d", database, "-W", ""]));
}
