//! What a person may write in `hermetic.toml`: its tables and keys, as the reference shows them.

pub(crate) mod authority;
pub(crate) mod certificate;
pub(crate) mod exception;
pub(crate) mod guard;
pub(crate) mod hook;
pub(crate) mod hop;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod parameters;
pub(crate) mod policy_document;
pub(crate) mod postgres;
pub(crate) mod profile;
pub(crate) mod proxy_protocol;
pub(crate) mod scan;
mod store;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod upstream;
pub(crate) mod users;
pub(crate) mod value;
pub(crate) mod word;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hermetic_hop::PartyName;
use hermetic_store::PostgresUrl;
use hermetic_tls::ProtocolVersion;
use toml::de::DeTable;

use crate::model::HostPattern;
use crate::period::{self, HOUR, MINUTE, Period};
use crate::problem::Problems;
pub(crate) use authority::Authority;
pub(crate) use certificate::{Certificate, CertificateFiles};
pub(crate) use exception::Exception;
pub(crate) use guard::{FingerprintRule, GuardRule};
pub(crate) use hook::Hook;
pub(crate) use hop::Hop;
pub(crate) use keys::{Keys, Token};
pub(crate) use limits::{Burst, Limits};
pub(crate) use listener::Listener;
pub(crate) use parameters::Parameters;
pub(crate) use policy_document::PolicyDocument;
pub(crate) use profile::{NameRule, Profile};
pub(crate) use proxy_protocol::ProxyProtocol;
pub(crate) use scan::Scan;
use table::{Optional, Required, table};
use text::{ApplicationProtocol, Line, PathPrefix};
pub(crate) use upstream::{Cleartext, Tls, Upstream};
pub(crate) use users::{AuthQuery, Users};
use value::{List, Whole};

/// What holds where nothing is written.
pub(crate) mod default {
    use super::*;

    pub(crate) const DATA: &str = ".hermetic";
    pub(crate) const DRAIN: Duration = Duration::from_secs(30);
    pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
    pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(MINUTE);
    pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
    pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(MINUTE);
    pub(crate) const PATH: &str = "/";
    pub(crate) const AUTH_DATABASE: &str = "postgres";
    /// Both columns that PgBouncer wants; only a superuser may read them.
    pub(crate) const AUTH_QUERY: &str = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname = $1 \
         AND rolcanlogin AND (rolvaliduntil IS NULL OR rolvaliduntil > now())";
    pub(crate) const HOP_TRUST: &str = "system";
    /// By which profile the authority issues for listeners.
    pub(crate) const LISTENER_PROFILE: &str = "server";
    /// The same for identities.
    pub(crate) const IDENTITY_PROFILE: &str = "client";
    pub(crate) const HOOK_TIMEOUT: Duration = Duration::from_secs(30);
    pub(crate) const HOOK_RETRIES: usize = 3;
    pub(crate) const HOP_INTERVAL: Duration = Duration::from_secs(MINUTE);
}

/// Reads a text; `None` where it isn't TOML, which is told.
pub(crate) fn read(text: &str, problems: &mut Problems<'_>) -> Option<File> {
    match DeTable::parse(text) {
        Ok(table) => Some(table::read(table.get_ref(), 0, problems)),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            problems.tell_plainly(at, format!("not valid TOML: {}", error.message()), None);
            None
        }
    }
}

fn shown(duration: Duration) -> String {
    period::write(duration.as_secs())
}

table! {
    /// Settings of the whole instance, before the first table.
    File in "" {
        /// The folder of keys, certificates, evidence and the admin socket. Relative paths, here
        /// and everywhere, start at the folder of `hermetic.toml`.
        #[schemars(extend("default" = default::DATA))]
        data: Optional<PathBuf>,
        /// The PostgreSQL database in which certificates and evidence are kept instead, for several nodes that
        /// share them: TLS, and the server verified, unless it is on this host. Of libpq's parameters there
        /// are `host` (the folder of a socket), `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, and `passfile`:
        /// the password stands in a file as `~/.pgpass` has it, never here. What is of this node alone stays
        /// in `data`.
        #[schemars(extend("examples" = ["postgres://hermetic@db.internal/hermetic?sslrootcert=db-ca.pem&passfile=pgpass"]))]
        store: Optional<PostgresUrl>,
        /// The threads of the data plane. Without it, one for each core.
        workers: Optional<Whole<1024, 2>>,
        /// Where access records go, one JSON object a line. Without it, nowhere.
        #[schemars(extend("examples" = ["access.jsonl"]))]
        access_log: Optional<PathBuf>,
        /// The loopback address at which metrics are served. Without it, none are.
        #[schemars(extend("examples" = ["127.0.0.1:9100"]))]
        admin: Optional<SocketAddr>,
        /// How long connections may finish their work after a stop.
        #[schemars(extend("default" = shown(default::DRAIN)))]
        drain: Optional<Period<0, HOUR>>,
        /// How private keys rest.
        keys: Optional<Keys>,
        /// How often what its hops lead to is scanned.
        scan: Optional<Scan>,
        /// The PKCS#11 tokens that have private keys.
        token: Optional<List<Token>>,
        /// The certificate authority.
        authority: Optional<Authority>,
        /// What may be certified, for whom, for how long and with which keys, beside the built-in profiles.
        profile: Optional<List<Profile>>,
        /// Who is told when something happens to a certificate.
        hook: Optional<List<Hook>>,
        /// Where data comes in.
        listener: Optional<List<Listener>>,
        /// Which way requests go. The first route that matches takes the request.
        route: Optional<List<Route>>,
        /// Where data goes out to.
        upstream: Optional<List<Upstream>>,
        /// The hops that are not ours, and what shows how they are protected.
        hop: Optional<List<Hop>>,
        /// The data paths to watch.
        flow: Optional<List<Flow>>,
        /// What is demanded of flows.
        requirement: Optional<List<Requirement>>,
        /// What `hermetic audit` may find without falling short, and until when.
        exception: Optional<List<Exception>>,
    }
}

