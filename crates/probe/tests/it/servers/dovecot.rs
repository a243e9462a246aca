use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_ports, run};
use crate::certificates::Issued;

/// A Dovecot of its own, with one port for each protocol.
pub struct Dovecot {
    pub imap: u16,
    pub imaps: u16,
    pub pop3: u16,
    pub pop3s: u16,
    pub lmtp: u16,
    _server: Server,
    _folder: TempDir,
}

impl Dovecot {
    /// With STARTTLS and ports for TLS where there is a certificate, and these further lines; without one those
    /// ports stay closed.
    pub fn start(issued: Option<&Issued>, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Its login processes read what is in there as users of their own.
        run(Command::new("chmod").arg("755").arg(folder.path()));
        let here = folder.path().display();
        let [imap, imaps, pop3, pop3s, lmtp] = free_ports();
        let (tls, secure) = match issued {
            None => ("ssl = no\n".to_owned(), [0, 0]),
            Some(issued) => {
                let (certificate, key) = issued.write(folder.path());
                let (certificate, key) = (certificate.display(), key.display());
                let tls = format!("ssl = yes\nssl_cert = <{certificate}\nssl_key = <{key}\n");
                (tls, [imaps, pop3s])
            }
        };
        let listener = |name: &str, port: u16, ssl: &str| {
            format!(" inet_listener {name} {{\n  port = {port}\n  ssl = {ssl}\n }}\n")
        };
        let configuration = format!(
            "base_dir = {here}/run\nstate_dir = {here}/state\nlog_path = {here}/dovecot.log\n\
             protocols = imap pop3 lmtp\n{settings}listen = 127.0.0.1\nmail_location = maildir:{here}/mail\n{tls}\
             passdb {{\n driver = static\n args = nopassword=y\n}}\n\
             service imap-login {{\n{}{}}}\nservice pop3-login {{\n{}{}}}\nservice lmtp {{\n{}}}\n",
            listener("imap", imap, "no"),
            listener("imaps", secure[0], "yes"),
            listener("pop3", pop3, "no"),
            listener("pop3s", secure[1], "yes"),
            listener("lmtp", lmtp, "no"),
        );
        let file = folder.path().join("dovecot.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut dovecot = Command::new("dovecot");
        let server = Server::start(dovecot.arg("-F").arg("-c").arg(file), folder.path(), imap, "-TERM");
        Self { imap, imaps, pop3, pop3s, lmtp, _server: server, _folder: folder }
    }
}
