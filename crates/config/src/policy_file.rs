//! A security policy of one's own, from a file: TOML, or JSON with the same keys.

use std::path::Path;

use hermetic_tls::policy::{GroupSource, Status};
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion, SecurityPolicy};
use serde::Deserialize;
use toml::Spanned;

use crate::problem::{ConfigurationError, Problem, Problems};

/// Reads a policy from a file. Where its name ends in `.json` it is JSON, and TOML otherwise.
///
/// It is called `file/…` with the name that it gives itself, or that of the file. Policies live as long as the
/// program does, and so does this one: read it once.
pub fn read_policy(path: &Path) -> Result<&'static SecurityPolicy, ConfigurationError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigurationError::Read { path: path.to_owned(), source })?;
    parse_policy(&text, path)
}

/// The same of a text; `path` names it in errors.
pub fn parse_policy(text: &str, path: &Path) -> Result<&'static SecurityPolicy, ConfigurationError> {
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let read = if is_json { of_json(text) } else { of_toml(text) };
    match read {
        Ok(written) => Ok(kept(written, path)),
        Err(problems) => Err(ConfigurationError::Invalid { path: path.to_owned(), problems }),
    }
}

/// What a person may write, in words or as what they mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<V, S, G> {
    /// What it is called.
    name: Option<String>,
    /// The versions that are allowed.
    versions: V,
    /// The suites; all where it is left out.
    suites: Option<S>,
    /// The groups; all where it is left out.
    groups: Option<G>,
}

type Words = Spanned<Vec<Spanned<String>>>;
type Meant = Written<Vec<ProtocolVersion>, Vec<CipherSuite>, Vec<NamedGroup>>;

fn of_toml(text: &str) -> Result<Meant, Vec<Problem>> {
    let mut problems = Problems::new(text);
    let written: Written<Words, Words, Words> = match toml::from_str(text) {
        Ok(written) => written,
        Err(error) => {
            problems.tell_plainly(
                error.span().map_or(0, |span| span.start),
                error.message().to_owned(),
                None,
            );
            return Err(problems.in_order());
        }
    };
    let meant = Meant {
        name: written.name,
        versions: meant(&written.versions, &mut problems),
        suites: written.suites.map(|suites| meant(&suites, &mut problems)),
        groups: written.groups.map(|groups| meant(&groups, &mut problems)),
    };
    if problems.is_empty() { Ok(meant) } else { Err(problems.in_order()) }
}

/// What the words mean; each that means nothing is told.
fn meant<T: std::str::FromStr>(words: &Words, problems: &mut Problems<'_>) -> Vec<T>
where
    T::Err: std::fmt::Display,
{
    if words.as_ref().is_empty() {
        problems.tell(words.span().start, "the list is empty", "leave it out, or write what is allowed");
    }
    let mut all = Vec::new();
    for word in words.as_ref() {
        match word.as_ref().parse() {
            Ok(one) => all.push(one),
            Err(error) => problems.tell_error(word.span().start, &error),
        }
    }
    all
}

fn of_json(text: &str) -> Result<Meant, Vec<Problem>> {
    let problem = |line, column, message| vec![Problem { line, column, message, hint: None }];
    let meant: Meant = serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        // The place stands in the problem itself.
        let message = told.split(" at line ").next().unwrap_or(&told).to_owned();
        problem(error.line().max(1), error.column().max(1), message)
    })?;
    let is_empty = meant.versions.is_empty()
        || meant.suites.as_ref().is_some_and(Vec::is_empty)
        || meant.groups.as_ref().is_some_and(Vec::is_empty);
    if is_empty { Err(problem(1, 1, "a list is empty".to_owned())) } else { Ok(meant) }
}

fn kept(written: Meant, path: &Path) -> &'static SecurityPolicy {
    let Written { name, mut versions, suites, groups } = written;
    versions.sort_by(|one, other| other.cmp(one));
    versions.dedup();
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let groups: Option<&'static [NamedGroup]> = groups.map(|groups| &*groups.leak());
    Box::leak(Box::new(SecurityPolicy {
        service: "file",
        name: name.or(stem).unwrap_or_default().leak(),
        versions: versions.leak(),
        suites: suites.map(|suites| &*suites.leak()),
        groups,
        group_source: groups.map_or(GroupSource::Undocumented, |_| GroupSource::Documented),
        post_quantum: groups.is_some_and(|groups| groups.iter().any(|group| group.is_post_quantum())),
        fips: false,
        status: Status::Documented,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, file: &str) -> String {
        parse_policy(text, Path::new(file)).unwrap_err().to_string()
    }

    #[test]
    fn a_policy_reads_the_same_from_toml_and_from_json() {
        let toml = "name = \"house\"\nversions = [\"1.2\", \"TLSv1.3\"]\n\
                    suites = [\"ECDHE-RSA-AES128-GCM-SHA256\", \"TLS_AES_128_GCM_SHA256\"]\ngroups = [\"X25519MLKEM768\"]\n";
        let json = r#"{"name": "house", "versions": ["TLSv1.3", "TLSv1.2"],
                       "suites": ["0xC02F", "0x1301"], "groups": ["X25519MLKEM768"]}"#;
        let of_toml = parse_policy(toml, Path::new("p.toml")).unwrap();
        assert_eq!(of_toml, parse_policy(json, Path::new("p.json")).unwrap());
        assert_eq!((of_toml.full_name().as_str(), of_toml.post_quantum), ("file/house", true));
        assert_eq!(of_toml.versions, [ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]);
    }

    #[test]
    fn what_is_left_out_is_not_judged_and_the_file_names_it() {
        let policy = parse_policy("versions = [\"1.3\"]", Path::new("/etc/strict.toml")).unwrap();
        assert_eq!((policy.full_name().as_str(), policy.suites, policy.groups), ("file/strict", None, None));
        assert!(
            policy.allows(ProtocolVersion::TLS1_3, CipherSuite(0x1301), Some(NamedGroup::X25519)).is_ok()
        );
        assert!(policy.allows(ProtocolVersion::TLS1_2, CipherSuite(0xC02F), None).is_err());
    }

    #[test]
    fn each_word_that_means_nothing_is_told_with_its_line() {
        let text = "versions = [\n  \"1.2\",\n  \"1.4\",\n]\nsuites = [\"AES\"]\ngroups = []\n";
        let told = told(text, "p.toml");
        for place in
            ["p.toml:3:3: `1.4` is not a protocol version", "p.toml:5:11: ", "p.toml:6:10: the list is empty"]
        {
            assert!(told.contains(place), "{told}");
        }
    }

    #[test]
    fn what_is_no_policy_is_told_with_its_place() {
        assert!(
            told("versions = [\"1.2\"]\nsuits = []\n", "p.toml")
                .contains("p.toml:2:1: unknown field `suits`")
        );
        assert!(told("suites = [\"0x1301\"]\n", "p.toml").contains("missing field `versions`"));
        let json = told("{\"versions\": [\"1.2\"],\n \"groups\": [\"P-1\"]}", "p.json");
        assert!(json.starts_with("p.json:2:") && json.contains("`P-1` is not a"), "{json}");
        assert!(told("{\"versions\": []}", "p.json").contains("a list is empty"));
    }
}
