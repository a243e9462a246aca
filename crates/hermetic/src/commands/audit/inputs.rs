//! What is audited: files, folders and standard input, each taken for what it is by looking.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hermetic_posture::cloudformation::{self, Disk, Given, Surroundings as _, Template};
use hermetic_posture::{FileId, Graph, Kind, Part, PartId, ReadError, recognise, terraform};
use jiff::Timestamp;

use super::found::{self, Found};
use super::parameters::Parameters;
use super::progress;
use crate::arguments::Audit;
use crate::exit::Failure;

/// No tool writes a larger file of infrastructure code; `/dev/zero` is larger.
const LARGEST: u64 = 2 << 30;

/// What was read.
pub struct Read {
    /// All resources.
    pub graph: Graph,
    /// What could not be read; the rest is there.
    pub problems: Vec<ReadError>,
    /// What was left aside.
    pub warnings: Vec<String>,
}

/// Reads what was given, to be judged at this instant: what was named must be infrastructure code, what is found in a
/// folder may be.
pub fn read(arguments: &Audit, now: Timestamp) -> Result<Read, Failure> {
    let parameters = Parameters::read(arguments)?;
    let found = Found::at(&arguments.paths, std::env::current_dir().ok().as_deref());
    let disk = Disk::default();
    let input = |file: &found::File| Input {
        file: disk.add(&file.path),
        part: disk.part(),
        path: file.path.clone(),
        named: file.named,
    };
    let inputs: Vec<Input> = found.files.iter().map(input).collect();
    let outcomes = all(&inputs, &parameters.given, &disk);
    let nested: HashSet<PathBuf> =
        outcomes.iter().flat_map(Outcome::nested).filter_map(|path| whole(path)).collect();
    let mut gathered = Gathered::default();
    for (path, error) in &found.unreadable {
        gathered.problems.push(unreadable(disk.add(path), error));
    }
    for (input, outcome) in inputs.iter().zip(outcomes) {
        // It is there already, with what its parent passes to it.
        if nested.is_empty() || !whole(&input.path).is_some_and(|path| nested.contains(&path)) {
            gathered.take(outcome);
        }
    }
    gathered.refuse_nothing(arguments, &found)?;
    gathered.check(&parameters)?;
    let mut graph = Graph::new(disk.into_files(), gathered.parts);
    graph.judged_at = Some(now);
    let mut warnings: Vec<String> =
        gathered.warnings.iter().map(|warning| warning.told(&graph.files)).collect();
    warnings.append(&mut gathered.parameters_unknown);
    warnings.extend(left_aside(&found, gathered.has_plan));
    Ok(Read { graph, problems: gathered.problems, warnings })
}

/// What came of all inputs.
#[derive(Default)]
struct Gathered {
    parts: Vec<Part>,
    problems: Vec<ReadError>,
    warnings: Vec<ReadError>,
    /// The parameters that templates have.
    parameters: HashSet<std::sync::Arc<str>>,
    parameters_unknown: Vec<String>,
    /// Whether something of Terraform was read.
    has_plan: bool,
    /// Whether a template could not be read: nobody knows its parameters.
    has_broken: bool,
}

impl Gathered {
    fn take(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Template(template) => {
                self.parts.push(template.part);
                self.problems.extend(template.problems);
                self.warnings.extend(template.warnings);
                self.parameters.extend(template.parameters);
            }
            Outcome::Plan(part) => {
                self.parts.push(part);
                self.has_plan = true;
            }
            Outcome::Broken(problem) => {
                self.problems.push(problem);
                self.has_broken = true;
            }
            Outcome::Other => {}
        }
    }

    /// Whoever audits and is told that all is fine must have given something that was looked at.
    fn refuse_nothing(&self, arguments: &Audit, found: &Found) -> Result<(), Failure> {
        if !self.parts.is_empty() || self.has_broken {
            return Ok(());
        }
        let missing = found.unreadable.iter().map(|(path, error)| {
            Failure::wrong(format!("it can't be read: {error}"))
                .at(path.display().to_string())
                .remedy(CHECK_THE_PATH)
        });
        if let Some(failure) = missing.reduce(Failure::and) {
            return Err(failure);
        }
        let places: Vec<String> = arguments.paths.iter().map(|path| path.display().to_string()).collect();
        let (what, remedy) = if !found.terraform.is_empty() {
            ("there is Terraform's own code here, and no plan of it", MAKE_A_PLAN)
        } else if !found.unsynthesized.is_empty() {
            ("there is an application of the CDK here, and no cdk.out", SYNTHESIZE)
        } else {
            ("there is no infrastructure code here", NAME_ONE)
        };
        Err(Failure::wrong(what).at(places.join(", ")).remedy(remedy))
    }

    fn check(&mut self, parameters: &Parameters<'_>) -> Result<(), Failure> {
        if self.has_broken {
            return Ok(());
        }
        let asked_for = self.parameters.iter().map(|name| &**name).collect();
        parameters.refuse_unknown(&asked_for)?;
        self.parameters_unknown = parameters.unknown_in_files(&asked_for);
        Ok(())
    }
}

const MAKE_A_PLAN: &str = "run `terraform plan -out plan.out` and `terraform show -json plan.out > plan.json` in its \
                           folder, then `hermetic audit plan.json`";
const NAME_ONE: &str = "name a CloudFormation template, a cdk.out, or what `terraform show -json` prints";
const CHECK_THE_PATH: &str = "check its path and its permissions";
const SYNTHESIZE: &str = "run `cdk synth` in its folder, then `hermetic audit cdk.out`";

