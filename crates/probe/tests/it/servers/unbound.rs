use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{Server, free_port, run};

/// Unbound, which validates DNSSEC, with the zone `shop.test`.
pub struct Unbound {
    pub address: SocketAddr,
    _server: Server,
    _folder: TempDir,
}

/// What is in the zone beside these records.
const HEAD: &str = "$ORIGIN shop.test.\n$TTL 300\n\
                    @ IN SOA ns hostmaster 1 3600 600 86400 300\n@ IN NS ns\nns IN A 127.0.0.1\n";

impl Unbound {
    /// With these records, signed by keys that it believes.
    pub fn signed(records: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::write(path.join("zone"), format!("{HEAD}{records}\n")).unwrap();
        let [zone, trusted] = [false, true].map(|trusted| key(path, trusted));
        run(Command::new("ldns-signzone").current_dir(path).args(["zone", &zone, &trusted]));
        let anchor = format!("trust-anchor-file: \"{}\"", path.join(format!("{trusted}.key")).display());
        Self::start(folder, "zone.signed", &anchor)
    }

    /// With these records, signed by nobody.
    pub fn unsigned(records: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("zone"), format!("{HEAD}{records}\n")).unwrap();
        Self::start(folder, "zone", "")
    }

    fn start(folder: TempDir, zone: &str, anchor: &str) -> Self {
        let (path, port) = (folder.path(), free_port());
        // What is above the zone is here as well: nobody else is asked.
        let above = "$ORIGIN test.\n@ 300 IN SOA ns hostmaster 1 3600 600 86400 300\n@ 300 IN NS ns\n";
        std::fs::write(path.join("above"), above).unwrap();
        let configuration = format!(
            "server:\n interface: 127.0.0.1\n port: {port}\n directory: \"{here}\"\n chroot: \"\"\n \
             username: \"\"\n pidfile: \"\"\n do-daemonize: no\n use-syslog: no\n logfile: \"\"\n \
             module-config: \"validator iterator\"\n local-zone: \"test.\" nodefault\n {anchor}\n\
             auth-zone:\n name: \"shop.test\"\n zonefile: \"{zone}\"\n for-downstream: no\n \
             for-upstream: yes\n fallback-enabled: no\n\
             auth-zone:\n name: \"test\"\n zonefile: \"above\"\n for-downstream: no\n \
             for-upstream: yes\n fallback-enabled: no\n\
             remote-control:\n control-enable: no\n",
            here = path.display(),
        );
        let file = path.join("unbound.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new("/usr/sbin/unbound");
        let server = Server::start(command.arg("-d").arg("-c").arg(file), path, port, "-TERM");
        Self { address: SocketAddr::from(([127, 0, 0, 1], port)), _server: server, _folder: folder }
    }
}

/// A key of the zone; the name of its files.
fn key(folder: &Path, signs_keys: bool) -> String {
    let mut command = Command::new("ldns-keygen");
    command.current_dir(folder).args(["-a", "ECDSAP256SHA256"]);
    if signs_keys {
        command.arg("-k");
    }
    let made = command.arg("shop.test").output();
    let made = made.unwrap_or_else(|error| panic!("ldns-keygen: {error}; `cargo xtask test` installs it"));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}
