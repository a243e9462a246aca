//! `Alt-Svc`: where else the same is to be had, such as by HTTP/3 (RFC 7838).

/// Another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// The protocol, such as `h3`.
    pub protocol: String,
    /// Host and port; often a port alone.
    pub authority: String,
    /// For how long that holds, in seconds; a day where nothing is said.
    pub max_age: u64,
}

/// Section 3.1.
const A_DAY: u64 = 86_400;

impl Alternative {
    /// Reads an `Alt-Svc` header. What breaks the rules is passed over, as clients do.
    pub fn all_of(header: &str) -> Vec<Self> {
        header.split(',').filter_map(Self::of).collect()
    }

    fn of(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (protocol, authority) = parts.next()?.split_once('=')?;
        let authority = authority.strip_prefix('"')?.strip_suffix('"')?;
        let age = parts
            .filter_map(|part| part.strip_prefix("ma="))
            .find_map(|age| age.trim_matches('"').parse().ok());
        Some(Self {
            protocol: protocol.trim().to_owned(),
            authority: authority.to_owned(),
            max_age: age.unwrap_or(A_DAY),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_a_protocol_and_an_age() {
        let all =
            Alternative::all_of("h3=\":443\"; ma=86400, h3-29=\"alt.test:8443\"; persist=1; ma=60, nonsense");
        let told: Vec<_> =
            all.iter().map(|it| (it.protocol.as_str(), it.authority.as_str(), it.max_age)).collect();
        assert_eq!(told, [("h3", ":443", 86_400), ("h3-29", "alt.test:8443", 60)]);
        assert_eq!(Alternative::all_of("clear"), []);
    }
}
