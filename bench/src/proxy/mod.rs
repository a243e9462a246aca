//! The proxies that are measured, each with one worker, the same certificate and the same origin.

mod envoy;
mod haproxy;
mod hermetic;
mod nginx;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::figure::Figure;
use crate::runs::PROXY_CORE;
use crate::stage::{Running, Stage, free_port};

/// Programs that the path does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    /// The one that this is about.
    pub hermetic: PathBuf,
    /// Envoy's, where there is one.
    pub envoy: Option<PathBuf>,
}

/// A proxy that runs.
#[derive(Debug)]
pub struct Proxy {
    /// Which.
    pub kind: Kind,
    /// Its name and version.
    pub version: String,
    /// Where it listens.
    pub port: u16,
    running: Running,
}

/// Which proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours.
    Hermetic,
    /// nginx.
    Nginx,
    /// HAProxy.
    Haproxy,
    /// Envoy.
    Envoy,
}

impl Kind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hermetic => "Hermetic",
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
        }
    }

    /// What it was told that is not the same for all.
    pub fn settings(self) -> &'static str {
        match self {
            Self::Hermetic => "`workers = 1`, all defaults",
            Self::Nginx => "`worker_processes 1`, upstream `keepalive 64`, no access log",
            Self::Haproxy => "`nbthread 1`, `http-reuse always`, no log",
            Self::Envoy => "`--concurrency 1`, no access log",
        }
    }

    /// What can be measured of it: the OpenSSL of Debian's nginx and HAProxy has no ML-KEM.
    pub fn figures(self) -> impl Iterator<Item = Figure> {
        let post_quantum = matches!(self, Self::Hermetic | Self::Envoy);
        Figure::ALL.into_iter().filter(move |figure| post_quantum || *figure != Figure::PostQuantumHandshakes)
    }
}

impl Proxy {
    /// Starts all of them before the origin on `origin`.
    pub fn start_all(binaries: &Binaries, stage: &Stage, origin: u16) -> Result<Vec<Self>, Failure> {
        let mut all = vec![
            Self::start(Kind::Hermetic, &binaries.hermetic, stage, origin)?,
            Self::start(Kind::Nginx, Path::new("nginx"), stage, origin)?,
            Self::start(Kind::Haproxy, Path::new("haproxy"), stage, origin)?,
        ];
        if let Some(envoy) = &binaries.envoy {
            all.push(Self::start(Kind::Envoy, envoy, stage, origin)?);
        }
        Ok(all)
    }

    /// The process that it began as; its workers are below it.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    fn start(kind: Kind, program: &Path, stage: &Stage, origin: u16) -> Result<Self, Failure> {
        let port = free_port()?;
        let (command, version) = match kind {
            Kind::Hermetic => (hermetic::command(program, stage, port, origin)?, "--version"),
            Kind::Nginx => (nginx::command(program, stage, port, origin)?, "-v"),
            Kind::Haproxy => (haproxy::command(program, stage, port, origin)?, "-v"),
            Kind::Envoy => (envoy::command(program, stage, port, origin)?, "--version"),
        };
        let running = stage.start(kind.name(), Some(PROXY_CORE), &command, port)?;
        Ok(Self { kind, version: named(kind, program, version), port, running })
    }
}

/// The name with the first version number that the program tells of itself.
fn named(kind: Kind, program: &Path, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let said = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    with_version(kind.name(), &String::from_utf8_lossy(&said))
}

/// A name with the first version number in what a program says of itself.
pub fn with_version(name: &str, said: &str) -> String {
    let is_version =
        |word: &&str| word.contains('.') && word.starts_with(|first: char| first.is_ascii_digit());
    match said.split([' ', '/', '\n', '\t', '-', '~', '+']).find(is_version) {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}
