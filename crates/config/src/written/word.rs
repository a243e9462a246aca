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
    /// cleartext HTTP, which is only redirected
    Http = "http",
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

fn unknown(text: &str, words: &[&str]) -> Refused {
    let hint = match (nearest(text, words.iter().copied()), words) {
        (Some(nearest), _) => format!("did you mean \"{nearest}\"?"),
        (None, [only]) => format!("write \"{only}\""),
        (None, _) => format!("choose from \"{}\"", words.join("\", \"")),
    };
    Refused::new(format!("`{text}` is not known here")).hint(hint)
}
