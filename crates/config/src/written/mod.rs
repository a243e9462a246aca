//! What a person may write in `hermetic.toml`: its tables and keys, as the reference shows them.

pub(crate) mod hop;
pub(crate) mod postgres;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod value;
pub(crate) mod word;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hermetic_hop::PartyName;
use hermetic_tls::{ProtocolVersion, SecurityPolicy, TrustDomain};
use jiff::civil::Date;
use toml::de::DeTable;

use crate::model::{Endpoint, HostPattern};
use crate::period::{self, DAY, HOUR, MINUTE, Period, YEAR};
use crate::problem::Problems;
pub(crate) use hop::Hop;
use table::{Optional, Required, table};
use text::{Admitted, FarEnd, Line, PathPrefix, Served, TrustSource};
use value::{List, Whole};

/// What holds where nothing is written.
pub(crate) mod default {
    use super::*;

    pub(crate) const DATA: &str = ".hermetic";
    pub(crate) const DRAIN: Duration = Duration::from_secs(30);
    pub(crate) const LIFETIME: Duration = Duration::from_secs(DAY);
    pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
    pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(MINUTE);
    pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
    pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(MINUTE);
    pub(crate) const PATH: &str = "/";
    pub(crate) const HOP_TRUST: &str = "system";
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
        /// The certificate authority.
        authority: Optional<Authority>,
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
    }
}

table! {
    /// The certificate authority, which issues the certificates of listeners and the identities
    /// that are presented to upstreams.
    Authority in "[authority]" {
        /// The trust domain of SPIFFE IDs: `spiffe://<trust domain>/<name>`.
        #[schemars(extend("default" = TrustDomain::default().to_string()))]
        trust_domain: Optional<TrustDomain>,
        /// The lifetime of the certificates that it issues. They are renewed at two thirds of it.
        #[schemars(extend("default" = shown(default::LIFETIME)))]
        lifetime: Optional<Period<{ 5 * MINUTE }, YEAR>>,
    }
}

table! {
    /// Where data comes in. An `https` listener serves what its routes say; an `http` listener
    /// serves no content and only redirects.
    Listener in "[[listener]]" {
        /// Its name, and that of the party that it is in flows.
        name: Required<PartyName>,
        /// The address and port to listen on.
        bind: Required<SocketAddr>,
        /// What is spoken on it.
        #[schemars(extend("default" = "https"))]
        protocol: Optional<word::Protocol>,
        /// What may be negotiated: a security policy as AWS or Mozilla names it.
        #[schemars(extend("default" = SecurityPolicy::default_policy().full_name()))]
        policy: Optional<&'static SecurityPolicy>,
        /// The names that it serves; `*.` stands for one label. Their certificates come from the
        /// authority, save those that a file covers.
        names: Optional<List<Served>>,
        /// A certificate from files.
        certificate: Optional<CertificateFiles>,
        /// Several certificates from files; the first is served where no name decides.
        certificates: Optional<List<CertificateFiles>>,
        /// What to do with a server name that no certificate covers.
        #[schemars(extend("default" = "refuse"))]
        unknown_sni: Optional<word::UnknownSni>,
        /// What is demanded of clients.
        #[schemars(extend("default" = "none"))]
        clients: Optional<word::Clients>,
        /// Who signs the certificates of clients.
        #[schemars(extend("default" = "authority"))]
        client_ca: Optional<TrustSource>,
        /// Who may come in: a name (`edge` is `spiffe://<trust domain>/edge`) or an identity
        /// (`spiffe://…`, `dns:…`, `ip:…`). Without it, whoever meets `clients`.
        allow: Optional<List<Admitted>>,
        /// For how long browsers are told to come by HTTPS only (Strict-Transport-Security).
        #[schemars(extend("examples" = ["1y"]))]
        hsts: Optional<Period<0, { 10 * YEAR }>>,
        /// On an `http` listener, where it must stand: the `https` listener to redirect to.
        redirect: Optional<PartyName>,
        /// The port under which clients reach it, where that is not the port of `bind`.
        public_port: Optional<Whole<65535, 443>>,
        /// How long a client may take for its handshake.
        #[schemars(extend("default" = shown(default::HANDSHAKE_TIMEOUT)))]
        handshake_timeout: Optional<Period<1, { 5 * MINUTE }>>,
        /// How long a client may take for a request's head, and how long a connection may idle.
        #[schemars(extend("default" = shown(default::IDLE_TIMEOUT)))]
        idle_timeout: Optional<Period<1, DAY>>,
    }
}

