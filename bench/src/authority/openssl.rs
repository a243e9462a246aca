//! `openssl ca`, what people have at hand: the same requests, certified in one batch by one process.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::places;
use super::requests::Asked;
use crate::failure::Failure;

/// How many requests it is given.
const REQUESTS: usize = 500;

/// What it did.
#[derive(Debug)]
pub struct Peer {
    /// What it calls itself.
    pub version: String,
    /// The time for each certificate, in milliseconds; it works on one core and waits for nothing else.
    pub time: f64,
}

const CONFIGURATION: &str = "
[ca]
default_ca = here
[here]
dir = .
database = index.txt
new_certs_dir = new
certificate = ca.pem
private_key = ca.key
rand_serial = yes
default_md = sha256
default_days = 90
policy = any
copy_extensions = copy
unique_subject = no
x509_extensions = leaf
[any]
commonName = optional
[leaf]
basicConstraints = critical,CA:false
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
";

/// Has it certify some of the requests.
pub fn measure(requests: &[Asked]) -> Result<Peer, Failure> {
    let folder = places::folder()?;
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).map_err(|source| Failure::File { path, source })
    };
    write("ca.cnf", CONFIGURATION.as_bytes())?;
    write("index.txt", b"")?;
    let new = folder.path().join("new");
    fs::create_dir(&new).map_err(|source| Failure::File { path: new, source })?;
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        command.current_dir(folder.path()).args(arguments).stdin(Stdio::null());
        let output = command.output();
        let output = output.map_err(|source| Failure::Start { program: PathBuf::from("openssl"), source })?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(Failure::Setup(String::from_utf8_lossy(&output.stderr).into_owned())),
        }
    };
    let version = openssl(&["version"])?;
    openssl(&[
        "req",
        "-config",
        "ca.cnf",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=ca",
        "-addext",
        "basicConstraints=critical,CA:true",
    ])?;
    let mut names = Vec::new();
    for (number, Asked { der, .. }) in requests.iter().take(REQUESTS).enumerate() {
        write("request.der", der)?;
        let name = format!("{number}.pem");
        openssl(&["req", "-config", "ca.cnf", "-in", "request.der", "-inform", "DER", "-out", &name])?;
        names.push(name);
    }
    let batch = ["ca", "-config", "ca.cnf", "-batch", "-notext", "-out", "all.pem", "-infiles"];
    let began = Instant::now();
    openssl(&batch.into_iter().chain(names.iter().map(String::as_str)).collect::<Vec<_>>())?;
    let time = began.elapsed().as_secs_f64() * 1_000.0 / names.len().max(1) as f64;
    let version = version.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Ok(Peer { version, time })
}
