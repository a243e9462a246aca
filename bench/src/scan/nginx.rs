//! The endpoint that is scanned: nginx with an RSA and an ECDSA certificate, TLS 1.2 and 1.3, which counts its
//! connections.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::failure::Failure;
use crate::stage::{NAME, Running, Stage, free_port};

/// The suites of Mozilla's intermediate configuration (6.0). The groups are those that OpenSSL has without being told,
/// as in most places.
const SUITES: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
                      ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// The running server.
#[derive(Debug)]
pub struct Nginx {
    /// Its port, at every address of the loopback.
    pub port: u16,
    status: u16,
    _running: Running,
}

impl Nginx {
    /// Starts it.
    pub fn start(stage: &Stage) -> Result<Self, Failure> {
        let (port, status) = (free_port()?, free_port()?);
        let configuration = stage.write(
            "scanned.conf",
            format!(
                "daemon off; worker_processes auto; user root; pid {pid}; error_log stderr crit;\n\
                 worker_rlimit_nofile 65536; events {{ worker_connections 16384; }}\n\
                 http {{ access_log off; server_name_in_redirect off;\n\
                 ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {SUITES}; ssl_session_cache shared:sessions:8m;\n\
                 ssl_certificate cert.pem; ssl_certificate_key key.pem;\n\
                 ssl_certificate rsa.pem; ssl_certificate_key rsa.key;\n\
                 server {{ listen 0.0.0.0:{port} ssl backlog=4096; server_name {NAME}; return 204; }}\n\
                 server {{ listen 127.0.0.1:{status}; location / {{ stub_status; }} }} }}\n",
                pid = stage.path("scanned.pid").display(),
            ),
        )?;
        let mut nginx = Command::new("nginx");
        nginx.arg("-c").arg(configuration);
        let running = stage.start("scanned", None, &nginx, port)?;
        Ok(Self { port, status, _running: running })
    }

    /// How many connections it has taken so far, without those that ask for this.
    pub fn connections(&self) -> Result<u64, Failure> {
        let mut page = String::new();
        let asked = TcpStream::connect(("127.0.0.1", self.status)).and_then(|mut io| {
            io.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
            io.read_to_string(&mut page)
        });
        asked.map_err(|error| Failure::Setup(format!("nginx does not tell its connections: {error}")))?;
        let accepted = page.lines().skip_while(|line| !line.starts_with("server accepts")).nth(1);
        let accepted = accepted.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        accepted.ok_or_else(|| Failure::Setup(format!("nginx does not tell its connections: {page}")))
    }
}
