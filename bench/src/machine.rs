//! The machine that a measurement was made on; a figure means nothing without it.

use std::fs;

/// The machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The processor, as it calls itself.
    pub processor: String,
    /// Its cores, as this process may use them.
    pub cores: usize,
    /// The kernel.
    pub kernel: String,
}

impl Machine {
    /// Reads it from `/proc`.
    pub fn read() -> Self {
        let unknown = || "unknown".to_owned();
        let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = information.lines().find_map(|line| line.strip_prefix("model name"));
        let release = fs::read_to_string("/proc/sys/kernel/osrelease");
        Self {
            processor: model
                .map_or_else(unknown, |line| line.trim_start_matches([' ', '\t', ':']).to_owned()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: release.map_or_else(|_| unknown(), |text| text.trim().to_owned()),
        }
    }
}
