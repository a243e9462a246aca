//! Side-by-side measurements of the gateway and of what people run today, and measurements of the authority.
//!
//! Each proxy ends TLS with
//! the same certificate before the same origin, with one worker on one core; the load comes from the
//! other. What is counted is work per second of the proxy's CPU time, so that a busy machine lowers
//! no figure.

mod authority;
mod cpu;
mod failure;
mod figure;
mod load;
mod machine;
mod origin;
mod page;
mod proxy;
mod runs;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use failure::Failure;
use page::Part;
use proxy::Binaries;
use runs::Plan;

const USAGE: &str = "\
hermetic-bench --hermetic FILE [--envoy FILE] [--runs N] [--seconds N] [--page FILE]
hermetic-bench authority [--certificates N] [--runs N] [--seconds N] [--page FILE]

  --hermetic FILE  the binary that is measured
  --envoy FILE     Envoy's; without it, Envoy is left out, and the page says so
  --runs N         how often each figure is taken; medians are shown (5)
  --seconds N      for how long each time (3)
  --certificates N how many the inventory has (1000000)
  --page FILE      where it is written, into its part of the page; without it, to standard output

nginx and haproxy are taken from the path.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(options) = Options::read(&arguments) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match measure(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(3)
        }
    }
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    what: What,
    page: Option<PathBuf>,
}

/// What is measured.
#[derive(Debug, PartialEq, Eq)]
enum What {
    Gateway { binaries: Binaries, plan: Plan },
    Authority(authority::Plan),
}

impl Options {
    fn read(arguments: &[String]) -> Option<Self> {
        let (of_authority, arguments) = match arguments {
            [first, rest @ ..] if first == "authority" => (true, rest),
            all => (false, all),
        };
        let (mut hermetic, mut envoy, mut page) = (None, None, None);
        let (mut plan, mut certificates) = (Plan { runs: 5, time: Duration::from_secs(3) }, None);
        let (pairs, []) = arguments.as_chunks::<2>() else { return None };
        for [name, value] in pairs {
            match name.as_str() {
                "--hermetic" => hermetic = Some(PathBuf::from(value)),
                "--envoy" => envoy = Some(PathBuf::from(value)),
                "--certificates" => certificates = Some(value.parse().ok().filter(|count| *count > 0)?),
                "--page" => page = Some(PathBuf::from(value)),
                "--runs" => plan.runs = value.parse().ok().filter(|runs| *runs > 0)?,
                "--seconds" => plan.time = Duration::from_secs(value.parse().ok().filter(|n| *n > 0)?),
                _ => return None,
            }
        }
        let what = match (of_authority, hermetic) {
            (true, None) if envoy.is_none() => What::Authority(authority::Plan {
                runs: plan.runs,
                time: plan.time,
                certificates: certificates.unwrap_or(1_000_000),
            }),
            (false, Some(hermetic)) if certificates.is_none() => {
                What::Gateway { binaries: Binaries { hermetic, envoy }, plan }
            }
            _ => return None,
        };
        Some(Self { what, page })
    }
}

fn measure(options: &Options) -> Result<(), Failure> {
    let machine = machine::Machine::read();
    let (part, text) = match &options.what {
        What::Gateway { binaries, plan } => {
            (Part::Gateway, page::write(&runs::all(binaries, *plan, &machine)?, &machine))
        }
        What::Authority(plan) => {
            (Part::Authority, authority::page::write(&authority::measure(*plan)?, &machine))
        }
    };
    let Some(path) = &options.page else {
        print!("{text}");
        return Ok(());
    };
    let before = std::fs::read_to_string(path).unwrap_or_default();
    std::fs::write(path, part.put_into(&before, &text))
        .map_err(|source| Failure::File { path: path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Options> {
        Options::read(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn without_the_binary_that_is_measured_nothing_is() {
        assert_eq!(read("--runs 3"), None);
    }

    #[test]
    fn no_runs_and_no_time_measure_nothing() {
        assert_eq!(read("--hermetic h --runs 0"), None);
        assert_eq!(read("--hermetic h --seconds 0"), None);
        assert_eq!(read("--hermetic h --seconds"), None);
    }

    #[test]
    fn the_authority_is_measured_alone_with_a_million_certificates() {
        let What::Authority(plan) = read("authority --runs 2").unwrap().what else { panic!() };
        assert_eq!((plan.runs, plan.certificates), (2, 1_000_000));
        assert_eq!(read("authority --hermetic h"), None);
    }

    #[test]
    fn five_runs_of_three_seconds_are_taken_where_nothing_is_said() {
        let What::Gateway { plan, .. } = read("--hermetic h").unwrap().what else { panic!() };
        assert_eq!(plan, Plan { runs: 5, time: Duration::from_secs(3) });
    }
}