table! {
    /// A certificate and its key, in PEM files.
    CertificateFiles in "certificate" {
        /// The certificate and the intermediates behind it.
        #[schemars(extend("examples" = ["certs/edge.pem"]))]
        cert: Required<PathBuf>,
        /// Its private key.
        #[schemars(extend("examples" = ["certs/edge.key"]))]
        key: Required<PathBuf>,
    }
}

table! {
    /// Which way requests go. The first route of a listener that matches takes the request; it
    /// says `to` or `show`.
    Route in "[[route]]" {
        /// The `https` listener that requests come from.
        listener: Required<PartyName>,
        /// The host that it takes, exact or `*.` and a parent domain. Without it, any.
        host: Optional<HostPattern>,
        /// The path prefix that it takes: `/api` takes `/api` and `/api/…`, not `/apis`.
        #[schemars(extend("default" = default::PATH))]
        path: Optional<PathPrefix>,
        /// The upstream that it leads to.
        #[schemars(extend("examples" = ["app"]))]
        to: Optional<PartyName>,
        /// The page that it shows instead of leading anywhere.
        show: Optional<word::Show>,
    }
}

table! {
    /// Where data goes out to. Anything but loopback and unix sockets needs `tls`, or an exception.
    Upstream in "[[upstream]]" {
        /// Its name, and that of the party that it is in flows. A listener of the same name is the
        /// same party.
        #[schemars(extend("examples" = ["app"]))]
        name: Required<PartyName>,
        /// Where it is: `host:port` or `unix:<path>`, taken in turn.
        endpoints: Required<List<Endpoint>>,
        /// TLS, always verified.
        tls: Optional<Tls>,
        /// The exception by which cleartext is accepted.
        cleartext: Optional<Cleartext>,
        /// Whether HTTP/2 is spoken in cleartext, as gRPC needs it. Under TLS it is negotiated.
        #[schemars(extend("default" = false))]
        http2: Optional<bool>,
        /// How long a connection and its handshake may take.
        #[schemars(extend("default" = shown(default::CONNECT_TIMEOUT)))]
        connect_timeout: Optional<Period<1, { 5 * MINUTE }>>,
        /// How long it may take until a response's head.
        #[schemars(extend("default" = shown(default::RESPONSE_TIMEOUT)))]
        response_timeout: Optional<Period<1, DAY>>,
    }
}

table! {
    /// TLS to an upstream.
    Tls in "tls" {
        /// Whom we believe.
        trust: Required<TrustSource>,
        /// Who it must be: a DNS name, `ip:…` or `spiffe://…`. Without it, the host that all
        /// endpoints share.
        name: Optional<FarEnd>,
        /// Who we are to it: the authority issues `spiffe://<trust domain>/<identity>`. Without
        /// it, no certificate is presented.
        identity: Optional<PartyName>,
        /// What may be negotiated.
        #[schemars(extend("default" = SecurityPolicy::default_policy().full_name()))]
        policy: Optional<&'static SecurityPolicy>,
    }
}

table! {
    /// An exception by which cleartext to an upstream is accepted until a day. The verdict on the
    /// hop is `clear` all the same.
    Cleartext in "cleartext" {
        /// Why it is accepted.
        #[schemars(extend("examples" = ["the mainframe speaks no TLS"]))]
        reason: Required<Line>,
        /// Who answers for it.
        #[schemars(extend("examples" = ["payments"]))]
        owner: Required<Line>,
        /// The last day on which it counts (UTC), without quotes: `2027-03-31`.
        until: Required<Date>,
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
    /// flows where neither is written.
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
    }
}
