//! Every package that the lock file names is under a licence that we may use.

use crate::spdx::Expression;
use crate::steps::{Failure, Outcome};
use crate::workspace::{Package, Workspace};

/// Licences that ask for no more than a notice. Another one comes in only with a reason.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0", // Mozilla's roots, which are data; it asks for its own text beside them
    "ISC",
    "MIT",
    "Unicode-3.0", // unicode-ident carries Unicode's tables
    "Zlib",        // foldhash, under rusqlite; it asks for no notice in a binary
];

/// Checks all packages and names each that may not be used.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let refused: Vec<String> = workspace.packages.iter().filter_map(refusal).collect();
    for line in &refused {
        eprintln!("{line}");
    }
    match refused.len() {
        0 => Ok(format!("{} packages", workspace.packages.len())),
        1 => Err(Failure("1 package may not be used".to_owned())),
        count => Err(Failure(format!("{count} packages may not be used"))),
    }
}

fn refusal(package: &Package) -> Option<String> {
    let reason = match package.license.as_deref().map(|text| (text, Expression::parse(text))) {
        None => "names no licence".to_owned(),
        Some((text, Err(error))) => format!("`{text}` is no SPDX expression: {error}"),
        Some((_, Ok(expression))) if expression.is_satisfied(ALLOWED) => return None,
        Some((text, Ok(_))) => format!("`{text}` is not allowed"),
    };
    Some(format!("{} {}: {reason}", package.name, package.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(license: Option<&str>) -> Package {
        Package { name: "crate".to_owned(), version: "1.0.0".to_owned(), license: license.map(str::to_owned) }
    }

    #[test]
    fn a_licence_that_is_not_on_the_list_is_refused_by_name() {
        let refusal = refusal(&package(Some("AGPL-3.0-only"))).unwrap();
        assert_eq!(refusal, "crate 1.0.0: `AGPL-3.0-only` is not allowed");
    }

    #[test]
    fn a_package_without_a_licence_is_refused() {
        assert_eq!(refusal(&package(None)).unwrap(), "crate 1.0.0: names no licence");
    }

    #[test]
    fn aws_lc_is_allowed() {
        let license = "ISC AND (Apache-2.0 OR ISC) AND Apache-2.0 AND MIT AND BSD-3-Clause AND \
                       (Apache-2.0 OR ISC OR MIT) AND (Apache-2.0 OR ISC OR MIT-0)";
        assert_eq!(refusal(&package(Some(license))), None);
    }
}
