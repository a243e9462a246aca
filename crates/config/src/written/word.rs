//! The words to choose from.

use schemars::{Schema, json_schema};

use crate::nearest::nearest;
use crate::written::value::{Refused, Text};

/// Declares a set of words, each with what it means.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident: $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal,)+) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[doc = $meaning])+ $variant,)+ }

        impl Text for $name {
            const NOUN: &'static str = words!(@noun $($word)+);
            const EXAMPLE: &'static str = words!(@first $($word)+);

            fn read(text: &str) -> Result<Self, Refused> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(unknown(text, &[$($word),+])),
                }
            }

            fn refine(schema: &mut Schema) {
                *schema = json_schema!({
                    "type": "string",
                    "oneOf": [$({ "const": $word, "description": concat!($($meaning),+).trim() }),+],
                });
            }
        }
    };
    (@noun $first:literal $($rest:literal)*) => { concat!("\"", $first, "\"" $(, " or \"", $rest, "\"")*) };
    (@first $first:literal $($rest:literal)*) => { $first };
}

words! {
    /// What is spoken on a listener.
    Protocol:
    /// HTTP/1.1 and HTTP/2 over TLS
    Https = "https",
    /// cleartext HTTP, which is only redirected unless `mode` says otherwise
    Http = "http",
    /// bytes of any protocol, from clients that come by TLS
    Tls = "tls",
    /// bytes of any protocol, from clients that come in cleartext: those on this host, unless `mode`
    /// says otherwise
    Tcp = "tcp",
    /// PostgreSQL: TLS by `SSLRequest` or at once, cleartext refused; without `names` and
    /// certificate, clients on this host that come in cleartext
    Postgres = "postgres",
}

words! {
    /// What becomes of SCRAM's channel binding, by which a client of PostgreSQL ties its login to the
    /// certificate that it sees.
    Binding:
    /// the login ends at the gateway, which knows the verifiers, and is done anew at the upstream
    Terminate = "terminate",
    /// the listener serves the upstream's own certificate, so that a binding holds on both sides
    SharedCertificate = "shared-certificate",
    /// the upstream's offer of it is kept from clients that come in cleartext
    StripPlus = "strip-plus",
    /// no client binds: all say `channel_binding=disable`, or the upstream asks for no SCRAM
    None = "none",
}

words! {
    /// How TLS begins with PostgreSQL, as libpq names it.
    SslNegotiation:
    /// by `SSLRequest`
    Postgres = "postgres",
    /// at once, with the application protocol `postgresql` (PostgreSQL 17 and later)
    Direct = "direct",
}

words! {
    /// What is demanded of the transport.
    Mode:
    /// TLS, or the connection is refused
    Require = "require",
    /// TLS where the peer can, cleartext else; needs an exception
    Prefer = "prefer",
    /// whatever comes passes and is recorded; needs an exception
    Observe = "observe",
}

words! {
    /// What to do with a server name that no certificate covers.
    UnknownSni:
    /// the alert `unrecognized_name`
    Refuse = "refuse",
    /// the first certificate
    First = "first",
}

words! {
    /// What is demanded of clients.
    Clients:
    /// nothing
    None = "none",
    /// a certificate is verified where one comes
    Optional = "optional",
    /// without a valid certificate nobody comes in
    Required = "required",
}

words! {
    /// What becomes of connections from those whose PROXY header is not read.
    Others:
    /// they are refused
    Refuse = "refuse",
    /// they are clients themselves, and a header from them is none
    Direct = "direct",
}

words! {
    /// A version of PROXY protocol.
    ProxyProtocolVersion:
    /// one line of text: addresses alone
    V1 = "v1",
    /// binary: addresses, and how the client's TLS ended
    V2 = "v2",
}

words! {
    /// What a route shows instead of leading anywhere.
    Show:
    /// the path that the request took, hop by hop
    Path = "path",
}

words! {
    /// Who wrote a log.
    LogFormat:
    /// nginx, with the `log_format` of the reference
    Nginx = "nginx",
    /// Envoy
    Envoy = "envoy",
    /// HAProxy
    Haproxy = "haproxy",
}

words! {
    /// Which end of a hop wrote a log.
    End:
    /// the end that is connected to, which logs what it accepts
    Server = "server",
    /// the end that connects: Envoy, which logs its connections to upstreams too
    Client = "client",
}

words! {
    /// What a hook may be told of.
    HookEvent:
    /// a certificate was issued, or imported, for the first time
    Issue = "issue",
    /// a certificate was renewed
    Renewal = "renewal",
    /// a certificate could not be issued or renewed
    Failure = "failure",
    /// a certificate nears its end and was not renewed
    NearExpiry = "near_expiry",
    /// a certificate was revoked
    Revocation = "revocation",
}

words! {
    /// How bad it is where a control does not hold.
    Severity:
    /// it is as well to know
    Informational = "informational",
    /// it can wait
    Low = "low",
    /// it should be mended in days
    Medium = "medium",
    /// it should be mended today
    High = "high",
    /// it is an outage, or about to be
    Critical = "critical",
}

words! {
    /// From which severity on a control falls short.
    FailOn:
    /// from the least on
    Informational = "informational",
    /// whatever is low or worse
    Low = "low",
    /// whatever is medium or worse
    Medium = "medium",
    /// whatever is high or critical
    High = "high",
    /// what is critical
    Critical = "critical",
    /// nothing: it is only shown
    Never = "never",
}

impl From<Severity> for hermetic_hop::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Informational => Self::Informational,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

impl From<FailOn> for hermetic_hop::FailOn {
    fn from(fail_on: FailOn) -> Self {
        Self::Severity(match fail_on {
            FailOn::Never => return Self::Never,
            FailOn::Informational => hermetic_hop::Severity::Informational,
            FailOn::Low => hermetic_hop::Severity::Low,
            FailOn::Medium => hermetic_hop::Severity::Medium,
            FailOn::High => hermetic_hop::Severity::High,
            FailOn::Critical => hermetic_hop::Severity::Critical,
        })
    }
}

fn unknown(text: &str, words: &[&str]) -> Refused {
    let hint = match (nearest(text, words.iter().copied()), words) {
        (Some(nearest), _) => format!("did you mean \"{nearest}\"?"),
        (None, [only]) => format!("write \"{only}\""),
        (None, _) => format!("choose from \"{}\"", words.join("\", \"")),
    };
    Refused::new(format!("`{text}` is not known here")).hint(hint)
}
