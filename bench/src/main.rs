//! Side-by-side measurements of the gateway and of what people run today. Each proxy ends TLS with
//! the same certificate before the same origin, with one worker on one core; the load comes from the
//! other. What is counted is work per second of the proxy's CPU time, so that a busy machine lowers
//! no figure.

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
use proxy::Binaries;
use runs::Plan;

const USAGE: &str = "\
hermetic-bench --hermetic FILE [--envoy FILE] [--runs N] [--seconds N] [--page FILE]

  --hermetic FILE  the binary that is measured
  --envoy FILE     Envoy's; without it, Envoy is left out, and the page says so
  --runs N         how often each figure is taken; medians are shown (5)
  --seconds N      for how long each time (3)
  --page FILE      where the page is written; without it, to standard output

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
    binaries: Binaries,
    plan: Plan,
    page: Option<PathBuf>,
}

impl Options {
    fn read(arguments: &[String]) -> Option<Self> {
        let (mut hermetic, mut envoy, mut page) = (None, None, None);
        let mut plan = Plan { runs: 5, time: Duration::from_secs(3) };
        let (pairs, []) = arguments.as_chunks::<2>() else { return None };
        for [name, value] in pairs {
            match name.as_str() {
                "--hermetic" => hermetic = Some(PathBuf::from(value)),
                "--envoy" => envoy = Some(PathBuf::from(value)),
                "--page" => page = Some(PathBuf::from(value)),
                "--runs" => plan.runs = value.parse().ok().filter(|runs| *runs > 0)?,
                "--seconds" => plan.time = Duration::from_secs(value.parse().ok().filter(|n| *n > 0)?),
                _ => return None,
            }
        }
        Some(Self { binaries: Binaries { hermetic: hermetic?, envoy }, plan, page })
    }
}

fn measure(options: &Options) -> Result<(), Failure> {
    let machine = machine::Machine::read();
    let results = runs::all(&options.binaries, options.plan, &machine)?;
    let page = page::write(&results, &machine);
    match &options.page {
        Some(path) => {
            std::fs::write(path, page).map_err(|source| Failure::File { path: path.clone(), source })
        }
        None => {
            print!("{page}");
            Ok(())
        }
    }
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
    fn five_runs_of_three_seconds_are_taken_where_nothing_is_said() {
        let plan = read("--hermetic h").unwrap().plan;
        assert_eq!(plan, Plan { runs: 5, time: Duration::from_secs(3) });
    }
}
