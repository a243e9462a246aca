//! Versions of engines, as far as what they can do hangs on them: `15.4`, `8.0.mysql_aurora.3.04.0`.

use serde::Deserialize;

/// The first three numbers of a version; what follows never matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Version(
    /// The major number.
    pub u32,
    /// The minor one.
    pub u32,
    /// The patch.
    pub u32,
);

impl Version {
    /// Reads what begins with a number: the parts that are not written are 0.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.').map(|part| part.parse::<u32>().ok());
        let major = parts.next()??;
        let mut next = || parts.next().flatten().unwrap_or(0);
        let minor = next();
        Some(Self(major, minor, next()))
    }

    /// Reads the version at the end of a text, such as `postgres15`, `default.mariadb10.6` or `Elasticsearch_7.10`.
    pub fn at_end(family: &str) -> Option<Self> {
        Self::read(family.get(family.find(|c: char| c.is_ascii_digit())?..)?)
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text).ok_or_else(|| format!("`{text}` is no version; write it as `1.6.12`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_text() {
        assert!(Version::read("10.11.6") > Version::read("10.6"));
        assert!(Version::read("9.6.24") < Version::read("15"));
        assert_eq!(Version::read("8.0.mysql_aurora.3.04.0"), Some(Version(8, 0, 0)));
        assert_eq!(Version::read("latest"), None);
    }

    #[test]
    fn a_family_ends_in_its_version() {
        assert_eq!(Version::at_end("default.aurora-postgresql16"), Some(Version(16, 0, 0)));
        assert_eq!(Version::at_end("mariadb10.11"), Some(Version(10, 11, 0)));
    }
}
