//! Names as they are searched by.

use crate::engine::Value;

/// Which names a certificate must have to be found. Names are as text: `shop.example.com` or
/// `dns:shop.example.com`, `ip:10.0.0.1`, `spiffe://example.com/edge`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameFilter {
    /// This very name.
    Exact(String),
    /// A name that serves this host: its own, or a wildcard that covers it.
    Serving(String),
    /// This domain and any name below it, wildcards among them; or any URI that begins so.
    Below(String),
}

/// What a name is searched by. A DNS name has its labels turned round, so that all names below a domain
/// are neighbours in the index; names of other kinds stand as they are.
pub(crate) fn searchable(name: &str) -> String {
    let dns = match name.strip_prefix("dns:") {
        Some(dns) => dns,
        None if name.contains(':') => return name.to_owned(),
        None => name,
    };
    let labels: Vec<_> = dns.trim_end_matches('.').rsplit('.').map(str::to_ascii_lowercase).collect();
    format!("dns:{}", labels.join("."))
}

impl NameFilter {
    /// The condition on `n.name`, whose values begin with this number, and the values.
    pub(super) fn condition(&self, first: usize) -> (String, Vec<Value>) {
        let second = first + 1;
        match self {
            Self::Exact(name) => (format!("n.name = ${first}"), vec![searchable(name).into()]),
            Self::Serving(host) => {
                let own = searchable(host);
                // RFC 6125 section 6.4.3: a wildcard stands for one whole label, the leftmost.
                let wildcard = own.rsplit_once('.').map(|(above, _)| format!("{above}.*"));
                let wildcard = wildcard.unwrap_or_else(|| own.clone());
                (format!("n.name IN (${first}, ${second})"), vec![own.into(), wildcard.into()])
            }
            Self::Below(domain) => {
                let third = first + 2;
                let own = searchable(domain);
                let separator = if own.starts_with("dns:") { "." } else { "" };
                let (from, to) = (format!("{own}{separator}"), after(&format!("{own}{separator}")));
                let condition = format!("(n.name = ${first} OR n.name >= ${second} AND n.name < ${third})");
                (condition, vec![own.into(), from.into(), to.into()])
            }
        }
    }
}

/// The first text after all that begin with this one. What is searched for ends in an ASCII character,
/// or the next one of its last is a character, too, for all that names are made of.
fn after(prefix: &str) -> String {
    let mut characters: Vec<char> = prefix.chars().collect();
    let last = characters.pop().and_then(|last| char::from_u32(u32::from(last) + 1));
    characters.extend(last.or(Some(char::MAX)));
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dns_name_is_turned_round_and_others_stay() {
        assert_eq!(searchable("dns:Shop.example.com"), "dns:com.example.shop");
        assert_eq!(searchable("*.example.com."), "dns:com.example.*");
        assert_eq!(searchable("localhost"), "dns:localhost");
        assert_eq!(searchable("ip:::1"), "ip:::1");
        assert_eq!(searchable("spiffe://a.b/C"), "spiffe://a.b/C");
    }

    #[test]
    fn what_comes_after_a_prefix_comes_after_all_that_begin_so() {
        assert_eq!(after("dns:com.example."), "dns:com.example/");
        assert_eq!(after("spiffe://a/é"), "spiffe://a/ê");
    }
}
