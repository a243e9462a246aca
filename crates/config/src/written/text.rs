//! The texts that have a meaning: names, addresses, hosts, identities, paths.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use hermetic_hop::PartyName;
use hermetic_tls::policy::PolicyNameError;
use hermetic_tls::{Fingerprint, Identity, IdentityError, ProtocolVersion, SecurityPolicy, TrustDomain};
use http::uri::PathAndQuery;
use schemars::Schema;
use serde_json::json;

use crate::model::{Endpoint, HostPattern};
use crate::nearest::nearest;
use crate::period::{self, Period};
use crate::written::value::{Refused, Text};

/// A text that says something to people.
#[derive(Clone, Debug)]
pub(crate) struct Line(pub(crate) String);

/// A name or address that a listener serves.
#[derive(Clone, Debug)]
pub(crate) struct Served(pub(crate) Identity);

/// Who may come in: a bare name stands for a SPIFFE ID of our trust domain.
#[derive(Clone, Debug)]
pub(crate) enum Admitted {
    Party(PartyName),
    Identity(Identity),
    Certificate(Fingerprint),
}

/// Who the far end must be.
#[derive(Clone, Debug)]
pub(crate) struct FarEnd(pub(crate) Identity);

/// A policy that a hop is measured by. Nothing is served by it, so it may be one that can't be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure(pub(crate) &'static SecurityPolicy);

/// Whom we believe, before any file is read.
#[derive(Clone, Debug)]
pub(crate) enum TrustSource {
    Authority,
    System,
    File(PathBuf),
}

/// An application protocol, as ALPN names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApplicationProtocol(pub(crate) String);

/// The path prefix of a route.
#[derive(Clone, Debug)]
pub(crate) struct PathPrefix(pub(crate) String);

impl Text for Line {
    const NOUN: &'static str = "a text";
    const EXAMPLE: &'static str = "payments";

    fn read(text: &str) -> Result<Self, Refused> {
        match text.trim() {
            "" => Err(Refused::new("this text is empty").hint("say it in a few words")),
            text => Ok(Self(text.to_owned())),
        }
    }

    fn refine(schema: &mut Schema) {
        schema.insert("minLength".to_owned(), 1.into());
    }
}

impl Text for PathBuf {
    const NOUN: &'static str = "a path";
    const EXAMPLE: &'static str = "path/to/file";

    fn read(text: &str) -> Result<Self, Refused> {
        if text.is_empty() || text.contains('\0') {
            return Err(Refused::new(format!("`{}` is not a path", text.escape_default())));
        }
        Ok(Self::from(text))
    }
}

impl Text for PartyName {
    const NOUN: &'static str = "a name";
    const EXAMPLE: &'static str = "edge";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(|error: hermetic_hop::PartyNameError| Refused::new(error.to_string()))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^[A-Za-z0-9._-]{1,63}$".into());
    }
}

impl Text for TrustDomain {
    const NOUN: &'static str = "a trust domain";
    const EXAMPLE: &'static str = "hermetic.internal";

    fn read(text: &str) -> Result<Self, Refused> {
        text.parse().map_err(refused)
    }
}

impl Text for SocketAddr {
    const NOUN: &'static str = "an IP address and port";
    const EXAMPLE: &'static str = "0.0.0.0:443";

    fn read(text: &str) -> Result<Self, Refused> {
        let refused = Refused::new(format!("`{text}` is not an IP address and port"));
        match text.rsplit_once(':') {
            Some(("localhost", port)) => {
                Err(refused.hint(format!("write `127.0.0.1:{port}` or `[::1]:{port}`")))
            }
            Some(("" | "*", port)) => Err(refused.hint(format!("write `0.0.0.0:{port}` or `[::]:{port}`"))),
            _ => text.parse().map_err(|_| refused),
        }
    }
}

impl<const LEAST: u64, const MOST: u64> Text for Period<LEAST, MOST> {
    const NOUN: &'static str = "a duration";
    const EXAMPLE: &'static str = if LEAST > 30 { "12h" } else { "30s" };