/// What is there and was not looked at, where a user may think that it was.
fn left_aside(found: &Found, has_plan: bool) -> Vec<String> {
    let mut told = Vec::new();
    if let (Some(first), false) = (found.terraform.first(), has_plan) {
        told.push(format!(
            "{}: Terraform's own code is not judged, only plans of it; {MAKE_A_PLAN}",
            first.display()
        ));
    }
    for application in &found.unsynthesized {
        told.push(format!(
            "{}: this application of the CDK has no cdk.out; {SYNTHESIZE}",
            application.display()
        ));
    }
    for link in &found.links {
        told.push(format!("{}: a link to a folder is not followed; name the folder", link.display()));
    }
    told
}

/// A file, and whether it was named by the user.
struct Input {
    path: PathBuf,
    file: FileId,
    part: PartId,
    named: bool,
}

enum Outcome {
    Template(Template),
    Plan(Part),
    Broken(ReadError),
    /// It is no infrastructure code, and nobody said that it was.
    Other,
}

impl Outcome {
    /// The templates that are read as part of this one.
    fn nested(&self) -> &[PathBuf] {
        match self {
            Self::Template(template) => &template.nested,
            Self::Plan(_) | Self::Broken(_) | Self::Other => &[],
        }
    }
}

/// All inputs, read by as many threads as there are cores, in their order.
fn all(inputs: &[Input], given: &Given, disk: &Disk) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(inputs.len().max(1));
    let mut done: Vec<(usize, Outcome)> = progress::shown("files read", inputs.len(), |tell| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(input) = inputs.get(place) else { return done };
                done.push((place, one(input, given, disk).unwrap_or_else(Outcome::Broken)));
                tell();
            }
        };
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
        })
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn one(input: &Input, given: &Given, disk: &Disk) -> Result<Outcome, ReadError> {
    let bytes = bytes(&input.path).map_err(|error| unreadable(input.file, &error))?;
    match recognise(&input.path, &bytes) {
        // A plan that only Terraform reads is no text, and is told as what it is.
        Kind::Terraform(_) => {
            let text = str::from_utf8(&bytes).map_or_else(|_| String::from_utf8_lossy(&bytes), Cow::Borrowed);
            terraform::read(&text, input.file, input.part).map(Outcome::Plan)
        }
        Kind::CdkOut => {
            let text = in_utf8(bytes, input.file)?;
            cloudformation::read_assembly(&text, input.file, &input.path, given, disk).map(Outcome::Template)
        }
        Kind::CloudFormation => template(input, &in_utf8(bytes, input.file)?, given, disk),
        Kind::Parameters | Kind::Other if !input.named => Ok(Outcome::Other),
        Kind::Parameters => Err(wrong(
            input.file,
            "these are values of parameters",
            "give them by --params, and name their template",
        )),
        Kind::Other if found::is_terraform(&input.path) => Err(wrong(
            input.file,
            "this is Terraform's own code, and only plans of it are judged",
            MAKE_A_PLAN,
        )),
        Kind::Other => template(input, &in_utf8(bytes, input.file)?, given, disk),
    }
}

fn template(input: &Input, text: &str, given: &Given, disk: &Disk) -> Result<Outcome, ReadError> {
    if text.trim().is_empty() {
        return Err(wrong(input.file, "the file is empty", "name a template, a cdk.out, or a plan"));
    }
    if is_kubernetes(text) {
        let what = "this is a manifest of Kubernetes, which is judged where a plan of Terraform applies it";
        return Err(wrong(input.file, what, NAME_ONE));
    }
    let read = cloudformation::read_among(text, input.file, input.part, given, &input.path, disk);
    read.map(Outcome::Template)
}

/// Whether it says of itself what a manifest of Kubernetes does.
fn is_kubernetes(text: &str) -> bool {
    let says = |name: &str| text.lines().any(|line| line.starts_with(name));
    says("apiVersion:") && says("kind:") && !says("Resources:")
}

fn whole(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// A file that must be text.
pub fn text(path: &Path) -> Result<String, Failure> {
    let at = |failure: Failure| failure.at(path.display().to_string());
    let unreadable = |error| Failure::wrong(format!("it can't be read: {error}")).remedy(CHECK_THE_PATH);
    let bytes = bytes(path).map_err(|error: io::Error| at(unreadable(error)))?;
    let no_text = || Failure::wrong("it is no text in UTF-8").remedy("write it as UTF-8");
    String::from_utf8(bytes).map_err(|_| at(no_text()))
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match path == Path::new("-") {
        true => io::stdin().take(LARGEST).read_to_end(&mut bytes)?,
        false => std::fs::File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?,
    };
    if u64::try_from(bytes.len()).is_ok_and(|length| length >= LARGEST) {
        return Err(io::Error::other("it is larger than 2 GiB"));
    }
    Ok(bytes)
}

fn in_utf8(bytes: Vec<u8>, file: FileId) -> Result<String, ReadError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let what = "this is UTF-16, as PowerShell's `>` writes it";
        return Err(wrong(file, what, "write it as UTF-8: `… | Out-File -Encoding utf8 FILE`"));
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.ok_or_else(|| {
        wrong(file, "this is no text in UTF-8", "name a template, a cdk.out, or a plan as JSON")
    })
}

fn unreadable(file: FileId, error: &io::Error) -> ReadError {
    wrong(file, format!("it can't be read: {error}"), CHECK_THE_PATH)
}

fn wrong(file: FileId, what: impl Into<String>, remedy: &str) -> ReadError {
    ReadError { at: file.start(), what: what.into(), remedy: remedy.to_owned() }
}
