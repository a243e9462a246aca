use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port, run};
use crate::certificates::Issued;

/// A Postfix of its own that receives, and no other service.
pub struct Postfix {
    pub port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Postfix {
    /// With STARTTLS where there is a certificate, and these further lines of `main.cf`.
    pub fn start(issued: Option<&Issued>, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (here, port) = (folder.path().display(), free_port());
        let tls = issued.map_or_else(String::new, |issued| {
            let (certificate, key) = issued.write(folder.path());
            let (certificate, key) = (certificate.display(), key.display());
            format!("smtpd_tls_security_level = may\nsmtpd_tls_chain_files = {key} {certificate}\n")
        });
        let main = format!(
            "compatibility_level = 3.6\nmyhostname = mail.test\nqueue_directory = {here}/queue\n\
             data_directory = {here}/data\nlocal_recipient_maps =\nalias_maps =\nalias_database =\n\
             smtpd_relay_restrictions = reject\nsmtpd_client_connection_count_limit = 0\n{tls}{settings}"
        );
        let master = format!(
            "127.0.0.1:{port} inet n - n - - smtpd\n\
             tlsmgr unix - - n 1000? 1 tlsmgr\n\
             anvil unix - - n - 1 anvil\n"
        );
        std::fs::write(folder.path().join("main.cf"), main).unwrap();
        std::fs::write(folder.path().join("master.cf"), master).unwrap();
        for part in ["queue/pid", "queue/private", "queue/public", "data"] {
            std::fs::create_dir_all(folder.path().join(part)).unwrap();
        }
        run(Command::new("chmod").arg("755").arg(folder.path()));
        for part in ["queue/private", "queue/public", "data"] {
            run(Command::new("chown").arg("postfix").arg(folder.path().join(part)));
        }
        let mut master = Command::new("/usr/lib/postfix/sbin/master");
        master.args(["-d", "-c"]).arg(folder.path());
        let server = Server::start(&mut master, folder.path(), port, "-TERM");
        Self { port, _server: server, _folder: folder }
    }
}
