//! The Debian packages that the tests need: found, and installed where they are missing.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

/// The one list. The tests speak with these as they come from Debian.
const NEEDED: &[&str] = &[
    "apache2-bin",     // a far end to scan and to mend
    "ca-certificates", // `trust = "system"`, and pip
    "chromium",        // the browser that people see the pages in
    "curl",            // the client that everybody has
    "dovecot-imapd",   // a far end to probe, as are the next two
    "dovecot-lmtpd",
    "dovecot-pop3d",
    "g++",            // libFuzzer is C++
    "gnutls-bin",     // `certtool`, the other reader of keys and certificates
    "graphviz",       // reads what `--format dot` writes
    "haproxy",        // a proxy whose log is read
    "jq",             // checks what `trail export` writes
    "ldnsutils",      // signs a zone for the resolver
    "libnss-wrapper", // hosts that appear and vanish, for one process
    "libnss3-tools",  // the store of browsers, for `ca trust`
    "mariadb-server", // a far end to probe
    "microsocks",     // a SOCKS proxy to scan through
    "mosquitto",      // a far end to probe
    "nats-server",    // a far end to probe
    "nginx",          // an origin that is not ours; TLS is built in
    "openssl",        // `s_client` for each protocol version
    "postfix",        // a far end to probe
    "postgresql-15",  // a far end to probe, and the database at the end of the tour
    "python3",        // WebSocket and gRPC peers
    "python3-venv",
    "rabbitmq-server", // a far end to probe
    "redis-server",    // a far end to probe
    "slapd",           // a far end to probe
    "softhsm2",        // a token with keys in it
    "sslscan",         // what a scanner sees of a policy
    "systemd",         // `systemd-socket-activate`
    "testssl.sh",      // a scanner that ours is measured by
    "tinyproxy-bin",   // an HTTP proxy to scan through
    "unbound",         // a resolver that validates DNSSEC
    "vsftpd",          // a far end to probe
];

/// Fetches the old Nodes. Where Node does not come from Debian it brings its own, beside which Debian's can't be
/// installed.
const NPM: &str = "npm";

/// Installs packages without starting their daemons, now or at the next boot.
const INSTALL: &str = include_str!("install.sh");

/// Whether packages may be installed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The command line says so.
    Given,
    /// The person must be asked, unless this is a CI machine.
    Ask,
}

/// Why the packages are not there.
#[derive(Debug)]
pub(crate) enum Missing {
    /// This is no Debian.
    NotDebian,
    /// They are missing, and nobody installed them.
    Packages { names: Vec<String>, why_not: &'static str },
    /// apt-get failed; it said why.
    Install { names: Vec<String> },
}

/// Finds what is missing and installs it, if that is allowed.
pub(crate) fn provide(consent: Consent) -> Result<String, Missing> {
    let names = missing()?;
    if names.is_empty() {
        return Ok(format!("all {} are installed", NEEDED.len()));
    }
    if !is_root() {
        return Err(Missing::Packages { names, why_not: "installing them needs root" });
    }
    if consent == Consent::Ask && std::env::var_os("CI").is_none() && !agreed(&names) {
        return Err(Missing::Packages { names, why_not: "not installed, as nobody agreed to it" });
    }
    let installed = Command::new("sh").args(["-euc", INSTALL, "install.sh"]).args(&names).status();
    if installed.is_ok_and(|status| status.success()) {
        Ok(format!("installed {}", names.join(" ")))
    } else {
        Err(Missing::Install { names })
    }
}

/// Those of the list that dpkg does not know as installed.
fn missing() -> Result<Vec<String>, Missing> {
    // Its status is not zero as soon as one of them is unknown; what it says of the others holds.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(NEEDED)
        .output()
        .map_err(|_| Missing::NotDebian)?;
    let known = String::from_utf8_lossy(&output.stdout);
    let npm = (!is_command(NPM)).then_some(NPM);
    Ok(not_installed(&known).chain(npm).map(str::to_owned).collect())
}

/// Whether there is a program of this name.
fn is_command(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn not_installed(known: &str) -> impl Iterator<Item = &'static str> + '_ {
    let installed = |name: &str| known.lines().any(|line| line.split_once(' ') == Some((name, "installed")));
    NEEDED.iter().copied().filter(move |name| !installed(name))
}

fn agreed(names: &[String]) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    eprint!("The tests need these Debian packages: {}.\nInstall them now? [y/N] ", names.join(" "));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDebian => {
                write!(f, "dpkg-query is not here. The tests speak with {}", NEEDED.join(", "))?;
                write!(f, " as Debian has them; run this on Debian, or in a container of it")
            }
            Self::Packages { names, why_not } => {
                writeln!(f, "missing: {} ({why_not}). Run:", names.join(" "))?;
                write!(f, "  sudo apt-get install --no-install-recommends {}", names.join(" "))
            }
            Self::Install { names } => {
                write!(f, "apt-get could not install {}", names.join(" "))?;
                write!(f, "; what it says above is the reason")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_was_removed_but_left_its_configuration_is_missing() {
        let state = |name: &&str| if *name == "nginx" { "config-files" } else { "installed" };
        let known: String = NEEDED.iter().map(|name| format!("{name} {}\n", state(name))).collect();
        assert_eq!(not_installed(&known).collect::<Vec<_>>(), ["nginx"]);
    }

    #[test]
    fn a_package_that_dpkg_does_not_know_is_missing() {
        assert_eq!(not_installed("").count(), NEEDED.len());
    }

    #[test]
    fn who_is_not_root_is_told_the_command() {
        let missing =
            Missing::Packages { names: vec!["nginx".to_owned()], why_not: "installing them needs root" };
        let text = missing.to_string();
        assert!(text.contains("sudo apt-get install --no-install-recommends nginx"), "{text}");
    }
}
