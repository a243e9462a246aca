//! The binary under test, running.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};

use super::{DEADLINE, Ports, eventually};

/// What names the tour's database.
const DATABASE: &str = "HERMETIC_TOUR_POSTGRES";

/// A running `hermetic up` in a folder of its own; killed when dropped.
#[derive(Debug)]
pub struct Hermetic {
    process: Process,
    pub ports: Ports,
    pub folder: tempfile::TempDir,
    /// What it printed until it served.
    pub banner: Vec<String>,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    successors: Successors,
}

/// The processes that took over, one after the other; killed when dropped.
#[derive(Debug, Default)]
struct Successors(Mutex<Vec<u32>>);

/// A process that is killed when dropped.
#[derive(Debug)]
struct Process(Child);

impl Hermetic {
    /// The tour without a database: three hops, whatever is installed here.
    pub fn tour() -> Self {
        Self::tour_with_database("off")
    }

    /// The tour, told of a database by `$HERMETIC_TOUR_POSTGRES`.
    pub fn tour_with_database(named: &str) -> Self {
        Self::tour_in(|command| command.env(DATABASE, named))
    }

    /// The tour, with this done to its environment; it starts a database of its own where it can.
    pub fn tour_in(environment: impl FnOnce(&mut Command) -> &mut Command) -> Self {
        let ports = Ports::reserve();
        let folder = folder();
        let mut command = command(folder.path());
        command.env_remove(DATABASE).args(["up", "--port-base", &ports.base().to_string()]);
        environment(&mut command);
        Self::started(ports, folder, command)
    }

    /// The tour once more in the folder of one that has ended, with a database of its own.
    pub fn tour_again(ended: Self) -> Self {
        let Self { process, ports, folder, .. } = ended;
        drop(process);
        let mut command = command(folder.path());
        command.env_remove(DATABASE).args(["up", "--port-base", &ports.base().to_string()]);
        Self::started(ports, folder, command)
    }

    /// An edge before the application at `url`.
    pub fn to(url: &str) -> Self {
        let ports = Ports::reserve();
        let base = ports.base().to_string();
        Self::up(ports, folder(), &["--port-base", &base, "--to", url])
    }

    /// A configuration, written with these ports.
    pub fn configured(configuration: impl FnOnce(&Ports, &Path) -> String) -> Self {
        Self::configured_in(folder(), configuration)
    }

    /// The same in a folder that has files already.
    pub fn configured_in(
        folder: tempfile::TempDir,
        configuration: impl FnOnce(&Ports, &Path) -> String,
    ) -> Self {
        let ports = Ports::reserve();
        let text = configuration(&ports, folder.path());
        std::fs::write(folder.path().join("hermetic.toml"), text).unwrap();
        Self::up(ports, folder, &[])
    }

    /// A configuration, written with these ports, run by a command that is made for its folder.
    pub fn configured_by(
        configuration: impl FnOnce(&Ports, &Path) -> String,
        command: impl FnOnce(&Ports, &Path) -> Command,
    ) -> Self {
        let (ports, folder) = (Ports::reserve(), folder());
        let text = configuration(&ports, folder.path());
        std::fs::write(folder.path().join("hermetic.toml"), text).unwrap();
        let mut command = command(&ports, folder.path());
        command.current_dir(folder.path()).env("NO_COLOR", "1").env(DATABASE, "off");
        Self::started(ports, folder, command)
    }

    /// A configuration, run by a copy of the program in its folder, which can be replaced.
    pub fn replaceable(configuration: impl FnOnce(&Ports, &Path) -> String) -> Self {
        Self::configured_by(configuration, |_, folder| {
            let program = folder.join("hermetic");
            std::fs::copy(env!("CARGO_BIN_EXE_hermetic"), &program).unwrap();
            let mut command = Command::new(program);
            command.arg("up");
            command
        })
    }

    /// Puts another file in the place of the program that runs.
    pub fn replace_program(&self, with: &Path) {
        let (new, program) = (self.folder.path().join("hermetic.new"), self.folder.path().join("hermetic"));
        std::fs::copy(with, &new).unwrap();
        std::fs::rename(new, program).unwrap();
    }

    /// Upgrades it, which must succeed; gives the number of the process that serves now.
    pub fn upgrade(&self) -> u32 {
        let output = self.hermetic(&["upgrade"]);
        let said = String::from_utf8_lossy(&output.stdout);
        let pid = said.strip_prefix("upgraded; process ").and_then(|rest| rest.strip_suffix(" serves\n"));
        let pid = pid.unwrap_or_else(|| panic!("{output:?}\n{}", self.log())).parse().unwrap();
        self.successors.0.lock().unwrap().push(pid);
        pid
    }

    /// Has the process of this number killed when this is dropped: it takes over, or tries to.
    pub fn succeeded_by(&self, pid: u32) {
        self.successors.0.lock().unwrap().push(pid);
    }