    fn read(text: &str) -> Result<Self, Refused> {
        let Some(duration) = period::read(text) else {
            let hint = "write numbers with their units y, d, h, m and s, such as \"30s\" or \"1h30m\"";
            return Err(Refused::new(format!("`{text}` is not a duration")).hint(hint));
        };
        if duration < Duration::from_secs(LEAST) || duration > Duration::from_secs(MOST) {
            let hint = format!("write a duration from {} to {}", period::write(LEAST), period::write(MOST));
            return Err(Refused::new(format!("`{text}` is out of bounds")).hint(hint));
        }
        Ok(Self(duration))
    }

    fn refine(schema: &mut Schema) {
        let title = format!("duration from {} to {}", period::write(LEAST), period::write(MOST));
        schema.insert("title".to_owned(), title.into());
        let pattern = "^([0-9]+y)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$";
        schema.insert("pattern".to_owned(), pattern.into());
    }
}

impl Text for Served {
    const NOUN: &'static str = "a DNS name or IP address";
    const EXAMPLE: &'static str = "shop.example.com";

    fn read(text: &str) -> Result<Self, Refused> {
        host(text).map(Self)
    }
}

impl Text for HostPattern {
    const NOUN: &'static str = "a host";
    const EXAMPLE: &'static str = "shop.example.com";

    fn read(text: &str) -> Result<Self, Refused> {
        match host(text)? {
            Identity::Dns(name) => Ok(Self(name.as_str().to_owned())),
            Identity::Ip(address) => Ok(Self(address.to_string())),
            Identity::Spiffe(_) => Err(Refused::new(format!("`{text}` is not a host"))),
        }
    }
}

impl Text for ApplicationProtocol {
    const NOUN: &'static str = "an application protocol";
    const EXAMPLE: &'static str = "h2";

    fn read(text: &str) -> Result<Self, Refused> {
        // IANA's registry has ASCII alone, and RFC 7301 one byte for the length.
        match (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(Self(text.to_owned())),
            false => Err(Refused::new(format!("`{}` is not an application protocol", text.escape_default()))
                .hint("write it as ALPN names it, such as \"h2\", \"http/1.1\" or \"postgresql\"")),
        }
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^[!-~]{1,255}$".into());
    }
}

impl Text for PathPrefix {
    const NOUN: &'static str = "a path prefix";
    const EXAMPLE: &'static str = "/api";

    fn read(text: &str) -> Result<Self, Refused> {
        let refused = || Refused::new(format!("`{text}` is not a path prefix"));
        if !text.starts_with('/') {
            return Err(refused().hint("write it with a slash at its start, such as \"/api\""));
        }
        if text.contains(['?', '#']) {
            return Err(refused().hint("a route sees neither query nor fragment; leave them out"));
        }
        let parsed: PathAndQuery = text.parse().map_err(|_| refused())?;
        match text.trim_end_matches('/') {
            "" if text == "/" => {}
            shorter if shorter.len() < text.len() => {
                let whole = if shorter.is_empty() { "/" } else { shorter };
                return Err(refused().hint(format!("write \"{whole}\", which takes all below it too")));
            }
            _ if text.split('/').skip(1).any(|segment| matches!(segment, "" | "." | "..")) => {
                return Err(refused().hint("write it without empty segments, `.` and `..`"));
            }
            _ => {}
        }
        Ok(Self(parsed.path().to_owned()))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^/".into());
    }
}

impl Text for Admitted {
    const NOUN: &'static str = "a party or identity";
    const EXAMPLE: &'static str = "edge";

    fn read(text: &str) -> Result<Self, Refused> {
        if text.starts_with("sha256:") {
            return Fingerprint::read(text).map(Self::Certificate);
        }
        if ["spiffe://", "dns:", "ip:"].iter().any(|scheme| text.starts_with(scheme)) {
            return one(text).map(Self::Identity);
        }
        text.parse().map(Self::Party).map_err(|_| {
            Refused::new(format!("`{text}` is neither a name nor an identity"))
                .hint("write a name such as \"edge\", or \"spiffe://…\", \"dns:…\", \"ip:…\", \"sha256:…\"")
        })
    }
}

