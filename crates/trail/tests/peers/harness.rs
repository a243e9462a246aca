//! What every scenario needs: ports, certificates, a client, patience.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hermetic_hop::{HopName, View};
use hermetic_trail::{LogFormat, LogReader, LoggedConnections};
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Long enough for a busy machine; a scenario that works never waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tries again until there is something.
pub(crate) fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(done) = attempt() {
            return done;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A block of ports of a scenario's own, below those that the kernel gives to outgoing connections;
/// the scenarios of other crates reserve theirs in the same folder.
pub(crate) struct Ports {
    base: u16,
    _lock: File,
}

impl Ports {
    pub(crate) fn reserve() -> Self {
        let folder = std::env::temp_dir().join("hermetic-test-ports");
        std::fs::create_dir_all(&folder).unwrap();
        eventually("a free block of ports", || {
            (20..63).map(|block| block * 500).find_map(|base: u16| {
                let lock = File::create(folder.join(base.to_string())).unwrap();
                lock.try_lock().ok()?;
                Some(Self { base, _lock: lock })
            })
        })
    }

    /// The `n`th port of the block.
    pub(crate) fn nth(&self, n: u16) -> u16 {
        self.base + n
    }

    /// Where TLS is spoken.
    pub(crate) fn tls(&self) -> u16 {
        self.base + 443
    }

    /// Where it is not.
    pub(crate) fn clear(&self) -> u16 {
        self.base + 80
    }
}

/// Writes `ca.pem`, and `server.pem` with `server.key` for `localhost`.
pub(crate) fn certificates(folder: &Path) {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Authority of a scenario");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let ca = authority.self_signed(&key).unwrap();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

/// What our users have: curl, told to be a stranger at this address.
pub(crate) struct Curl<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) from: &'static str,
}

impl Curl<'_> {
    /// Makes one connection for all of these, and fails unless each is answered.
    pub(crate) fn ask(&self, arguments: &[&str]) {
        let status = Command::new("curl")
            .args(["--silent", "--fail", "--max-time", "20", "--output", "/dev/null"])
            .arg("--cacert")
            .arg(self.folder.join("ca.pem"))
            .args(["--header", &format!("X-Real-IP: {}", self.from)])
            .args(arguments)
            .stdout(Stdio::null())
            .status()
            .expect("curl is needed; `cargo xtask test` installs it");
        assert!(status.success(), "curl {arguments:?}: {status}");
    }
}

/// A reader of this log, of the hop `client → proxy`.
pub(crate) fn reader(path: &Path, format: LogFormat) -> LogReader {
    let hop = HopName::new("client".parse().unwrap(), "proxy".parse().unwrap());
    LogReader::open(path, format, hop, View::Server).unwrap()
}

/// Reads on until this many connections are known.
pub(crate) fn read_until(reader: &mut LogReader, connections: u64) -> LoggedConnections {
    eventually("the log", || {
        reader.read_new(Timestamp::now()).unwrap();
        (reader.summary().connections >= connections).then(|| reader.summary().clone())
    })
}

/// The log format that the reference tells people to use: the block that begins with this comment.
pub(crate) fn documented(marker: &str) -> &'static str {
    let page = include_str!("../../../../docs/src/reference/log-evidence.md");
    let (_, behind) = page.split_once(marker).unwrap_or_else(|| panic!("{marker} is documented"));
    let (block, _) = behind.split_once("```").unwrap();
    block
}
