//! The fuzz targets, run for a while each. libFuzzer comes with its crate, and the coverage that it
//! steers by is the compiler's own, so neither cargo-fuzz nor a nightly compiler is needed. There is
//! no address sanitizer: the code under test forbids `unsafe`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::cargo::{captured, cargo, streamed};
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// What cargo-fuzz passes too: counters at every edge, and comparisons told to the fuzzer.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// How the targets are run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chance {
    /// The same inputs every time, as far as time allows: a change is judged by what it changed.
    Same,
    /// Other inputs every time.
    Other,
}

/// How long each target runs before a change goes in: long enough to meet what it has just broken.
pub(crate) const SHORTLY: Duration = Duration::from_secs(4);

/// `cargo xtask fuzz`.
pub(crate) fn alone() -> ExitCode {
    match Workspace::read().and_then(|workspace| run(&workspace, SHORTLY, Chance::Other)) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Builds all targets and runs each for `time`.
pub(crate) fn run(workspace: &Workspace, time: Duration, chance: Chance) -> Outcome {
    let place = Place {
        folder: workspace.workspace_root.join("fuzz"),
        target: workspace.target_directory.join("fuzz"),
        host: host()?,
    };
    let targets = place.targets()?;
    // With a target named, the flags are not for build scripts, which have no fuzzer to link with.
    let mut build = cargo(["build", "--release", "--target", &place.host, "--manifest-path"]);
    build.arg(place.folder.join("Cargo.toml")).arg("--target-dir").arg(&place.target);
    streamed(build.env("RUSTFLAGS", FLAGS))?;
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = place.fuzz(target, time, chance)
                        && let Ok(mut failed) = failed.lock()
                    {
                        eprintln!("{failure}");
                        failed.push(target.as_str());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    match failed.as_slice() {
        [] => Ok(format!("{} targets, {} s each", targets.len(), time.as_secs())),
        failed => Err(Failure(format!("found by {}; see fuzz/artifacts", failed.join(", ")))),
    }
}

/// Where the targets are, and where they are built.
struct Place {
    folder: PathBuf,
    target: PathBuf,
    host: String,
}

impl Place {
    fn targets(&self) -> Result<Vec<String>, Failure> {
        let folder = self.folder.join("fuzz_targets");
        let unreadable = |error| Failure(format!("{}: {error}", folder.display()));
        let files = fs::read_dir(&folder).map_err(unreadable)?.flatten().map(|entry| entry.path());
        let mut names: Vec<String> =
            files.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The folder of a target's seeds. Where tests use them too they are beside those, and a file names the
    /// folder: a link would not survive every checkout.
    fn seeds(&self, name: &str) -> Option<PathBuf> {
        let seeds = self.folder.join("seeds");
        let path = seeds.join(name);
        match fs::read_to_string(&path) {
            Ok(named) => Some(seeds.join(named.trim())),
            Err(_) => existing(&path),
        }
    }

    fn fuzz(&self, name: &str, time: Duration, chance: Chance) -> Result<(), Failure> {
        let unwritable = |error| Failure(format!("fuzz target {name}: {error}"));
        let corpus = self.target.join("corpus").join(name);
        let artifacts = self.folder.join("artifacts").join(name);
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let log = self.target.join(format!("{name}.log"));
        let output = fs::File::create(&log).map_err(unwritable)?;
        let mut command = Command::new(self.target.join(&self.host).join("release").join(name));
        command.arg(&corpus).args(self.seeds(name));
        command.args(
            existing(&self.folder.join(format!("{name}.dict")))
                .map(|file| format!("-dict={}", file.display())),
        );
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        command.args([&format!("-max_total_time={}", time.as_secs()), "-timeout=10", "-rss_limit_mb=2048"]);
        if matches!(chance, Chance::Same) {
            command.arg("-seed=1");
        }
        let status = command.stdout(Stdio::null()).stderr(output).status().map_err(unwritable)?;
        match status.success() {
            true => Ok(()),
            false => Err(Failure(format!("fuzz target {name} ended with {status}:\n{}", last_words(&log)))),
        }
    }
}

/// The target that this machine is.
fn host() -> Result<String, Failure> {
    let mut rustc = Command::new("rustc");
    rustc.arg("-vV");
    let told = captured(rustc)?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure("`rustc -vV` names no host".to_owned()))
}

fn existing(path: &Path) -> Option<PathBuf> {
    path.exists().then(|| path.to_owned())
}

fn last_words(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
