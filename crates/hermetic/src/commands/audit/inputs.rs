//! What is audited: files, folders and standard input, each taken for what it is by looking.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hermetic_posture::cloudformation::{self, Given};
use hermetic_posture::{FileId, Files, Graph, Part, PartId, ReadError, terraform};

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
}

/// Reads what was given: what was named must be infrastructure code, what is found in a folder may be.
pub fn read(arguments: &Audit) -> Result<Read, Failure> {
    let given = given(arguments)?;
    let mut files = Files::default();
    let mut inputs = Vec::new();
    for path in &arguments.paths {
        let named = !path.is_dir();
        for path in found(path)? {
            inputs.push(Input { file: files.add(&path), path, named });
        }
    }
    let (mut parts, mut problems) = (Vec::new(), Vec::new());
    for outcome in all(&inputs, &given) {
        match outcome? {
            Outcome::Read(part, more) => {
                parts.push(part);
                problems.extend(more);
            }
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
    Ok(Read { graph: Graph::new(files, parts), problems })
}

/// A file, and whether it was named by the user.
struct Input {
    path: PathBuf,
    file: FileId,
    named: bool,
}

enum Outcome {
    Read(Part, Vec<ReadError>),
    Broken(ReadError),
    /// It is no infrastructure code, and nobody said that it was.
    Other,
}

/// All inputs, read by as many threads as there are cores, in their order.
fn all(inputs: &[Input], given: &Given) -> Vec<Result<Outcome, Failure>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(place) else { return done };
            done.push((place, one(input, place, given)));
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

fn one(input: &Input, place: usize, given: &Given) -> Result<Outcome, Failure> {
    let part = PartId(u32::try_from(place).unwrap_or(u32::MAX));
    let text = match text(&input.path) {
        Ok(text) => text,
        Err(_) if !input.named => return Ok(Outcome::Other),
        Err(failure) => return Err(failure),
    };
    if terraform::recognise(text.as_bytes()).is_some() {
        return Ok(match terraform::read(&text, input.file, part) {
            Ok(part) => Outcome::Read(part, Vec::new()),
            Err(problem) => Outcome::Broken(problem),
        });
    }
    if !input.named && !may_be_template(&text) {
        return Ok(Outcome::Other);
    }
    Ok(match cloudformation::read(&text, input.file, part, given) {
        Ok(template) => Outcome::Read(template.part, template.problems),
        Err(problem) => Outcome::Broken(problem),
    })
}

/// A broken template is still told; a file that speaks of no resources of AWS is none.
fn may_be_template(text: &str) -> bool {
    text.contains("Resources") && (text.contains("AWS::") || text.contains("AWSTemplateFormatVersion"))
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
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|error| unreadable(path, &error))?;
    // A plan that only Terraform reads is told as one.
    if terraform::recognise(&bytes).is_some() {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::wrong("it is no text in UTF-8").at(path.display().to_string()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::wrong(format!("it can't be read: {error}")).at(path.display().to_string())
}