impl Text for Fingerprint {
    const NOUN: &'static str = "the fingerprint of a certificate";
    const EXAMPLE: &'static str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn read(text: &str) -> Result<Self, Refused> {
        let hint = "write `sha256:` and the 64 digits that `openssl x509 -noout -fingerprint -sha256` shows";
        let message = || format!("`{text}` is not the fingerprint of a certificate");
        text.parse().map_err(|_| Refused::new(message()).hint(hint))
    }

    fn refine(schema: &mut Schema) {
        schema.insert("pattern".to_owned(), "^sha256:([0-9A-Fa-f]{2}:?){32}$".into());
    }
}

impl Text for FarEnd {
    const NOUN: &'static str = "an identity";
    const EXAMPLE: &'static str = "app.internal";

    fn read(text: &str) -> Result<Self, Refused> {
        one(text).map(Self)
    }
}

impl Text for TrustSource {
    const NOUN: &'static str = "\"authority\", \"system\" or a PEM file";
    const EXAMPLE: &'static str = "authority";

    fn read(text: &str) -> Result<Self, Refused> {
        match text {
            "authority" => Ok(Self::Authority),
            "system" => Ok(Self::System),
            _ => PathBuf::read(text).map(Self::File),
        }
    }

    fn refine(schema: &mut Schema) {
        schema.insert("title".to_owned(), "`authority`, `system` or a PEM file".into());
        schema.insert("examples".to_owned(), json!(["authority", "system", "ca.pem"]));
    }
}

impl Text for ProtocolVersion {
    const NOUN: &'static str = "a TLS version";
    const EXAMPLE: &'static str = "1.2";

    fn read(text: &str) -> Result<Self, Refused> {
        match text {
            "1.0" => Ok(Self::TLS1_0),
            "1.1" => Ok(Self::TLS1_1),
            "1.2" => Ok(Self::TLS1_2),
            "1.3" => Ok(Self::TLS1_3),
            _ => Err(Refused::new(format!("`{text}` is not a TLS version")).hint("write \"1.2\" or \"1.3\"")),
        }
    }

    fn refine(schema: &mut Schema) {
        schema.insert("enum".to_owned(), json!(["1.0", "1.1", "1.2", "1.3"]));
    }
}

impl Text for &'static SecurityPolicy {
    const NOUN: &'static str = "a security policy";
    const EXAMPLE: &'static str = "mozilla/intermediate";

    fn read(text: &str) -> Result<Self, Refused> {
        let Measure(policy) = Measure::read(text)?;
        match policy.is_servable() {
            Ok(()) => Ok(policy),
            Err(reason) => {
                let nearest = policy.nearest_servable().full_name();
                Err(Refused::new(format!("security policy {} can't be served: {reason}", policy.full_name()))
                    .hint(format!("the nearest that can is `{nearest}`")))
            }
        }
    }

    fn refine(schema: &mut Schema) {
        let servable = SecurityPolicy::all().iter().filter(|policy| policy.is_servable().is_ok());
        let names: Vec<String> = servable.map(SecurityPolicy::full_name).collect();
        // The bare names are valid too; editors complete the full ones.
        schema.insert("anyOf".to_owned(), json!([{ "enum": names }, { "type": "string" }]));
    }
}

impl Text for Measure {
    const NOUN: &'static str = "a security policy";
    const EXAMPLE: &'static str = "mozilla/intermediate";

    fn read(text: &str) -> Result<Self, Refused> {
        SecurityPolicy::named(text).map(Self).map_err(|error| match error {
            PolicyNameError::Unknown { name, nearest } => {
                let meant = nearest.map(|nearest| format!("did you mean `{nearest}`? ")).unwrap_or_default();
                Refused::new(format!("no security policy is called `{name}`"))
                    .hint(format!("{meant}`hermetic tls policies` lists them"))
            }
            PolicyNameError::Ambiguous { name, candidates } => {
                Refused::new(format!("several services have a security policy `{name}`"))
                    .hint(format!("write one of {}", candidates.join(", ")))
            }
        })
    }

