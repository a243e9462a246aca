use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port};
use crate::certificates::Issued;

/// nginx with one server.
pub struct Nginx {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Nginx {
    /// With TLS and these further directives.
    pub fn tls(issued: &Issued, directives: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = issued.write(folder.path());
        let (certificate, key) = (certificate.display(), key.display());
        let tls = format!("ssl_certificate {certificate}; ssl_certificate_key {key}; {directives}");
        Self::start(folder, "ssl", &tls)
    }

    /// With these servers, given the port and the folder to put files into.
    pub fn serving(servers: impl FnOnce(u16, &std::path::Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let servers = servers(port, folder.path());
        Self::run(folder, port, &servers)
    }

    /// Without TLS.
    pub fn cleartext() -> Self {
        Self::start(tempfile::tempdir().unwrap(), "", "")
    }

    fn start(folder: TempDir, listen: &str, directives: &str) -> Self {
        let port = free_port();
        Self::run(
            folder,
            port,
            &format!("server {{ listen 127.0.0.1:{port} {listen}; {directives} return 204; }}"),
        )
    }

    fn run(folder: TempDir, port: u16, servers: &str) -> Self {
        let here = folder.path().display();
        let configuration = format!(
            "daemon off; master_process off; pid {here}/pid; error_log stderr; events {{}}\n\
             http {{ access_log off; client_body_temp_path {here}/b; proxy_temp_path {here}/p; \
             fastcgi_temp_path {here}/f; uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;\n\
             {servers} }}\n"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new("nginx");
        // The system's OpenSSL configuration may forbid old versions; those are wanted here.
        command.env("OPENSSL_CONF", "/dev/null").arg("-p").arg(folder.path()).arg("-c").arg(file);
        let server = Server::start(&mut command, folder.path(), port, "-TERM");
        Self { port, _server: server, _folder: folder }
    }
}
