//! `Strict-Transport-Security` (RFC 6797).

/// Whether browsers are told to come by TLS alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportSecurity {
    /// They are not.
    Absent,
    /// They are.
    Set {
        /// For how long, in seconds; 0 takes it back.
        max_age: u64,
        /// On all names below as well.
        include_subdomains: bool,
        /// Whether it may go into the list that browsers come with.
        preload: bool,
    },
    /// The header breaks the rules, and browsers pass over it.
    Invalid(String),
}

impl TransportSecurity {
    /// Reads the first header, as browsers do (RFC 6797 section 8.1).
    pub fn of(header: Option<&str>) -> Self {
        let Some(text) = header else { return Self::Absent };
        let invalid = || Self::Invalid(text.to_owned());
        let (mut max_age, mut include_subdomains, mut preload) = (None, false, false);
        let mut seen = Vec::new();
        for directive in text.split(';').map(str::trim).filter(|directive| !directive.is_empty()) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
            if seen.contains(&name) {
                return invalid();
            }
            match name.as_str() {
                "max-age" => match value.parse() {
                    Ok(age) => max_age = Some(age),
                    Err(_) => return invalid(),
                },
                "includesubdomains" => include_subdomains = true,
                "preload" => preload = true,
                _ => {}
            }
            seen.push(name);
        }
        match max_age {
            Some(max_age) => Self::Set { max_age, include_subdomains, preload },
            None => invalid(),
        }
    }

    /// For how long, in seconds; `None` where nothing holds.
    pub fn max_age(&self) -> Option<u64> {
        match self {
            Self::Set { max_age, .. } if *max_age > 0 => Some(*max_age),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(max_age: u64, include_subdomains: bool, preload: bool) -> TransportSecurity {
        TransportSecurity::Set { max_age, include_subdomains, preload }
    }

    #[test]
    fn directives_come_in_any_order_and_case() {
        for (text, expected) in [
            ("max-age=63072000", set(63_072_000, false, false)),
            ("includeSubDomains; MAX-AGE=\"31536000\"; preload", set(31_536_000, true, true)),
            ("max-age=0", set(0, false, false)),
            ("max-age=1; unknown=2;", set(1, false, false)),
        ] {
            assert_eq!(TransportSecurity::of(Some(text)), expected, "{text}");
        }
    }

    #[test]
    fn what_browsers_pass_over_is_invalid() {
        for text in ["", "includeSubDomains", "max-age=soon", "max-age=1; max-age=2", "max-age=-1"] {
            assert_eq!(TransportSecurity::of(Some(text)), TransportSecurity::Invalid(text.to_owned()));
        }
    }
}
