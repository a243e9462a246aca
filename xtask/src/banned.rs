//! Crates that nothing we build may contain.

use std::collections::BTreeSet;

use crate::cargo::{captured, cargo, streamed};
use crate::steps::{Failure, Outcome};

/// One TLS library and one cryptography library are enough, and they are rustls and aws-lc-rs; a
/// proxy framework would decide for us. `*` stands for any ending.
const BANNED: &[&str] = &[
    "boring",
    "boring-sys",
    "native-tls",
    "openssl",
    "openssl-src",
    "openssl-sys",
    "pingora*",
    "ring",
    "tokio-boring",
    "tokio-native-tls",
];

/// Looks through what is really built, for any target. `cargo metadata` would not do: it lists crates
/// behind features that nobody turned on (`ring` under rustls-webpki).
pub(crate) fn check() -> Outcome {
    let tree = ["tree", "--workspace", "--target", "all", "--edges", "normal,build"];
    let mut list = cargo(tree);
    list.args(["--prefix", "none", "--format", "{p}"]);
    let built = names(&captured(list)?);
    let found: Vec<String> = built.iter().filter(|name| is_banned(name)).cloned().collect();
    for name in &found {
        // Says through which crate it comes in.
        streamed(cargo(tree).args(["--invert", name]))?;
    }
    if found.is_empty() {
        Ok(format!("none in {} crates", built.len()))
    } else {
        Err(Failure(format!("built: {}", found.join(", "))))
    }
}

/// The names in lines such as `ring v0.17.14 (*)`.
fn names(list: &str) -> BTreeSet<String> {
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn is_banned(name: &str) -> bool {
    BANNED.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_banned_by_its_prefix() {
        assert!(is_banned("pingora-core"));
        assert!(is_banned("ring"));
    }

    #[test]
    fn a_crate_that_only_sounds_like_openssl_is_not_banned() {
        assert!(!is_banned("openssl-probe"));
        assert!(!is_banned("string"));
    }

    #[test]
    fn names_are_read_without_versions_and_marks() {
        let list = "hermetic v0.1.0 (/src/crates/hermetic)\nring v0.17.14 (*)\n\nring v0.17.14\n";
        assert_eq!(names(list).into_iter().collect::<Vec<_>>(), ["hermetic", "ring"]);
    }
}