    /// Starts it again in the folder of one that has ended.
    pub fn up_again(ended: Self, arguments: &[&str]) -> Self {
        let Self { process, ports, folder, .. } = ended;
        drop(process);
        Self::up(ports, folder, arguments)
    }

    /// Starts `hermetic up` and waits until it serves.
    pub fn up(ports: Ports, folder: tempfile::TempDir, arguments: &[&str]) -> Self {
        let mut command = command(folder.path());
        command.arg("up").args(arguments);
        Self::started(ports, folder, command)
    }

    /// The same, with this done to its environment.
    pub fn up_in(
        ports: Ports,
        folder: tempfile::TempDir,
        environment: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Self {
        let mut command = command(folder.path());
        command.arg("up");
        environment(&mut command);
        Self::started(ports, folder, command)
    }

    fn started(ports: Ports, folder: tempfile::TempDir, mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = read_lines(child.stdout.take().unwrap());
        let stderr = read_lines(child.stderr.take().unwrap());
        let mut banner = Vec::new();
        loop {
            match lines.recv_timeout(DEADLINE) {
                Ok(line) => {
                    let serves = is_conclusion(&line);
                    banner.push(line);
                    if serves {
                        break;
                    }
                }
                Err(_) => {
                    let _ = child.kill();
                    panic!("it does not serve: {banner:?}\n{}", stderr.iter().collect::<Vec<_>>().join("\n"));
                }
            }
        }
        let successors = Successors::default();
        Self { process: Process(child), ports, folder, banner, stdout: lines, stderr, successors }
    }

    /// The authority's root.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join(".hermetic/ca.pem")
    }

    /// Runs another `hermetic` command in the same folder.
    pub fn hermetic(&self, arguments: &[&str]) -> Output {
        hermetic(self.folder.path(), arguments)
    }

    /// The same for a person whose home folder this is.
    pub fn hermetic_at_home(&self, home: &str, arguments: &[&str]) -> Output {
        command(self.folder.path()).env("HOME", home).args(arguments).output().unwrap()
    }

    /// The report of `hermetic hops`.
    pub fn hops(&self) -> serde_json::Value {
        let output = self.hermetic(&["hops", "--format", "json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// The hop between two parties, of that report.
    pub fn hop(&self, from: &str, to: &str) -> serde_json::Value {
        let report = self.hops();
        let hops = report["hops"].as_array().unwrap();
        hops.iter()
            .find(|hop| hop["from"] == from && hop["to"] == to)
            .unwrap_or_else(|| panic!("{report}"))
            .clone()
    }

    /// The latest record of a kind in `access.jsonl`, which the configuration names; it is waited for.
    pub fn record(&self, kind: &str) -> serde_json::Value {
        eventually(kind, || self.records(kind).pop())
    }

    /// All records of a kind so far.
    pub fn records(&self, kind: &str) -> Vec<serde_json::Value> {
        let log = std::fs::read_to_string(self.folder.path().join("access.jsonl")).unwrap_or_default();
        let records = log.lines().filter_map(|line| serde_json::from_str(line).ok());
        records.filter(|record: &serde_json::Value| record["kind"] == kind).collect()
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Kills it with SIGKILL, and waits for its end.
    pub fn kill(&mut self) {
        self.process.0.kill().unwrap();
        self.process.0.wait().unwrap();
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has ended by itself; gives whether it succeeded.
    pub fn ended(&mut self) -> bool {
        eventually("the end", || self.process.0.try_wait().unwrap()).success()
    }

    /// Waits for a line that it prints after the banner.
    pub fn line(&self, start: &str) -> String {
        loop {
            match self.stdout.recv_timeout(DEADLINE) {
                Ok(line) if line.starts_with(start) => return line,
                Ok(_) => {}
                Err(error) => panic!("no line `{start}…`: {error}\n{}", self.log()),
            }
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.stderr.try_iter().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Successors {
    fn drop(&mut self) {
        for pid in self.0.get_mut().unwrap().drain(..) {
            // The number may be another's by now.
            let command = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if command.trim() == "hermetic" {
                let _ = Command::new("kill").args(["-s", "KILL", &pid.to_string()]).status();
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `hermetic` to its end in `folder`.
pub fn hermetic(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

/// A folder whose path is short enough for a socket in it.
pub fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("hermetic").tempdir().unwrap()
}

/// The program, to be run in a folder.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hermetic"));
    command.current_dir(folder).env("NO_COLOR", "1").env(DATABASE, "off");
    command
}

/// The last line of the banner: a name and a verdict in capitals.
fn is_conclusion(line: &str) -> bool {
    let verdict = line.split_once(": ").and_then(|(_, rest)| rest.split_once(','));
    verdict.is_some_and(|(verdict, _)| verdict.len() >= 4 && verdict.bytes().all(|b| b.is_ascii_uppercase()))
}

fn read_lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
