//! What the port for cleartext does: nothing, lead to TLS, or serve.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::Place;
use crate::http::{self, Head, LONGEST_HEAD};
use crate::observe::Manners;
use crate::way::Connection;

/// The most redirects that are followed in cleartext.
const MOST_REDIRECTS: usize = 5;

/// What the port for cleartext does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    /// It takes no connection.
    Closed(String),
    /// It takes one, and what it does is not to be told.
    Unclear(String),
    /// It serves in cleartext, perhaps after these redirects.
    Serves {
        /// Which.
        through: Vec<Redirect>,
        /// The status of what it serves.
        status: u16,
    },
    /// It leads to TLS.
    LeadsToTls {
        /// All redirects, the last to TLS. More than one: the way there goes on in cleartext first.
        through: Vec<Redirect>,
        /// Whether the last stays on the same host, as the list of browsers demands of the first.
        same_host: bool,
    },
    /// It leads in cleartext to another host, which is not looked at.
    LeadsElsewhere {
        /// All redirects.
        through: Vec<Redirect>,
    },
    /// Its redirects don't end.
    Circles {
        /// The first of them.
        through: Vec<Redirect>,
    },
}

/// One redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The status; 301 and 308 are kept by browsers.
    pub status: u16,
    /// Where to, as it says.
    pub location: String,
}

/// Where a redirect goes.
enum Leads {
    ToTls { same_host: bool },
    On { path: String },
    Elsewhere,
}

pub(super) async fn look(place: Place<'_>, port: u16, manners: &Manners) -> Plain {
    let address = place.address.with_port(port);
    let (mut through, mut path) = (Vec::new(), "/".to_owned());
    loop {
        let io = match manners.way.connect(&address, manners.connect).await {
            Ok(io) => io,
            Err(error) if through.is_empty() => return Plain::Closed(error.to_string()),
            Err(error) => return Plain::Unclear(error.to_string()),
        };
        let host = http::host_header(place.host, port, 80);
        let head = match timeout(manners.answer, asked(io, &http::question(&host, &path))).await {
            Ok(Ok(head)) => head,
            Ok(Err(reason)) => return Plain::Unclear(reason),
            Err(_) => return Plain::Unclear("no answer in time".to_owned()),
        };
        let Head { status, .. } = head;
        let Some(location) = head.first("location").filter(|_| (300..400).contains(&status)) else {
            return Plain::Serves { through, status };
        };
        through.push(Redirect { status, location: location.to_owned() });
        match leads(location, place.host, port) {
            Leads::ToTls { same_host } => return Plain::LeadsToTls { through, same_host },
            Leads::Elsewhere => return Plain::LeadsElsewhere { through },
            Leads::On { .. } if through.len() == MOST_REDIRECTS => return Plain::Circles { through },
            Leads::On { path: next } => path = next,
        }
    }
}

async fn asked(mut io: Connection, question: &str) -> Result<Head, String> {
    let told = |error: std::io::Error| format!("the connection broke: {error}");
    io.write_all(question.as_bytes()).await.map_err(told)?;
    let mut heard = Vec::new();
    let mut limited = io.take(LONGEST_HEAD as u64);
    while limited.read_buf(&mut heard).await.map_err(told)? > 0 && !Head::is_whole(&heard) {}
    Ok(Head::read(&heard).map_err(|error| error.to_string())?.0)
}

/// Where a `Location` leads from the host and port that sent it.
fn leads(location: &str, host: &str, port: u16) -> Leads {
    let lower = location.to_ascii_lowercase();
    let is_printable = location.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(rest) = lower.strip_prefix("https://") {
        return Leads::ToTls { same_host: authority(rest).0 == host };
    }
    let (rest, is_relative) = match (lower.strip_prefix("http://"), lower.strip_prefix("//")) {
        (Some(rest), _) | (None, Some(rest)) => (rest, false),
        (None, None) => ("", true),
    };
    if !is_printable {
        return Leads::Elsewhere;
    }
    if is_relative {
        let path = if location.starts_with('/') { location.to_owned() } else { format!("/{location}") };
        return Leads::On { path };
    }
    let (there, at) = authority(rest);
    if there != host || at.unwrap_or(80) != port {
        return Leads::Elsewhere;
    }
    let start = location.len() - rest.len();
    let path = location.get(start..).and_then(|rest| rest.find('/').and_then(|slash| rest.get(slash..)));
    Leads::On { path: path.unwrap_or("/").to_owned() }
}

/// Host and port at the start of what follows `//`.
fn authority(rest: &str) -> (&str, Option<u16>) {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port.parse().ok()),
        _ => (authority, None),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    (bare.unwrap_or(host), port)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(location: &str) -> String {
        match leads(location, "shop.test", 80) {
            Leads::ToTls { same_host } => format!("tls {same_host}"),
            Leads::On { path } => path,
            Leads::Elsewhere => "elsewhere".to_owned(),
        }
    }

    #[test]
    fn a_location_leads_to_tls_on_or_elsewhere() {
        for (location, expected) in [
            ("https://shop.test/", "tls true"),
            ("HTTPS://Shop.test:8443/a", "tls true"),
            ("https://www.shop.test/", "tls false"),
            ("http://www.shop.test/", "elsewhere"),
            ("http://shop.test:8080/", "elsewhere"),
            ("http://shop.test/Login?next=/", "/Login?next=/"),
            ("//shop.test/a", "/a"),
            ("/de/", "/de/"),
            ("index.html", "/index.html"),
            ("/a\r\nX: y", "elsewhere"),
        ] {
            assert_eq!(told(location), expected, "{location:?}");
        }
    }

    proptest! {
        #[test]
        fn any_location_leads_somewhere(location in ".{0,60}") {
            if let Leads::On { path } = leads(&location, "shop.test", 80) {
                prop_assert!(path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }
}
