use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port};
use crate::certificates::Issued;

/// vsftpd, which lets nobody but guests in.
pub struct Vsftpd {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Vsftpd {
    /// With AUTH TLS where there is a certificate, and these further lines.
    pub fn start(issued: Option<&Issued>, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (here, port) = (folder.path().display(), free_port());
        let tls = issued.map_or_else(String::new, |issued| {
            let (certificate, key) = issued.write(folder.path());
            let (certificate, key) = (certificate.display(), key.display());
            format!("ssl_enable=YES\nrsa_cert_file={certificate}\nrsa_private_key_file={key}\n")
        });
        let configuration = format!(
            "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\n\
             anonymous_enable=YES\nsecure_chroot_dir={here}\n{tls}{settings}"
        );
        let file = folder.path().join("vsftpd.conf");
        std::fs::write(&file, configuration).unwrap();
        let server = Server::start(Command::new("vsftpd").arg(file), folder.path(), port, "-KILL");
        Self { port, _server: server, _folder: folder }
    }
}
