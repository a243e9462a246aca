//! An authority of clients that is not Hermetic's: OpenSSL's, with its index and its CRL.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The authority, in a folder.
#[derive(Debug)]
pub struct ClientCa {
    folder: PathBuf,
}

const CONFIGURATION: &str = "
[ca]
default_ca = clients
[clients]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
";

impl ClientCa {
    /// Founds it in this folder: `ca.pem`, and the CRL `crl.pem` in which nobody is.
    pub fn found(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let ca = Self { folder: folder.to_owned() };
        for (file, text) in
            [("ca.cnf", CONFIGURATION), ("index.txt", ""), ("serial", "1000"), ("crlnumber", "01")]
        {
            std::fs::write(folder.join(file), text).unwrap();
        }
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key"];
        ca.openssl(
            &[&["req", "-x509", "-subj", "/CN=clients", "-days", "30", "-out", "ca.pem"][..], &key].concat(),
        );
        ca.publish(7);
        ca
    }

    /// Issues `<name>.pem` and `<name>.key` for the DNS name `<name>.test`.
    pub fn issue(&self, name: &str) {
        self.issue_until(name, &[]);
    }

    /// The same for another DNS name.
    pub fn issue_for(&self, name: &str, dns: &str) {
        self.issue_as(name, dns, &[]);
    }

    /// The same, ended by these arguments of `openssl ca`.
    pub fn issue_until(&self, name: &str, validity: &[&str]) {
        self.issue_as(name, &format!("{name}.test"), validity);
    }

    fn issue_as(&self, name: &str, dns: &str, validity: &[&str]) {
        let (key, request, certificate) =
            (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let (subject, names) = (format!("/CN={name}"), format!("subjectAltName=DNS:{dns}"));
        let made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &key];
        self.openssl(&[&["req", "-subj", &subject, "-addext", &names, "-out", &request][..], &made].concat());
        let sign = ["ca", "-batch", "-notext", "-config", "ca.cnf", "-in", &request, "-out", &certificate];
        self.openssl(&[&sign[..], validity].concat());
    }

    /// Revokes a certificate. Nobody knows before the next CRL.
    pub fn revoke(&self, name: &str) {
        self.openssl(&["ca", "-config", "ca.cnf", "-revoke", &format!("{name}.pem")]);
    }

    /// Puts the present CRL in place, as somebody would who cares: whole, at once. It is good for so many days.
    pub fn publish(&self, days: u32) {
        let days = days.to_string();
        self.openssl(&["ca", "-config", "ca.cnf", "-gencrl", "-crldays", &days, "-out", "crl.new"]);
        std::fs::rename(self.path("crl.new"), self.path("crl.pem")).unwrap();
    }

    /// Puts a CRL in place that is stale already.
    pub fn publish_stale(&self) {
        let dates = ["-crl_lastupdate", "20260101000000Z", "-crl_nextupdate", "20260201000000Z"];
        self.openssl(&[&["ca", "-config", "ca.cnf", "-gencrl", "-out", "crl.new"][..], &dates].concat());
        std::fs::rename(self.path("crl.new"), self.path("crl.pem")).unwrap();
    }

    /// A file of the authority's.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// The arguments by which curl shows a certificate.
    pub fn of_curl(&self, name: &str) -> [String; 4] {
        let file = |end: &str| self.path(&format!("{name}.{end}")).to_str().unwrap().to_owned();
        ["--cert".to_owned(), file("pem"), "--key".to_owned(), file("key")]
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(&self.folder).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
