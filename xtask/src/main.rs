//! What developers and CI run: `cargo xtask COMMAND`.

mod banned;
mod cargo;
mod docs;
mod licences;
mod lines;
mod links;
mod packages;
mod python;
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
  docs           write the generated pages of docs/ anew

Exit status: 0 fine, 1 a check or test failed, 2 wrong usage, or something that the tests need is missing.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test::run(packages::Consent::Ask),
        ["test", "--yes"] => test::run(packages::Consent::Given),
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
