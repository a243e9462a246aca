//! What a configuration may say that nothing here acts on. It is refused: who asks for it must not
//! believe to have it.

use std::path::Path;

use hermetic_config::{CertificateSource, Configuration, ConfigurationError, Problem};

/// The configuration, where all of it is acted on. `path` is where it was read.
pub fn refuse(configuration: Configuration, path: &Path) -> Result<Configuration, ConfigurationError> {
    let problems: Vec<Problem> = asked(&configuration).map(problem).collect();
    if problems.is_empty() {
        return Ok(configuration);
    }
    Err(ConfigurationError::Invalid { path: path.to_owned(), problems })
}

fn asked(configuration: &Configuration) -> impl Iterator<Item = &'static str> {
    let Configuration { listeners, .. } = configuration;
    let is_stored = |source: &CertificateSource| matches!(source, CertificateSource::Stored(_));
    let mut sources = listeners.iter().filter_map(|it| it.termination()).flat_map(|it| &it.certificates);
    let keys = [("stored", sources.any(is_stored))];
    keys.into_iter().filter_map(|(key, is_asked)| is_asked.then_some(key))
}

fn problem(key: &str) -> Problem {
    let message = format!("`{key}` is known to `hermetic check`, and nothing here acts on it");
    Problem { line: 1, column: 1, message, hint: Some("take it out".to_owned()) }
}

#[cfg(test)]
mod tests {
    use hermetic_tls::SystemClock;

    use super::*;

    fn told(text: &str) -> String {
        let path = Path::new("hermetic.toml");
        let configuration = hermetic_config::parse(text, path, &SystemClock).unwrap();
        refuse(configuration, path).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn what_nothing_acts_on_is_refused_by_name() {
        let stored = "[[listener]]\nname = \"edge\"\nbind = \"127.0.0.1:8443\"\ncertificate = { stored = \"shop\" }\n[[route]]\nlistener = \"edge\"\nto = \"app\"\n[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:3000\"]";
        assert!(told(stored).contains("`stored` is known to"), "{}", told(stored));
        assert_eq!(told("[authority]\nlifetime = \"1h\"\npublish = \"127.0.0.1:8089\""), "");
    }
}
