use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_ports};
use crate::certificates::Issued;

/// OpenLDAP's server without any data.
pub struct Slapd {
    pub ldap: u16,
    pub ldaps: u16,
    _server: Server,
    _folder: TempDir,
}

impl Slapd {
    /// With StartTLS, and TLS at the second port, where there is a certificate, and these further lines.
    pub fn start(issued: Option<&Issued>, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [ldap, ldaps] = free_ports();
        let mut configuration = format!("pidfile {}/pid\n{settings}", folder.path().display());
        let mut places = format!("ldap://127.0.0.1:{ldap}");
        if let Some(issued) = issued {
            let (certificate, key) = issued.write(folder.path());
            configuration.push_str(&format!("TLSCertificateFile {}\n", certificate.display()));
            configuration.push_str(&format!("TLSCertificateKeyFile {}\n", key.display()));
            places.push_str(&format!(" ldaps://127.0.0.1:{ldaps}"));
        }
        let file = folder.path().join("slapd.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut slapd = Command::new("/usr/sbin/slapd");
        // With a level of debugging it stays in front.
        slapd.args(["-d", "0", "-h", &places, "-f"]).arg(file);
        let server = Server::start(&mut slapd, folder.path(), ldap, "-TERM");
        Self { ldap, ldaps, _server: server, _folder: folder }
    }
}
