//! The scanners: how each is told to look at the same endpoint.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Plan;
use super::nginx::Nginx;
use crate::failure::Failure;
use crate::stage::{NAME, Stage};

/// A scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Ours.
    Hermetic,
    /// sslscan, in C over OpenSSL.
    Sslscan,
    /// sslyze, in Python over two OpenSSLs, by its defaults.
    Sslyze,
    /// The same with every command that it has.
    SslyzeWhole,
    /// testssl.sh, in bash.
    Testssl,
}

/// The commands of sslyze; a few are not among its defaults.
const COMMANDS: &[&str] = &[
    "--certinfo",
    "--compression",
    "--early_data",
    "--elliptic_curves",
    "--ems",
    "--fallback",
    "--heartbleed",
    "--http_headers",
    "--openssl_ccs",
    "--reneg",
    "--resum",
    "--robot",
    "--sslv2",
    "--sslv3",
    "--tlsv1",
    "--tlsv1_1",
    "--tlsv1_2",
    "--tlsv1_3",
];

/// The file that sslyze writes.
const SSLYZE: &str = "sslyze.json";

/// The file that testssl.sh writes.
const TESTSSL: &str = "testssl.json";

impl Peer {
    /// All of them, ours first.
    pub const ALL: [Self; 5] =
        [Self::Hermetic, Self::Sslscan, Self::Sslyze, Self::SslyzeWhole, Self::Testssl];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hermetic => "Hermetic",
            Self::Sslscan => "sslscan",
            Self::Sslyze | Self::SslyzeWhole => "sslyze",
            Self::Testssl => "testssl.sh",
        }
    }

    /// How many times faster ours must be, and how many times it wants to be.
    pub fn bounds(self) -> Option<(f64, f64)> {
        match self {
            Self::Hermetic => None,
            Self::Sslscan => Some((3.0, 10.0)),
            Self::Sslyze | Self::SslyzeWhole => Some((8.0, 25.0)),
            Self::Testssl => Some((500.0, 1_500.0)),
        }
    }

    /// How often it is run where the others are run so often: of a minute, two runs are enough.
    pub fn runs(self, runs: usize) -> usize {
        if self == Self::Testssl { runs.min(2) } else { runs }
    }

    /// The exit statuses that say that it has scanned: 1 of ours is a finding, sslyze's is about Mozilla's
    /// configuration, and testssl.sh counts what it complains of.
    pub fn fine(self) -> Vec<i32> {
        match self {
            Self::Sslscan => vec![0],
            Self::Hermetic | Self::Sslyze | Self::SslyzeWhole => vec![0, 1],
            Self::Testssl => (0..50).collect(),
        }
    }

    /// The command, as somebody types it who wants all that it tells of this endpoint.
    pub fn command(self, plan: &Plan, stage: &Stage, nginx: &Nginx) -> Command {
        let address = format!("127.0.0.1:{}", nginx.port);
        let mut command;
        match self {
            Self::Hermetic => {
                command = hermetic(plan, stage);
                command.args(NO_DNS).arg(format!("https://{address}")).args(["--format", "json"]);
            }
            Self::Sslscan => {
                command = Command::new("sslscan");
                command.arg("--no-colour").arg(format!("--sni-name={NAME}")).arg("--xml=-").arg(address);
            }
            Self::Sslyze | Self::SslyzeWhole => {
                command = Command::new(&plan.sslyze);
                if self == Self::SslyzeWhole {
                    command.arg("--mozilla_config=disable").args(COMMANDS);
                }
                command.arg(format!("--json_out={SSLYZE}"));
                command.arg(format!("{NAME}:{}{{127.0.0.1}}", nginx.port));
            }
            Self::Testssl => {
                command = Command::new("testssl");
                command.args(["--quiet", "--warnings", "off", "--color", "0"]);
                command.arg(format!("--jsonfile={TESTSSL}"));
                command.arg("--ip=127.0.0.1").arg(format!("{NAME}:{}", nginx.port));
            }
        }
        command
    }

    /// All that it told: what it printed, and what it wrote into a file, which is gone afterwards, as testssl.sh
    /// overwrites none.
    pub fn told(self, stage: &Stage, output: String) -> Result<String, Failure> {
        let file = match self {
            Self::Hermetic | Self::Sslscan => return Ok(output),
            Self::Sslyze | Self::SslyzeWhole => SSLYZE,
            Self::Testssl => TESTSSL,
        };
        let path = stage.path(file);
        let written = fs::read_to_string(&path).and_then(|text| fs::remove_file(&path).map(|()| text));
        match written {
            Ok(text) => Ok(output + &text),
            Err(source) => Err(Failure::File { path, source }),
        }
    }

    /// Its name with the version that it tells of itself.
    pub fn version(self, plan: &Plan) -> String {
        let python = plan.sslyze.with_file_name("python");
        let (program, arguments) = match self {
            Self::Hermetic => (plan.hermetic.as_path(), &["--version"][..]),
            Self::Sslscan => (Path::new("sslscan"), &["--version"][..]),
            Self::Sslyze | Self::SslyzeWhole => {
                (python.as_path(), &["-c", "import importlib.metadata as m; print(m.version('sslyze'))"][..])
            }
            Self::Testssl => (Path::new("testssl"), &["--version"][..]),
        };
        let output = Command::new(program).args(arguments).output();
        let said = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
        let named = crate::proxy::with_version(self.name(), &String::from_utf8_lossy(&said));
        if self == Self::SslyzeWhole { named + ", every command" } else { named }
    }
}

/// Of a scan in full: there is nobody to ask. A fast one asks nobody anyway.
pub const NO_DNS: [&str; 2] = ["--dns", "off"];

/// Our scan, which knows who the endpoint must be.
pub fn hermetic(plan: &Plan, stage: &Stage) -> Command {
    let mut command = Command::new(&plan.hermetic);
    command.args(["scan", "--sni", NAME, "--trust"]).arg(stage.path("ca.pem"));
    command
}
