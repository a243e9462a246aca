//! Side-by-side measurements of the gateway, of the scanner, of the auditor and of what people run today, and
//! measurements of the authority and of policies.
//!
//! Each proxy ends TLS with the same certificate before the same origin, with one worker on one core; the load
//! comes from the other. What is counted is work per second of the proxy's CPU time, so that a busy machine
//! lowers no figure. Each scanner looks at the same server, and what is counted is time.

mod audit;
mod authority;
mod child;
mod cpu;
mod failure;
mod figure;
mod load;
mod machine;
mod origin;
mod page;
mod policy;
mod proxy;
mod runs;
mod scan;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use failure::Failure;
use page::Part;
use proxy::Binaries;
use runs::Plan;

const USAGE: &str = "\
hermetic-bench --hermetic FILE [--envoy FILE] [--runs N] [--seconds N] [--page FILE]
hermetic-bench authority [--certificates N] [--runs N] [--seconds N] [--page FILE]
hermetic-bench policy [--runs N] [--seconds N] [--page FILE]
hermetic-bench audit --hermetic FILE --checkov FILE --guard FILE --rules FOLDER [--runs N] [--templates N]
                     [--resources N] [--page FILE]
hermetic-bench scan --hermetic FILE --sslyze FILE [--runs N] [--endpoints N] [--far N] [--absent N] [--page FILE]

  --hermetic FILE  the binary that is measured
  --envoy FILE     Envoy's; without it, Envoy is left out, and the page says so
  --sslyze FILE    the program of sslyze
  --checkov FILE   the program of Checkov
  --guard FILE     the program of cfn-guard
  --rules FOLDER   the rules of Control Tower for cfn-guard
  --runs N         how often each figure is taken; medians are shown (5)
  --seconds N      for how long each time (3)
  --certificates N how many the inventory has (1000000)
  --endpoints N    how many are scanned fast (2000)
  --far N          how many endpoints are far away (200)
  --absent N       how many targets are not there (100000)
  --templates N    how many templates are audited (1000)
  --resources N    how many resources the plan of Terraform has (20000)
  --page FILE      where it is written, into its part of the page; without it, to standard output

nginx, haproxy, sslscan and testssl are taken from the path.
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
    Policy(policy::Plan),
    Scan(scan::Plan),
    Audit(audit::Plan),
}

/// The options of a command line, each taken by whoever knows it.
struct Named<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Named<'a> {
    fn read(arguments: &'a [String]) -> Option<Self> {
        let (pairs, []) = arguments.as_chunks::<2>() else { return None };
        Some(Self(pairs.iter().map(|[name, value]| (name.as_str(), value.as_str())).collect()))
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let place = self.0.iter().position(|(given, _)| *given == name)?;
        Some(self.0.swap_remove(place).1)
    }

    /// A file, wherever the programs that use it are run.
    fn file(&mut self, name: &str) -> Option<PathBuf> {
        std::path::absolute(self.take(name)?).ok()
    }

    /// A number above 0, or what stands for none given; `None` for another.
    fn number<N: FromStr + PartialOrd + Default>(&mut self, name: &str, otherwise: N) -> Option<N> {
        match self.take(name) {
            Some(value) => value.parse().ok().filter(|number| *number > N::default()),
            None => Some(otherwise),
        }
    }
}

impl Options {
    fn read(arguments: &[String]) -> Option<Self> {
        let (subject, arguments) = match arguments {
            [first, rest @ ..] if !first.starts_with("--") => (first.as_str(), rest),
            all => ("gateway", all),
        };
        let mut named = Named::read(arguments)?;
        let (page, runs) = (named.file("--page"), named.number("--runs", 5)?);
        let what = match subject {
            "gateway" => What::Gateway {
                binaries: Binaries { hermetic: named.file("--hermetic")?, envoy: named.file("--envoy") },
                plan: Plan { runs, time: Duration::from_secs(named.number("--seconds", 3)?) },
            },
            "authority" => What::Authority(authority::Plan {
                runs,
                time: Duration::from_secs(named.number("--seconds", 3)?),
                certificates: named.number("--certificates", 1_000_000)?,
            }),
            "policy" => {
                What::Policy(policy::Plan { runs, time: Duration::from_secs(named.number("--seconds", 3)?) })
            }
            "scan" => What::Scan(scan::Plan {
                hermetic: named.file("--hermetic")?,
                sslyze: named.file("--sslyze")?,
                runs,
                endpoints: named.number("--endpoints", 2_000)?,
                far: named.number("--far", 200)?,
                absent: named.number("--absent", 100_000)?,
            }),
            "audit" => What::Audit(audit::Plan {
                hermetic: named.file("--hermetic")?,
                checkov: named.file("--checkov")?,
                guard: named.file("--guard")?,
                rules: named.file("--rules")?,
                runs,
                templates: named.number("--templates", 1_000)?,
                resources: named.number("--resources", 20_000)?,
            }),
            _ => return None,
        };
        named.0.is_empty().then_some(Self { what, page })
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
        What::Policy(plan) => (Part::Policy, policy::page::write(&policy::measure(*plan)?, &machine)),
        What::Audit(plan) => (Part::Audit, audit::page::write(&audit::measure(plan)?, &machine)),
        What::Scan(plan) => (Part::Scan, scan::page::write(&scan::measure(plan, machine.cores)?, &machine)),
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
    fn the_scanner_is_measured_with_what_is_compared_with_it() {
        let What::Scan(plan) = read("scan --hermetic h --sslyze s --far 20").unwrap().what else { panic!() };
        assert_eq!((plan.runs, plan.endpoints, plan.far, plan.absent), (5, 2_000, 20, 100_000));
        assert_eq!(read("scan --hermetic h"), None);
        assert_eq!(read("scan --hermetic h --sslyze s --envoy e"), None);
    }

    #[test]
    fn the_auditor_is_measured_with_what_is_compared_with_it() {
        let audit = "audit --hermetic h --checkov c --guard g --rules r";
        let What::Audit(plan) = read(audit).unwrap().what else { panic!() };
        assert_eq!((plan.runs, plan.templates, plan.resources), (5, 1_000, 20_000));
        assert_eq!(read("audit --hermetic h --checkov c --guard g"), None);
    }

    #[test]
    fn policies_are_measured_without_a_binary() {
        let What::Policy(plan) = read("policy --seconds 1").unwrap().what else { panic!() };
        assert_eq!(plan, policy::Plan { runs: 5, time: Duration::from_secs(1) });
        assert_eq!(read("policy --hermetic h"), None);
    }

    #[test]
    fn five_runs_of_three_seconds_are_taken_where_nothing_is_said() {
        let What::Gateway { plan, .. } = read("--hermetic h").unwrap().what else { panic!() };
        assert_eq!(plan, Plan { runs: 5, time: Duration::from_secs(3) });
    }
}
