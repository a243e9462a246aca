use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port};
use crate::certificates::Issued;

/// A NATS server of its own.
pub struct Nats {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Nats {
    /// With TLS behind its `INFO` where there is a certificate.
    pub fn start(issued: Option<&Issued>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut nats = Command::new("nats-server");
        nats.args(["-a", "127.0.0.1", "-p", &port.to_string()]);
        if let Some(issued) = issued {
            let (certificate, key) = issued.write(folder.path());
            nats.arg("--tls").arg("--tlscert").arg(certificate).arg("--tlskey").arg(key);
        }
        let server = Server::start(&mut nats, folder.path(), port, "-KILL");
        Self { port, _server: server, _folder: folder }
    }
}
