//! The stage of a measurement: a folder with the certificate that all proxies show, and programs
//! that end with it.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
    RsaKeySize, date_time_ymd,
};
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
    /// everybody, and an RSA one for those who show both.
    pub fn build(cores: usize) -> Result<Self, Failure> {
        let folder =
            tempfile::tempdir().map_err(|source| Failure::File { path: std::env::temp_dir(), source })?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let authority = params.self_signed(&key)?;
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf_params = of_today()?;
        let leaf = leaf_params.signed_by(&key, &issuer)?;
        let rsa_key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let rsa = leaf_params.signed_by(&rsa_key, &issuer)?;
        let stage = Self { folder, cores, authority: authority.der().to_vec() };
        stage.write("ca.pem", authority.pem())?;
        stage.write("cert.pem", leaf.pem())?;
        stage.write("key.pem", key.serialize_pem())?;
        stage.write("rsa.pem", rsa.pem())?;
        stage.write("rsa.key", rsa_key.serialize_pem())?;
        // HAProxy wants both in one file.
        stage.write("both.pem", format!("{}{}", leaf.pem(), key.serialize_pem()))?;
        Ok(stage)
    }

    /// Keeps this process on one core from now on. With a single core there is nothing to choose.
    pub fn stay_on(&self, core: usize) -> Result<(), Failure> {
        if self.cores < 2 {
            return Ok(());
        }
        let pid = std::process::id().to_string();
        let mut taskset = Command::new("taskset");
        taskset.args(["--cpu-list", "--pid", &core.to_string(), &pid]).stdout(Stdio::null());
        let pinned = taskset.status();
        pinned.map(drop).map_err(|source| Failure::Start { program: "taskset".into(), source })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
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

    /// Starts a program, on one core alone where one is named, and waits until it listens on `port`.
    pub fn start(
        &self,
        name: &str,
        core: Option<usize>,
        command: &Command,
        port: u16,
    ) -> Result<Running, Failure> {
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

    /// The same command, on one core alone where one is named and there is another.
    fn pinned(&self, command: &Command, core: Option<usize>) -> Command {
        let mut same = match core.filter(|_| self.cores > 1) {
            Some(core) => {
                let mut taskset = Command::new("taskset");
                taskset.args(["--cpu-list", &core.to_string()]).arg(command.get_program());
                taskset
            }
            None => Command::new(command.get_program()),
        };
        same.args(command.get_args());
        same
    }
}

/// For 90 days from yesterday on, as scanners find fault with more.
fn of_today() -> Result<CertificateParams, Failure> {
    let mut params = CertificateParams::new(vec![NAME.to_owned()])?;
    let day = |ahead: i64| {
        let date = TimeZone::UTC.to_datetime(Timestamp::now()).date().saturating_add(ahead.days());
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    (params.not_before, params.not_after) = (day(-1), day(89));
    Ok(params)
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
