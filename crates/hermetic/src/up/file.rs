//! The configuration file of an instance: read at the start, and again at every reload.

use std::path::PathBuf;

use hermetic_config::Attempt;
use hermetic_tls::SystemClock;

/// Where an instance's configuration comes from.
#[derive(Clone, Debug)]
pub struct ConfigurationFile {
    /// The file.
    pub path: PathBuf,
    /// The data folder, where the command line names one in place of the file's.
    pub data: Option<PathBuf>,
}

impl ConfigurationFile {
    /// Reads and validates it, with all files that it names. Blocks.
    pub fn attempt(&self) -> Attempt {
        let mut attempt = hermetic_config::attempt(&self.path, &SystemClock);
        if let (Ok(configuration), Some(data)) = (&mut attempt.outcome, &self.data) {
            configuration.move_data(data.clone());
        }
        attempt
    }
}
