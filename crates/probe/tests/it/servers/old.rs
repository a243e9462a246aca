use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{free_port, run};

/// A server with what no library of today speaks any more. For tests on the loopback alone.
pub struct Old {
    pub address: SocketAddr,
    process: Child,
    _folder: TempDir,
}

impl Old {
    /// Node 0.10.0, whose OpenSSL 1.0.1e is from before Heartbleed was found: SSL 2.0 to TLS 1.2, export suites.
    pub fn node_0_10(method: &str) -> Self {
        Self::node("node-0.10.0", method, &[])
    }

    /// Node 0.12.18 with OpenSSL 1.0.1u: SSL 3.0 to TLS 1.2.
    pub fn node_0_12(method: &str) -> Self {
        Self::node("node-0.12.18", method, &["--enable-ssl3"])
    }

    fn node(folder: &str, method: &str, options: &[&str]) -> Self {
        let files = Files::new();
        let mut node = Command::new(peers().join(folder).join("bin/node"));
        node.args(options).arg(script("node.js")).arg(method).arg(&files.key).arg(&files.certificate);
        Self::that_says(node, files)
    }

    /// OpenSSL 1.0.2e with zlib, and a prime of 512 bits.
    pub fn openssl_1_0_2(method: &str) -> Self {
        let files = Files::new();
        let prime = files.folder.path().join("prime.pem");
        std::fs::write(&prime, PRIME).unwrap();
        let mut python = python();
        python.arg(script("openssl_1_0_2.py")).arg(method).arg(&files.both).arg(prime);
        Self::that_says(python, files)
    }

    /// tlslite-ng: SSL 3.0 to TLS 1.3, hybrid groups.
    pub fn tlslite_ng() -> Self {
        let files = Files::new();
        let mut python = python();
        python.arg(script("tlslite_ng.py")).arg(&files.both);
        Self::that_says(python, files)
    }

    /// NSS: SSL 3.0 to TLS 1.2 with these suites, as `selfserv` takes them.
    pub fn nss(suites: &str) -> Self {
        let files = Files::new();
        let here = files.folder.path();
        let (database, store) = (format!("sql:{}", here.display()), here.join("store.p12"));
        run(Command::new("certutil").args(["-N", "--empty-password", "-d", &database]));
        let mut openssl = Command::new("openssl");
        openssl.args(["pkcs12", "-export", "-passout", "pass:", "-name", "shop", "-in"]).arg(&files.both);
        run(openssl.arg("-out").arg(&store));
        run(Command::new("pk12util").args(["-W", "", "-d", &database, "-i"]).arg(&store));
        let port = free_port();
        let mut selfserv = Command::new("selfserv");
        selfserv.args(["-d", &database, "-n", "shop", "-V", "ssl3:tls1.2", "-c", suites, "-p"]);
        Self::at(selfserv.arg(port.to_string()), port, files)
    }

    /// GnuTLS with this priority string.
    pub fn gnutls(priority: &str) -> Self {
        let files = Files::new();
        let port = free_port();
        let mut gnutls = Command::new("gnutls-serv");
        gnutls.args(["--echo", "--quiet", "--priority", priority, "--port", &port.to_string()]);
        gnutls.arg("--x509certfile").arg(&files.certificate).arg("--x509keyfile").arg(&files.key);
        Self::at(&mut gnutls, port, files)
    }

    /// A server that says where it accepts connections.
    fn that_says(mut command: Command, files: Files) -> Self {
        let mut process = started(command.stdout(Stdio::piped()));
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let accepting = lines.filter_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned)).next();
        let address = accepting.unwrap_or_else(|| panic!("{command:?} accepts nothing")).parse().unwrap();
        Self { address, process, _folder: files.folder }
    }

    /// A server at a port that it was told.
    fn at(command: &mut Command, port: u16, files: Files) -> Self {
        let mut process = started(command.stdout(Stdio::null()));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while std::net::TcpStream::connect(address).is_err() {
            let ended = process.try_wait().unwrap().is_some();
            assert!(!ended && std::time::Instant::now() < until, "{command:?} does not accept");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Self { address, process, _folder: files.folder }
    }
}

impl Drop for Old {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn started(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs it"))
}

/// An RSA key, in the form that old programs read, and a certificate for `shop.test`.
struct Files {
    folder: TempDir,
    key: PathBuf,
    certificate: PathBuf,
    both: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [new, key, certificate, both] =
            ["new.pem", "key.pem", "certificate.pem", "both.pem"].map(|file| folder.path().join(file));
        let mut request = Command::new("openssl");
        request.args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "10",
            "-subj",
            "/CN=shop.test",
            "-newkey",
            "rsa:2048",
        ]);
        run(request.arg("-keyout").arg(&new).arg("-out").arg(&certificate));
        run(Command::new("openssl").args(["rsa", "-traditional", "-in"]).arg(&new).arg("-out").arg(&key));
        let text = [std::fs::read(&key).unwrap(), std::fs::read(&certificate).unwrap()].concat();
        std::fs::write(&both, text).unwrap();
        Self { folder, key, certificate, both }
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/servers/scripts").join(name)
}

fn python() -> Command {
    Command::new(interpreter())
}

fn interpreter() -> PathBuf {
    std::env::var_os("HERMETIC_TEST_PYTHON")
        .map(PathBuf::from)
        .expect("HERMETIC_TEST_PYTHON; run `cargo xtask test`")
}

/// Where the peers are that come from elsewhere than Debian: beside Python's environment.
fn peers() -> PathBuf {
    interpreter().ancestors().nth(3).expect("an environment in the folder of the peers").to_owned()
}

/// Diffie-Hellman over a prime of 512 bits, made by OpenSSL.
const PRIME: &str = "-----BEGIN DH PARAMETERS-----\n\
    MEYCQQCQQZZiJPIh0/GwJLfXJiBS+9OYWC/D95Cmc26NRi5L+tbqE5qKPqRY/RC3\n\
    whixW+J0oR/TrjCRxRMrw3JNhGKHAgEC\n\
    -----END DH PARAMETERS-----\n";
