//! HAProxy.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::stage::Stage;

/// The command that runs it.
pub fn command(program: &Path, stage: &Stage, port: u16, origin: u16) -> Result<Command, Failure> {
    let configuration = stage.write(
        "haproxy.cfg",
        format!(
            "global\n nbthread 1\n maxconn 4096\n\
             defaults\n mode http\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n http-reuse always\n\
             frontend edge\n bind 127.0.0.1:{port} backlog 4096 ssl crt {both} ssl-min-ver TLSv1.2 curves X25519 alpn http/1.1\n\
             default_backend app\n\
             backend app\n server app 127.0.0.1:{origin}\n",
            both = stage.path("both.pem").display(),
        ),
    )?;
    let mut command = Command::new(program);
    command.arg("-db").arg("-f").arg(configuration);
    Ok(command)
}
