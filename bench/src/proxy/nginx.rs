//! nginx.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::stage::Stage;

/// The command that runs it.
pub fn command(program: &Path, stage: &Stage, port: u16, origin: u16) -> Result<Command, Failure> {
    let configuration = stage.write(
        "nginx.conf",
        format!(
            "daemon off; worker_processes 1; user root; pid {pid}; error_log stderr;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; keepalive_requests 1000000;\n\
             upstream app {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 1000000; }}\n\
             server {{ listen 127.0.0.1:{port} ssl backlog=4096;\n\
             ssl_certificate cert.pem; ssl_certificate_key key.pem;\n\
             ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519;\n\
             location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }} }}\n",
            pid = stage.path("nginx.pid").display(),
        ),
    )?;
    let mut command = Command::new(program);
    command.arg("-c").arg(configuration);
    Ok(command)
}
