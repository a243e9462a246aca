//! The auditors that ours is compared with and measured by: Checkov from PyPI, which wants other versions than the test
//! peers do and so has an environment of its own, cfn-guard from crates.io, and the rules of AWS Control Tower for it from
//! npm, where AWS publishes them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{captured, cargo, streamed};
use crate::npm::{self, Peer};
use crate::python;
use crate::steps::{Failure, Outcome};

/// The variables that tell the tests where Checkov, cfn-guard and its rules are.
pub(crate) const VARIABLES: [&str; 3] =
    ["HERMETIC_TEST_CHECKOV", "HERMETIC_TEST_GUARD", "HERMETIC_TEST_GUARD_RULES"];

const CHECKOV: &str = "checkov==3.3.30";
const GUARD: &str = "3.2.1";

const RULES: Peer = Peer {
    name: "@cdklabs/cdk-validator-cfnguard",
    version: "0.0.62",
    sha512: "4a0da4f34ebb07400827cd901522e11d3508ab13984ca001bd5ad31e2c9cea3d\
             2b136347962d9d88862a7fec3e0e4b8328261880c20e81adcead830e1d4c3499",
    inner: None,
    folder: "package/rules/control-tower/cfn-guard",
};

/// The rules that are about encryption in transit, by their files.
const IN_TRANSIT: &[&str] = &[
    "apigateway/ct-apigateway-pr-6.guard",
    "appsync/ct-appsync-pr-4.guard",
    "cloudfront/ct-cloudfront-pr-3.guard",
    "cloudfront/ct-cloudfront-pr-6.guard",
    "cloudfront/ct-cloudfront-pr-7.guard",
    "cloudfront/ct-cloudfront-pr-8.guard",
    "cloudfront/ct-cloudfront-pr-9.guard",
    "cloudfront/ct-cloudfront-pr-11.guard",
    "databasemigrationservice/ct-dms-pr-2.guard",
    "dynamodb/ct-dax-pr-3.guard",
    "ec2/ct-ec2-pr-19.guard",
    "elasticache/ct-elasticache-pr-5.guard",
    "elasticloadbalancing/ct-elasticloadbalancing-pr-1.guard",
    "elasticloadbalancing/ct-elasticloadbalancing-pr-2.guard",
    "elasticloadbalancing/ct-elasticloadbalancing-pr-8.guard",
    "elasticloadbalancing/ct-elasticloadbalancing-pr-9.guard",
    "elasticloadbalancing/ct-elasticloadbalancing-pr-12.guard",
    "emr/ct-emr-pr-4.guard",
    "msk/ct-msk-pr-1.guard",
    "opensearchservice/ct-opensearch-pr-3.guard",
    "opensearchservice/ct-opensearch-pr-8.guard",
    "opensearchservice/ct-opensearch-pr-11.guard",
    "opensearchservice/ct-opensearch-pr-16.guard",
    "rds/ct-rds-pr-26.guard",
    "redshift/ct-redshift-pr-9.guard",
    "s3/ct-s3-pr-8.guard",
];

/// Installs what is missing of them. cfn-guard is built in release, which takes some minutes.
pub(crate) fn provide(target: &Path) -> Outcome {
    let peers = target.join("test-peers");
    python::made(&peers.join("checkov"), &[CHECKOV], &[])?;
    if !is_installed(&guard(target)) {
        let mut install =
            cargo(["install", "cfn-guard", "--version", GUARD, "--locked", "--quiet", "--force"]);
        streamed(install.arg("--root").arg(peers.join("cfn-guard")))?;
    }
    provide_rules(target)?;
    Ok(format!("{CHECKOV}, cfn-guard {GUARD}, {}@{}", RULES.name, RULES.version))
}

/// Lays the rules that are wanted into a folder of their own.
fn provide_rules(target: &Path) -> Result<(), Failure> {
    let all = target.join("test-peers").join(format!("control-tower-{}", RULES.version));
    if !all.exists() {
        npm::fetch(&RULES, &all)?;
    }
    let folder = rules(target);
    let failed = |error: std::io::Error| Failure(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(failed)?;
    for rule in IN_TRANSIT {
        let file = rule.rsplit('/').next().unwrap_or(rule);
        std::fs::copy(all.join(rule), folder.join(file)).map_err(failed)?;
    }
    Ok(())
}

/// The program of Checkov.
pub(crate) fn checkov(target: &Path) -> PathBuf {
    target.join("test-peers/checkov/bin/checkov")
}

/// The program of cfn-guard.
pub(crate) fn guard(target: &Path) -> PathBuf {
    target.join("test-peers/cfn-guard/bin/cfn-guard")
}

/// The folder with Control Tower's rules about encryption in transit.
pub(crate) fn rules(target: &Path) -> PathBuf {
    target.join("test-peers/control-tower-in-transit")
}

fn is_installed(guard: &Path) -> bool {
    let mut version = Command::new(guard);
    version.arg("--version");
    captured(version).is_ok_and(|said| said.trim().ends_with(GUARD))
}
