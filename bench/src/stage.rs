//! The stage of a measurement: a folder with the certificate that all proxies show, and programs
//! that end with it.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use tempfile::TempDir;

use crate::failure::Failure;

/// How long a program may take until it listens.
const START: Duration = Duration::from_secs(20);

/// The name that the proxies' certificate is for.
pub const NAME: &str = "bench.internal";

/// A folder with a certificate, its key and the authority that signed it.
#[derive(Debug)]
pub struct Stage {
    folder: TempDir,
    cores: usize,
    /// The authority's certificate, DER.
    pub authority: Vec<u8>,
}

impl Stage {
    /// Makes it, on a machine with so many cores: ECDSA P-256, without an intermediate, the same for
    /// everybody. This process stays on `core` from now on.
    pub fn build(cores: usize, core: usize) -> Result<Self, Failure> {
        let folder =
            tempfile::tempdir().map_err(|source| Failure::File { path: std::env::temp_dir(), source })?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let authority = params.self_signed(&key)?;
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf = CertificateParams::new(vec![NAME.to_owned()])?.signed_by(&key, &issuer)?;
        let stage = Self { folder, cores, authority: authority.der().to_vec() };
        stage.write("cert.pem", leaf.pem())?;
        stage.write("key.pem", key.serialize_pem())?;
        // HAProxy wants both in one file.
        stage.write("both.pem", format!("{}{}", leaf.pem(), key.serialize_pem()))?;
        if cores > 1 {
            let pid = std::process::id().to_string();
            let pin = Command::new("taskset")
                .args(["--cpu-list", "--pid", &core.to_string(), &pid])
                .stdout(Stdio::null())
                .status();
            pin.map_err(|source| Failure::Start { program: "taskset".into(), source })?;
        }
        Ok(stage)
    }

    /// A file of the stage.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the stage.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf, Failure> {
        let path = self.path(name);
        match fs::write(&path, text) {
            Ok(()) => Ok(path),
            Err(source) => Err(Failure::File { path, source }),
        }
    }

    /// Starts a program on one core and waits until it listens on `port`.
    pub fn start(&self, name: &str, core: usize, command: &Command, port: u16) -> Result<Running, Failure> {
        let log = self.path(&format!("{name}.log"));
        let file = |source| Failure::File { path: log.clone(), source };
        let output = File::create(&log).map_err(file)?;
        let errors = output.try_clone().map_err(file)?;
        let child = self
            .pinned(command, core)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|source| Failure::Start { program: command.get_program().into(), source })?;
        let running = Running { child };
        let began = Instant::now();
        while TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), START).is_err() {
            if began.elapsed() > START {
                let said = last_words(&log);
                return Err(Failure::Silent { name: name.to_owned(), port, after: START, said });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(running)
    }

    /// The same command on one core alone. With a single core there is nothing to choose.
    fn pinned(&self, command: &Command, core: usize) -> Command {
        if self.cores < 2 {
            let mut same = Command::new(command.get_program());
            same.args(command.get_args());
            return same;
        }
        let mut taskset = Command::new("taskset");
        taskset.args(["--cpu-list", &core.to_string()]).arg(command.get_program()).args(command.get_args());
        taskset
    }
}

fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(3).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
}

/// A port that nobody listens on now.
pub fn free_port() -> Result<u16, Failure> {
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr());
    free.map(|address| address.port()).map_err(|error| Failure::Setup(error.to_string()))
}

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
}

impl Running {
    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first: a master that is killed leaves its workers behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