    fn refine(schema: &mut Schema) {
        let names: Vec<String> = SecurityPolicy::all().iter().map(SecurityPolicy::full_name).collect();
        schema.insert("anyOf".to_owned(), json!([{ "enum": names }, { "type": "string" }]));
    }
}

impl Text for Endpoint {
    const NOUN: &'static str = "an endpoint";
    const EXAMPLE: &'static str = "app.internal:8443";

    fn read(text: &str) -> Result<Self, Refused> {
        let refused = || Refused::new(format!("`{text}` is not an endpoint"));
        if let Some(path) = text.strip_prefix("unix:") {
            return PathBuf::read(path).map(Self::Unix);
        }
        if let Some((_, rest)) = text.split_once("://") {
            let address = rest.split('/').next().unwrap_or(rest);
            let hint = format!("write host and port, such as \"{address}\"; `tls` says how it is protected");
            return Err(refused().hint(hint));
        }
        let usual =
            "write a host and port such as \"app.internal:8443\" or \"[::1]:80\", or \"unix:/run/app.sock\"";
        let (name, port) = text.rsplit_once(':').ok_or_else(|| refused().hint(usual))?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(|| refused().hint(usual))?;
        if name.contains(':') && !name.starts_with('[') {
            return Err(refused().hint(format!("write an IPv6 address in brackets: \"[{name}]:{port}\"")));
        }
        match host(name)? {
            Identity::Dns(name) if !name.as_str().starts_with('*') => {
                Ok(Self::Tcp { host: name.as_str().to_owned(), port })
            }
            Identity::Ip(address) => Ok(Self::Tcp { host: address.to_string(), port }),
            _ => Err(refused().hint("write one host, not a pattern")),
        }
    }
}

/// A DNS name, possibly a wildcard, or an IP address.
pub(crate) fn host(text: &str) -> Result<Identity, Refused> {
    if let Some((name, port)) = text.rsplit_once(':')
        && !name.contains(':')
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        let message = format!("`{text}` is not a DNS name or IP address");
        return Err(Refused::new(message).hint(format!("leave the port out: \"{name}\"")));
    }
    match Identity::host(text) {
        // No top-level domain is a number (RFC 3696 section 2), so this is an address gone wrong.
        Ok(Identity::Dns(name)) if ends_in_a_number(name.as_str()) => {
            Err(Refused::new(format!("`{text}` is not an IP address")))
        }
        Ok(identity) => Ok(identity),
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: IdentityError) -> Refused {
    match error {
        IdentityError::Spiffe(text) => Refused::new(format!("`{text}` is not a SPIFFE ID"))
            .hint("write spiffe://<trust domain>/<path>, the trust domain in lower case"),
        other => Refused::new(other.to_string()),
    }
}

fn ends_in_a_number(name: &str) -> bool {
    name.rsplit('.')
        .next()
        .is_some_and(|label| label.parse::<IpAddr>().is_ok() || label.parse::<u64>().is_ok())
}

/// The identity of one party: no wildcard.
fn one(text: &str) -> Result<Identity, Refused> {
    match text.parse() {
        Ok(Identity::Dns(name)) if name.as_str().starts_with('*') => {
            Err(Refused::new(format!("`{text}` is not one identity"))
                .hint("write the whole name, without `*`"))
        }
        Ok(Identity::Dns(name)) if ends_in_a_number(name.as_str()) => {
            Err(Refused::new(format!("`{text}` is not an IP address")))
        }
        Ok(identity) => Ok(identity),
        Err(error) => Err(refused(error)),
    }
}

impl TrustSource {
    /// The word that was probably meant where the file isn't there.
    pub(crate) fn nearest_word(path: &std::path::Path) -> Option<&'static str> {
        nearest(path.to_str()?, ["authority", "system"])
    }
}