table! {
    /// Which way requests and connections go. The first route of a listener that matches takes the
    /// request; it says `to` or `show`.
    Route in "[[route]]" {
        /// The listener that requests or connections come from.
        listener: Required<PartyName>,
        /// The host that it takes, exact or `*.` and a parent domain. Without it, any. On a `tls`
        /// or `postgres` listener, the server name that the client asks for.
        host: Optional<HostPattern>,
        /// The path prefix that it takes: `/api` takes `/api` and `/api/…`, not `/apis`.
        #[schemars(extend("default" = default::PATH))]
        path: Optional<PathPrefix>,
        /// On a `tls` listener, the application protocols that it takes: a client that offers one of
        /// them. Without it, whatever is offered. Where TLS ends here, one of them is negotiated.
        alpn: Optional<List<ApplicationProtocol>>,
        /// On a `tls` listener, that TLS does not end here: the client's hello decides the route, and its
        /// bytes go on as they came. Nothing in them is opened.
        #[schemars(extend("default" = false))]
        passthrough: Optional<bool>,
        /// The upstream that it leads to.
        #[schemars(extend("examples" = ["app"]))]
        to: Optional<PartyName>,
        /// The policy document of what this route leads to. Beside those of its listener and its upstream: what any
        /// of them denies is refused. Not with a `path`, which has many spellings: one for some paths alone would be
        /// passed by.
        policy_document: Optional<PolicyDocument>,
        /// The page that it shows instead of leading anywhere.
        show: Optional<word::Show>,
    }
}

table! {
    /// A data path: parties in order, each neighbouring pair a hop.
    Flow in "[[flow]]" {
        /// Its name.
        #[schemars(extend("examples" = ["checkout"]))]
        name: Required<PartyName>,
        /// The parties in order: `client`, listeners, upstreams, and the parties of a `[[hop]]`.
        #[schemars(extend("examples" = [["client", "edge", "app"]]))]
        path: Required<List<PartyName>>,
        /// Tags by which requirements choose it.
        tags: Optional<List<Line>>,
    }
}

table! {
    /// What is demanded of every hop of the flows that are named, or that carry a tag; of all
    /// flows where neither is written. Or, with `frameworks`, `controls`, `severity` or `fail_on`, which controls
    /// count for `hermetic audit` and how much; then nothing of hops stands beside it.
    Requirement in "[[requirement]]" {
        /// The flows by name.
        #[schemars(extend("examples" = [["checkout"]]))]
        flows: Optional<List<PartyName>>,
        /// The flows by tag.
        tags: Optional<List<Line>>,
        /// The lowest TLS version.
        tls: Optional<ProtocolVersion>,
        /// That the far end is verified wherever it is ours to verify.
        #[schemars(extend("default" = false))]
        verified: Optional<bool>,
        /// That the key exchange is post-quantum.
        #[schemars(extend("default" = false))]
        post_quantum: Optional<bool>,
        /// That both ends show certificates that are checked.
        #[schemars(extend("default" = false))]
        mutual: Optional<bool>,
        /// An audit judges what these frameworks ask for, by the names that `hermetic audit --framework` takes.
        #[schemars(extend("examples" = [["pci-dss-4", "fsbp"]]))]
        frameworks: Optional<List<Line>>,
        /// An audit judges these controls, by their ids there or in another tool.
        #[schemars(extend("examples" = [["S3.5", "CKV_AWS_2"]]))]
        controls: Optional<List<Line>>,
        /// What these controls are judged by, beyond what they ask for by themselves: the parameters that
        /// `hermetic explain` shows of each, named as AWS Config names them.
        parameters: Optional<Parameters>,
        /// How bad it is where one of them does not hold, whatever the control itself says; of all controls where
        /// neither `frameworks` nor `controls` is written.
        severity: Optional<word::Severity>,
        /// From which severity on one of them falls short. What is less bad is shown, and does not.
        fail_on: Optional<word::FailOn>,
    }
}
