use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port};
use crate::certificates::Issued;

/// A Redis of its own.
pub struct Redis {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Redis {
    /// On a TLS port where there is a certificate, and with these further options.
    pub fn start(issued: Option<&Issued>, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut redis = Command::new("redis-server");
        redis.args(["--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder.path());
        match issued {
            None => redis.args(["--port", &port.to_string()]),
            Some(issued) => {
                let (certificate, key) = issued.write(folder.path());
                redis.args(["--port", "0", "--tls-port", &port.to_string(), "--tls-auth-clients", "no"]);
                redis.arg("--tls-cert-file").arg(certificate).arg("--tls-key-file").arg(key)
            }
        };
        let server = Server::start(redis.args(options), folder.path(), port, "-KILL");
        Self { port, _server: server, _folder: folder }
    }
}
