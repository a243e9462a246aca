//! `hermetic scan`: what endpoints accept on the wire, and what that is worth.

mod bar;
pub mod evidence;
mod extent;
mod feed;
pub mod hops;
mod judged;
mod page;
mod progress;
mod remembered;
mod report;
#[cfg(test)]
mod samples;
mod sink;
mod tally;
mod target;
mod targets;
mod typed;
mod watch;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;

use hermetic_probe::certificates::KeysMet;
use hermetic_probe::findings::Case;
use hermetic_probe::observe::Manners;
use hermetic_probe::way::{Limits, Way};
use hermetic_probe::{Depth, Plan};
use hermetic_tls::{Clock, Randomness, SystemClock, SystemRandomness};

use crate::arguments::{Addresses, Scan};
use crate::descriptors;
use crate::exit::{Exit, Failure};
use crate::output;
use bar::Bar;
use evidence::Gathered;
use feed::{Feed, Told};
use progress::Progress;
use report::Report;
use tally::{Fate, Tally};
use targets::{Named, Targets};

/// The JSON Schema of reports.
const SCHEMA: &str = include_str!("report.schema.json");

/// How many lines that are no target are told; those behind them are counted.
const TOLD: u64 = 20;

/// Scans, and prints what was seen as it is seen.
pub async fn run(arguments: &Scan) -> Result<Exit, Failure> {
    if arguments.schema {
        output::print(SCHEMA)?;
        return Ok(Exit::Fine);
    }
    warm_up();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if let Some(every) = arguments.watch {
        return watch::watch(arguments, every, &clock).await;
    }
    // What is wrong with what was asked is told before anything is printed.
    let (bar, targets) = (Bar::of(arguments)?, targets::of(arguments).await?);
    let mut sink = sink::of(arguments, !targets::is_one(arguments), clock.now())?;
    let pass = pass(arguments, targets, &bar, &clock, |_, report, fate| sink.take(report, fate)).await?;
    if !pass.is_broken {
        sink.end(&pass.keys)?;
    }
    pass.close(arguments).await
}

/// AWS-LC measures the jitter of the processor for some 30 ms before its first random byte: meanwhile roots and targets
/// are read.
fn warm_up() {
    let draw = || SystemRandomness::default().fill(&mut [0]).ok();
    // Without a thread for it, whoever is first waits.
    std::thread::Builder::new().name("randomness".to_owned()).spawn(draw).ok();
}

/// All targets, each looked at once.
#[derive(Debug, Default)]
struct Pass {
    tally: Tally,
    gathered: Gathered,
    keys: KeysMet,
    /// Whether it ended before its end, as nobody reads any more.
    is_broken: bool,
}

/// Scans all targets, and hands each report on as it comes.
async fn pass(
    arguments: &Scan,
    targets: Targets,
    bar: &Bar,
    clock: &Arc<dyn Clock>,
    mut take: impl FnMut(&Named, &Report, Fate) -> Result<ControlFlow<()>, Failure>,
) -> Result<Pass, Failure> {
    let plan = plan(arguments);
    let depth = plan.depth;
    let mut feed = Feed::start(targets, plan, Arc::clone(clock))
        .map_err(|error| Failure::unable(format!("no thread can be had: {error}")))?;
    let mut progress = progress(arguments);
    let mut pass = Pass::default();
    while !pass.is_broken {
        let told = tokio::select! {
            told = feed.next() => told,
            () = Progress::tick(&mut progress) => {
                progress.iter_mut().for_each(|progress| progress.draw(&pass.tally));
                continue;
            }
        };
        progress.iter_mut().for_each(Progress::clear);
        match told {
            None => break,
            Some(Told::Wrong(failure)) => complain(&failure, &mut pass.tally),
            Some(Told::Seen(named, scanned)) => {
                let case = Case {
                    target: &named.target,
                    scanned: &scanned,
                    at: clock.now(),
                    software: arguments.software,
                };
                let mut report = Report::of(case, depth);
                report.meet(&mut pass.keys, &scanned);
                let fate = bar.measure(&mut report);
                pass.tally.count(report.verdict(), fate, scanned.connections);
                pass.gathered.take(&named, &scanned, &report);
                pass.is_broken = take(&named, &report, fate)?.is_break();
            }
        }
    }
    Ok(pass)
}

impl Pass {
    /// Hands over what was gathered, and says how it ended.
    async fn close(self, arguments: &Scan) -> Result<Exit, Failure> {
        if self.is_broken {
            return Ok(self.tally.exit());
        }
        match self.keys.forgotten() {
            0 => {}
            forgotten => eprintln!(
                "{forgotten} keys came behind those that can be remembered: whether several targets have them, nobody \
                 can tell"
            ),
        }
        self.gathered.hand_over().await?;
        if arguments.verbose {
            eprintln!("{}", self.tally);
        }
        if self.tally.is_empty() {
            return Err(Failure::wrong("there is no target in what was given, and nothing was scanned")
                .remedy(
                    "write a target a line, or a [[hop]] into the configuration; behind a # stands a comment",
                ));
        }
        Ok(self.tally.exit())
    }
}

fn plan(arguments: &Scan) -> Plan {
    let limits =
        Limits { per_host: arguments.per_host.into(), host_rate: arguments.host_rate, rate: arguments.rate };
    let manners = Manners {
        way: Way::new(arguments.proxy.clone(), limits),
        answer: arguments.timeout,
        deadline: arguments.deadline,
        most_connections: arguments.budget,
        ..Manners::default()
    };
    Plan {
        manners,
        depth: if arguments.fast { Depth::Fast } else { Depth::Full },
        each_address: arguments.ip == Addresses::All,
        at_once: at_once(arguments),
        workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
    }
}

/// As many targets as were asked for, and as the file descriptors of this process are enough for.
fn at_once(arguments: &Scan) -> NonZeroUsize {
    let asked = NonZeroUsize::from(arguments.concurrency);
    // Each pair of descriptors is good for two of our connections.
    let enough = descriptors::raise().map(|pairs| pairs.get() * 2 / usize::from(arguments.per_host).max(1));
    enough.and_then(NonZeroUsize::new).map_or(asked, |enough| enough.min(asked))
}

/// How far it is, where there are many targets.
fn progress(arguments: &Scan) -> Option<Progress> {
    if targets::is_one(arguments) {
        return None;
    }
    let (arguments, runtime) = (arguments.clone(), tokio::runtime::Handle::current());
    Progress::start(move || runtime.block_on(targets::count(&arguments)))
}

/// Tells of a line that is no target, the first of them in full.
fn complain(failure: &Failure, tally: &mut Tally) {
    tally.wrong += 1;
    if tally.wrong <= TOLD {
        failure.tell();
    } else if tally.wrong == TOLD + 1 {
        Failure::wrong("more lines are no targets; the first of them were told").tell();
    }
}
