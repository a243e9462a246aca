//! Servers to look at: OpenSSL's own, with just what a scenario gives them.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `openssl s_server` on a port of its own; it ends with this.
pub struct OpenSsl {
    process: Child,
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl OpenSsl {
    /// With an ECDSA certificate for `shop.test`, and an RSA one beside it, and these arguments.
    pub fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let [ec, rsa] =
            [("ec", "ec:prime256v1"), ("rsa", "rsa:2048")].map(|(file, kind)| made(path, file, kind));
        let certificates = ["-cert", &ec, "-key", &ec, "-dcert", &rsa, "-dkey", &rsa];
        Self::serving(folder, &[&certificates, arguments].concat())
    }

    /// With these arguments and no certificate.
    pub fn without_certificate(arguments: &[&str]) -> Self {
        Self::serving(tempfile::tempdir().unwrap(), &[&["-nocert"], arguments].concat())
    }

    /// With these certificates, however weak, and arguments.
    pub fn showing(arguments: &[&str]) -> Self {
        let weak = ["-cipher", "ECDHE:@SECLEVEL=0"];
        Self::serving(tempfile::tempdir().unwrap(), &[&weak, arguments].concat())
    }

    fn serving(folder: tempfile::TempDir, arguments: &[&str]) -> Self {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0", "-www"]);
        let mut process =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let accepting = lines.filter_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned)).next();
        let address = accepting.expect("s_server accepts").parse().unwrap();
        Self { process, address, _folder: folder }
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A file with a key of this kind and a certificate that vouches for itself.
fn made(folder: &Path, file: &str, kind: &str) -> String {
    let path = folder.join(file).to_str().unwrap().to_owned();
    let (algorithm, parameter) = kind.split_once(':').unwrap();
    let newkey = if algorithm == "ec" { "ec".to_owned() } else { kind.to_owned() };
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-nodes", "-days", "10", "-subj", "/CN=shop.test", "-newkey", &newkey]);
    if algorithm == "ec" {
        command.args(["-pkeyopt", &format!("ec_paramgen_curve:{parameter}")]);
    }
    let certificate = format!("{path}.pem");
    let made = command.args(["-keyout", &path, "-out", &certificate]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let both = [std::fs::read(&path).unwrap(), std::fs::read(certificate).unwrap()].concat();
    std::fs::write(&path, both).unwrap();
    path
}
