//! `[[hop]]`: the hops that are not ours, and what shows how they are protected.

use std::path::PathBuf;

use hermetic_hop::{ExternalEndpoint, ExternalEndpointError, PartyName, Scheme};
use hermetic_tls::SecurityPolicy;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::shown;
use super::table::{self, Optional, Required, table};
use super::text::{FarEnd, Measure, TrustSource, host};
use super::value::{List, Refused, Text, Written, kind};
use super::{default, word};
use crate::period::{DAY, Period};
use crate::problem::Problems;
use crate::written::postgres::PgStatSslUrl;

table! {
    /// A hop that is not ours: Hermetic is at neither end of it, and only looks. What is written
    /// here is a wish; until evidence comes, the verdict is `unknown`.
    Hop in "[[hop]]" {
        /// The party that connects.
        #[schemars(extend("examples" = ["app"]))]
        from: Required<PartyName>,
        /// The party that it connects to.
        #[schemars(extend("examples" = ["orders-db"]))]
        to: Required<PartyName>,
        /// Where the far end is: a scheme such as `https://`, `tls://`, `postgres://`, `ldap://` or
        /// `smtp://`, a host, and a port where it is not the usual one.
        endpoint: Optional<ExternalEndpoint>,
        /// Who the far end should be, and within which policy. Without it, the system's roots
        /// vouch for the endpoint's host.
        tls: Optional<HopTls>,
        /// What shows how the hop is protected. Without it, a probe of the endpoint.
        #[schemars(extend("default" = ["probe"]))]
        evidence: Optional<List<Source>>,
        /// How often `hermetic up` probes the endpoint and asks `pg_stat_ssl`.
        #[schemars(extend("default" = shown(default::HOP_INTERVAL)))]
        interval: Optional<Period<1, DAY>>,
    }
}

table! {
    /// What TLS on a hop that is not ours should be.
    HopTls in "tls of a [[hop]]" {
        /// Whom we believe.
        #[schemars(extend("default" = default::HOP_TRUST))]
        trust: Optional<TrustSource>,
        /// Who the far end must be: a DNS name, `ip:…` or `spiffe://…`. Without it, the endpoint's
        /// host.
        name: Optional<FarEnd>,
        /// What may be negotiated; what is beyond it is `weak`. Any policy, also one that the gateway
        /// does not serve.
        #[schemars(extend("default" = SecurityPolicy::default_policy().full_name()))]
        policy: Optional<Measure>,
    }
}

table! {
    /// Evidence from a log: what each connection had, as one end of the hop wrote it down.
    LogSource in "log" {
        /// The file. It is followed when it is rotated.
        #[schemars(extend("examples" = ["/var/log/nginx/tls.log"]))]
        log: Required<PathBuf>,
        /// Who wrote it, and so how its lines are read.
        format: Required<word::LogFormat>,
        /// Which end of the hop wrote it.
        #[schemars(extend("default" = "server"))]
        view: Optional<word::End>,
    }
}

table! {
    /// Evidence from PostgreSQL's view `pg_stat_ssl`: what each connection has that is open now.
    /// The connection that asks is verified as `tls` of the hop says.
    PgStatSslSource in "pg_stat_ssl" {
        /// The server, the user to ask as, and the database (`postgres` where none is written);
        /// never a password.
        pg_stat_ssl: Required<PgStatSslUrl>,
        /// The file with the user's password and nothing else.
        #[schemars(extend("examples" = ["monitor.password"]))]
        password_file: Optional<PathBuf>,
    }
}

/// One of the things that show how a hop is protected.
#[derive(Debug)]
pub(crate) enum Source {
    Probe,
    Log(LogSource),
    PgStatSsl(PgStatSslSource),
}

impl Source {
    fn of_word(text: &str) -> Result<Self, Refused> {
        let hint = match text {
            "probe" => return Ok(Self::Probe),
            "log" => "write `{ log = \"/var/log/nginx/tls.log\", format = \"nginx\" }`",
            "pg_stat_ssl" => "write `{ pg_stat_ssl = \"postgres://monitor@db.internal:5432/postgres\" }`",
            _ => "write \"probe\", `{ log = \"…\", format = \"…\" }` or `{ pg_stat_ssl = \"…\" }`",
        };
        Err(Refused::new(format!("`{text}` is no evidence")).hint(hint))
    }

    /// The kind is told by the key that only it has.
    fn of_table(table: &DeTable<'_>, at: usize, problems: &mut Problems<'_>) -> Option<Self> {
        if table.contains_key("pg_stat_ssl") {
            return Some(Self::PgStatSsl(table::read(table, at, problems)));
        }
        if table.contains_key("log") {
            return Some(Self::Log(table::read(table, at, problems)));
        }
        problems.tell(
            at,
            "this evidence has neither `log` nor `pg_stat_ssl`",
            "write `{ log = \"…\", format = \"…\" }` or `{ pg_stat_ssl = \"…\" }`",
        );
        None
    }
}

impl Written for Source {
    fn noun() -> String {
        "\"probe\" or a table".to_owned()
    }

    fn example() -> String {
        "\"probe\"".to_owned()
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let log = generator.subschema_for::<LogSource>();
        let pg_stat_ssl = generator.subschema_for::<PgStatSslSource>();
        json_schema!({ "anyOf": [{ "const": "probe" }, log, pg_stat_ssl] })
    }

    fn decode(value: &Spanned<DeValue<'_>>, label: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let at = value.span().start;
        match value.get_ref() {
            DeValue::Table(table) => Self::of_table(table, at, problems),
            DeValue::String(text) => match Self::of_word(text) {
                Ok(source) => Some(source),
                Err(refused) => {
                    refused.tell::<Self>(at, problems);
                    None
                }
            },
            other => {
                let message = format!("{label} must be \"probe\" or a table, not {}", kind(other));
                problems.tell(at, message, "write \"probe\", or a table with `log` or `pg_stat_ssl`");
                None
            }
        }
    }
}

impl Text for ExternalEndpoint {
    const NOUN: &'static str = "an endpoint with its scheme";
    const EXAMPLE: &'static str = "postgres://db.internal:5432";

    fn read(text: &str) -> Result<Self, Refused> {
        // What follows `://` up to an `@` may be a password, and what is told may end in a log.
        if let Some((_, place)) = text.rsplit_once('@') {
            let scheme = text.split_once("://").map_or("…", |(scheme, _)| scheme);
            return Err(Refused::new("an endpoint has no user and no password")
                .hint(format!("leave them out: \"{scheme}://{place}\"")));
        }
        let endpoint: Self =
            text.parse().map_err(|error: ExternalEndpointError| Refused::with_remedy(&error))?;
        host(&endpoint.host)?;
        Ok(endpoint)
    }

    fn refine(schema: &mut Schema) {
        let pattern = format!("^({})://[^/@]+/?$", Scheme::ALL.map(Scheme::as_str).join("|"));
        schema.insert("pattern".to_owned(), json!(pattern));
    }
}
