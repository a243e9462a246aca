//! What is audited: files, folders and standard input, each taken for what it is by looking.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hermetic_posture::cloudformation::{self, Disk, Given, Surroundings as _, Template};
use hermetic_posture::{FileId, Files, Graph, Kind, Part, PartId, ReadError, recognise, terraform};
use jiff::Timestamp;

use crate::arguments::Audit;
use crate::exit::Failure;

/// Folders that hold others' code, or copies.
const NOT_OURS: [&str; 5] = ["node_modules", "target", "vendor", "venv", "__pycache__"];

/// What infrastructure code's files end with.
const ENDINGS: [&str; 6] = ["yaml", "yml", "json", "template", "tfstate", "tfplan.json"];

/// What was read.
pub struct Read {
    /// All resources.
    pub graph: Graph,
    /// What could not be read; the rest is there.
    pub problems: Vec<ReadError>,
    /// What was left aside.
    pub warnings: Vec<ReadError>,
}

/// Reads what was given, to be judged at this instant: what was named must be infrastructure code, what is found in a
/// folder may be.
pub fn read(arguments: &Audit, now: Timestamp) -> Result<Read, Failure> {
    let given = given(arguments)?;
    let disk = Disk::default();
    let mut inputs = Vec::new();
    for path in &arguments.paths {
        let named = !path.is_dir();
        for path in found(path)? {
            inputs.push(Input { file: disk.add(&path), part: disk.part(), path, named });
        }
    }
    let outcomes = all(&inputs, &given, &disk).into_iter().collect::<Result<Vec<_>, _>>()?;
    let nested: HashSet<PathBuf> =
        outcomes.iter().flat_map(Outcome::nested).filter_map(|path| whole(path)).collect();
    let (mut parts, mut problems, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for (input, outcome) in inputs.iter().zip(outcomes) {
        // It is there already, with what its parent passes to it.
        if !nested.is_empty() && whole(&input.path).is_some_and(|path| nested.contains(&path)) {
            continue;
        }
        match outcome {
            Outcome::Template(template) => {
                parts.push(template.part);
                problems.extend(template.problems);
                warnings.extend(template.warnings);
            }
            Outcome::Plan(part) => parts.push(part),
            Outcome::Broken(problem) => problems.push(problem),
            Outcome::Other => {}
        }
    }
    if parts.is_empty() && problems.is_empty() {
        let places: Vec<String> = arguments.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::wrong("there is no infrastructure code here")
            .at(places.join(", "))
            .remedy("name a CloudFormation template, a cdk.out, or what `terraform show -json` prints"));
    }
    let mut graph = Graph::new(disk.into_files(), parts);
    graph.judged_at = Some(now);
    Ok(Read { graph, problems, warnings })
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
fn all(inputs: &[Input], given: &Given, disk: &Disk) -> Vec<Result<Outcome, Failure>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(place) else { return done };
            done.push((place, one(input, given, disk)));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(inputs.len().max(1));
    let mut done: Vec<(usize, Result<Outcome, Failure>)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn one(input: &Input, given: &Given, disk: &Disk) -> Result<Outcome, Failure> {
    let bytes = match bytes(&input.path) {
        Ok(bytes) => bytes,
        Err(_) if !input.named => return Ok(Outcome::Other),
        Err(failure) => return Err(failure),
    };
    let kind = recognise(&input.path, &bytes);
    // A plan that only Terraform reads is no text, and is told as what it is.
    let text = String::from_utf8_lossy(&bytes);
    let read = match kind {
        Kind::Terraform(_) => terraform::read(&text, input.file, input.part).map(Outcome::Plan),
        Kind::CdkOut => {
            cloudformation::read_assembly(&text, input.file, &input.path, given, disk).map(Outcome::Template)
        }
        Kind::CloudFormation => template(input, &text, given, disk),
        Kind::Parameters | Kind::Other if input.named => template(input, &text, given, disk),
        Kind::Parameters | Kind::Other => return Ok(Outcome::Other),
    };
    Ok(read.unwrap_or_else(Outcome::Broken))
}

fn template(input: &Input, text: &str, given: &Given, disk: &Disk) -> Result<Outcome, ReadError> {
    let read = cloudformation::read_among(text, input.file, input.part, given, &input.path, disk);
    read.map(Outcome::Template)
}

fn whole(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// The values of parameters, those on the command line before those in files.
fn given(arguments: &Audit) -> Result<Given, Failure> {
    let mut given = Given::default();
    let mut files = Files::default();
    for path in &arguments.parameter_files {
        let text = text(path)?;
        let file = files.add(path);
        given.take_file(&text, file).map_err(|error| Failure::wrong(error.told(&files)))?;
    }
    for (name, value) in &arguments.parameters {
        given.set(name, value);
    }
    let pseudo = [("AWS::Region", &arguments.region), ("AWS::AccountId", &arguments.account)];
    for (name, value) in pseudo {
        if let Some(value) = value {
            given.set(name, value);
        }
    }
    Ok(given)
}

/// The file itself, or all files of infrastructure code below a folder.
fn found(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            // A link could lead round in a circle.
            if kind.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&name.as_str()) {
                folders.push(entry.path());
            } else if kind.is_file() && ENDINGS.iter().any(|ending| name.ends_with(&format!(".{ending}"))) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn text(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(bytes(path)?);
    text.map_err(|_| Failure::wrong("it is no text in UTF-8").at(path.display().to_string()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| bytes),
        false => std::fs::read(path),
    };
    read.map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::wrong(format!("it can't be read: {error}")).at(path.display().to_string())
}
