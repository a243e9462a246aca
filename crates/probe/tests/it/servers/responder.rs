use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port};
use crate::certificates::Authority;

/// OpenSSL's OCSP responder.
pub struct Responder {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Responder {
    /// That knows certificates by these serial numbers, in hexadecimal digits, and whether they are revoked.
    pub fn start(authority: &Authority, known: &[(&str, bool)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (path, port) = (|name: &str| folder.path().join(name), free_port());
        std::fs::write(path("ca.pem"), &authority.pem).unwrap();
        std::fs::write(path("ca.key"), &authority.key).unwrap();
        let line = |(serial, revoked): &(&str, bool)| {
            let state = if *revoked { "R\t350101000000Z\t260101000000Z" } else { "V\t350101000000Z\t" };
            format!("{state}\t{serial}\tunknown\t/CN={serial}\n")
        };
        std::fs::write(path("index"), known.iter().map(line).collect::<String>()).unwrap();
        let mut command = Command::new("openssl");
        command.args(["ocsp", "-port", &port.to_string(), "-nmin", "60"]);
        for (option, name) in
            [("-index", "index"), ("-CA", "ca.pem"), ("-rsigner", "ca.pem"), ("-rkey", "ca.key")]
        {
            command.arg(option).arg(path(name));
        }
        // A connection that says nothing would keep it from all others.
        let serves = |said: &str| said.contains("waiting for OCSP client connections");
        let server = Server::start_until(&mut command, folder.path(), "-TERM", serves);
        Self { port, _server: server, _folder: folder }
    }
}
