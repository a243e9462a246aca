//! Versions of database engines, as far as defaults hang on them: `15.4`, `8.0.mysql_aurora.3.04.0`.

/// A major and a minor number; what follows does not matter to defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EngineVersion(pub u32, pub u32, pub u32);

impl EngineVersion {
    /// Reads what begins with a number: the parts that are not written are 0.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.').map(|part| part.parse::<u32>().ok());
        let major = parts.next()??;
        let mut next = || parts.next().flatten().unwrap_or(0);
        let minor = next();
        Some(Self(major, minor, next()))
    }

    /// Reads the version at the end of the family of a parameter group, such as `postgres15`, `default.mariadb10.6`.
    pub(super) fn of_family(family: &str) -> Option<Self> {
        Self::read(family.get(family.find(|c: char| c.is_ascii_digit())?..)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_text() {
        assert!(EngineVersion::read("10.11.6") > EngineVersion::read("10.6"));
        assert!(EngineVersion::read("9.6.24") < EngineVersion::read("15"));
        assert_eq!(EngineVersion::read("8.0.mysql_aurora.3.04.0"), Some(EngineVersion(8, 0, 0)));
        assert_eq!(EngineVersion::read("latest"), None);
    }

    #[test]
    fn a_family_ends_in_its_version() {
        assert_eq!(EngineVersion::of_family("default.aurora-postgresql16"), Some(EngineVersion(16, 0, 0)));
        assert_eq!(EngineVersion::of_family("mariadb10.11"), Some(EngineVersion(10, 11, 0)));
    }
}
