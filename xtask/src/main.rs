//! What developers and CI run: `cargo xtask COMMAND`.

mod auditors;
mod banned;
mod bench;
mod cargo;
mod docs;
mod fuzz;
mod licences;
mod lines;
mod links;
mod npm;
mod packages;
mod python;
mod soak;
mod sources;
mod spdx;
mod steps;
mod test;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  test [--yes]   install what the tests need, then run every check and test
                 (asks before it installs, unless --yes is given or CI is set)
  fuzz           run every fuzz target for some seconds, as `test` does
  soak [PART…] [--yes]
                 what takes longer: every fuzz target for a minute, and the long tests; with parts,
                 only what has one of them in its name, such as `fuzz`, `revoke` or `audit-agreement`
  soak --list    the names of all parts
  bench [gateway|authority|scan|policy|audit] [--yes]
                 measure the gateway beside nginx, HAProxy and Envoy, the authority with a million
                 certificates, the scanner beside sslscan, sslyze and testssl.sh, policies beside
                 Cedar, and the auditor beside Checkov and cfn-guard, and write docs/performance.md;
                 wants a machine that does nothing else
  docs           write the generated pages of docs/ anew

Exit status: 0 fine, 1 a check or test failed, 2 wrong usage, or something that the tests need is missing.
";

fn bench(arguments: &[&str]) -> ExitCode {
    use bench::Part::{Audit, Authority, Gateway, Policy, Scan};
    let (consent, rest) = match arguments.split_last() {
        Some((&"--yes", rest)) => (packages::Consent::Given, rest),
        _ => (packages::Consent::Ask, arguments),
    };
    match rest {
        [] => bench::run(&[Gateway, Authority, Scan, Policy, Audit], consent),
        ["gateway"] => bench::run(&[Gateway], consent),
        ["authority"] => bench::run(&[Authority], consent),
        ["scan"] => bench::run(&[Scan], consent),
        ["policy"] => bench::run(&[Policy], consent),
        ["audit"] => bench::run(&[Audit], consent),
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test::run(packages::Consent::Ask),
        ["test", "--yes"] => test::run(packages::Consent::Given),
        ["fuzz"] => fuzz::alone(),
        ["soak", "--list"] => soak::list(),
        ["soak", parts @ .., "--yes"] => soak::run(parts, packages::Consent::Given),
        ["soak", parts @ ..] if parts.iter().all(|part| !part.starts_with('-')) => {
            soak::run(parts, packages::Consent::Ask)
        }
        ["bench", rest @ ..] => bench(rest),
        ["docs"] => docs::run(),
        ["--help" | "-h" | "help"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
