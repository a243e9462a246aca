//! The origin behind all proxies: nginx without TLS, with a small file and a large one.

use std::process::Command;

use crate::failure::Failure;
use crate::stage::{Running, Stage, free_port};

/// The bytes of the small response.
const SMALL: usize = 1024;

/// The bytes of the large response.
pub const LARGE: usize = 16 * 1024 * 1024;

/// The running origin.
#[derive(Debug)]
pub struct Origin {
    _running: Running,
    /// Its port.
    pub port: u16,
}

impl Origin {
    /// Starts it on the load's core.
    pub fn start(stage: &Stage) -> Result<Self, Failure> {
        let port = free_port()?;
        let folder = stage.path("origin");
        std::fs::create_dir_all(&folder).map_err(|source| Failure::File { path: folder.clone(), source })?;
        stage.write("origin/small", vec![b'a'; SMALL])?;
        stage.write("origin/large", vec![b'a'; LARGE])?;
        let configuration = stage.write(
            "origin.conf",
            format!(
                "daemon off; worker_processes 1; user root; pid {pid}; error_log stderr;\n\
                 events {{ worker_connections 4096; }}\n\
                 http {{ access_log off; sendfile on; keepalive_requests 1000000;\n\
                 server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }} }}\n",
                pid = stage.path("origin.pid").display(),
                root = folder.display(),
            ),
        )?;
        let mut nginx = Command::new("nginx");
        nginx.arg("-c").arg(configuration);
        Ok(Self { _running: stage.start("origin", Some(crate::runs::LOAD_CORE), &nginx, port)?, port })
    }
}
