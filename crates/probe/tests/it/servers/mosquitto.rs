use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port};
use crate::certificates::Issued;

/// Mosquitto with a plain port and one with TLS.
pub struct Mosquitto {
    pub plain: u16,
    pub secure: u16,
    _server: Server,
    _folder: TempDir,
}

impl Mosquitto {
    pub fn start(issued: &Issued) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [plain, secure] = [(); 2].map(|()| free_port());
        let (certificate, key) = issued.write(folder.path());
        let (certificate, key) = (certificate.display(), key.display());
        let configuration = format!(
            "user root\nlistener {plain} 127.0.0.1\nlistener {secure} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n"
        );
        let file = folder.path().join("mosquitto.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut mosquitto = Command::new("mosquitto");
        let server = Server::start(mosquitto.arg("-c").arg(file), folder.path(), secure, "-KILL");
        Self { plain, secure, _server: server, _folder: folder }
    }
}
