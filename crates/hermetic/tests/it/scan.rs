//! What a scanner of other hands sees of a policy: sslscan.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;

use hermetic_tls::policy::Fidelity;
use hermetic_tls::{NamedGroup, ProtocolVersion, SecurityPolicy};

use crate::harness::{Hermetic, folder, openssl};

/// A policy that is served as it is written, and the listeners that serve it.
struct Scanned {
    policy: &'static SecurityPolicy,
    /// The suites of TLS 1.2 go by the certificate, so there is a listener for each kind.
    ports: Vec<u16>,
}

/// The policies whose suites are served exactly, each with its listeners' certificates.
fn exact() -> impl Iterator<Item = (&'static SecurityPolicy, &'static [&'static str])> {
    let exact = |policy: &&SecurityPolicy| {
        policy.is_servable().is_ok() && matches!(policy.suite_fidelity(), Fidelity::Exact)
    };
    SecurityPolicy::all().iter().filter(exact).map(|policy| {
        let tls_1_2 = policy.servable_versions().contains(&ProtocolVersion::TLS1_2);
        (policy, if tls_1_2 { &["rsa", "ec"][..] } else { &["ec"][..] })
    })
}

impl Scanned {
    fn begin(&self, patience: u32) -> Vec<JoinHandle<Seen>> {
        let begin = |port: &u16| {
            let port = *port;
            std::thread::spawn(move || scan(port, patience))
        };
        self.ports.iter().map(begin).collect()
    }
}

impl Seen {
    /// What several scans found together.
    fn of(scans: Vec<JoinHandle<Seen>>) -> Self {
        let mut all = Self::default();
        for scan in scans {
            let found = scan.join().unwrap();
            all.versions.extend(found.versions);
            all.suites.extend(found.suites);
            all.groups.extend(found.groups);
        }
        all
    }
}

fn certificate(folder: &Path, kind: &str) {
    let path = |end: &str| folder.join(format!("{kind}.{end}")).to_str().unwrap().to_owned();
    let key: &[&str] = match kind {
        "rsa" => &["-newkey", "rsa:2048"],
        _ => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    };
    let names =
        ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30", "-nodes"];
    let (cert, key_file) = (path("pem"), path("key"));
    let made =
        openssl(&[&["req", "-x509", "-out", &cert, "-keyout", &key_file][..], key, &names].concat(), b"");
    assert!(made.status.success(), "{made:?}");
}

fn serving() -> (Hermetic, Vec<Scanned>) {
    let folder = folder();
    ["rsa", "ec"].iter().for_each(|kind| certificate(folder.path(), kind));
    let mut scanned = Vec::new();
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        let mut text = String::new();
        let mut next = 1;
        for (policy, kinds) in exact() {
            let mut own = Vec::new();
            for kind in kinds {
                let port = ports.nth(next);
                text += &format!(
                    "[[listener]]\nname = \"l{next}\"\nbind = \"127.0.0.1:{port}\"\npolicy = \"{}\"\n\
                     certificate = {{ cert = \"{kind}.pem\", key = \"{kind}.key\" }}\n\
                     [[route]]\nlistener = \"l{next}\"\nshow = \"path\"\n",
                    policy.full_name()
                );
                own.push(port);
                next += 1;
            }
            scanned.push(Scanned { policy, ports: own });
        }
        text
    });
    (hermetic, scanned)
}

/// What one scan found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    versions: BTreeSet<String>,
    suites: BTreeSet<u16>,
    groups: BTreeSet<u16>,
}

/// Scans; what does not answer within so many seconds is taken as refused.
fn scan(port: u16, patience: u32) -> Seen {
    let leave = ["--no-heartbleed", "--no-renegotiation", "--no-compression", "--no-fallback", "--no-colour"];
    let output = Command::new("sslscan")
        .args(leave)
        .args([
            &format!("--timeout={patience}"),
            "--xml=-",
            "--sni-name=localhost",
            &format!("127.0.0.1:{port}"),
        ])
        .output()
        .expect("sslscan is needed; `cargo xtask test` installs it");
    let xml = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut seen = Seen::default();
    for element in xml.split('<') {
        let attribute = |name: &str| element.split(&format!(" {name}=\"")).nth(1)?.split('"').next();
        let number = || u16::from_str_radix(attribute("id").unwrap().trim_start_matches("0x"), 16).unwrap();
        match element.split(' ').next() {
            Some("protocol") if attribute("enabled") == Some("1") => {
                let (kind, version) = (attribute("type").unwrap(), attribute("version").unwrap());
                seen.versions.insert(format!("{}v{version}", kind.to_uppercase()));
            }
            Some("cipher") => {
                seen.suites.insert(number());
            }
            Some("group") => {
                seen.groups.insert(number());
            }
            _ => {}
        }
    }
    seen
}

/// What sslscan should see of a policy: it knows no post-quantum group, and looks for groups in TLS 1.3 alone.
fn promised(policy: &SecurityPolicy) -> Seen {
    let tls_1_3 = policy.servable_versions().contains(&ProtocolVersion::TLS1_3);
    let groups = policy.servable_groups();
    let classical: Vec<&NamedGroup> = groups.iter().filter(|group| !group.is_post_quantum()).collect();
    if classical.is_empty() {
        return Seen::default();
    }
    Seen {
        versions: policy.servable_versions().iter().map(ToString::to_string).collect(),
        suites: policy.suites.into_iter().flatten().map(|suite| suite.0).collect(),
        groups: classical.iter().filter(|_| tls_1_3).map(|group| group.0).collect(),
    }
}

#[test]
fn a_scanner_sees_of_each_exact_policy_just_what_it_says() {
    let (_hermetic, scanned) = serving();
    // Most of a scan is waiting: sslscan leaves connections open on which it wants to hear no more.
    let scans: Vec<_> = scanned.iter().map(|one| one.begin(1)).collect();
    assert!(scans.len() > 20, "{}", scans.len());
    for (one, scans) in scanned.iter().zip(scans) {
        let promised = promised(one.policy);
        let mut seen = Seen::of(scans);
        if seen != promised {
            // A machine may be slow, and is given time.
            seen = Seen::of(one.begin(10));
        }
        assert_eq!(seen, promised, "{}", one.policy.full_name());
    }
}
