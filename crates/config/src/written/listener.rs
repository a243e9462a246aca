//! `[[listener]]`: where data comes in.

use std::net::SocketAddr;
use std::path::PathBuf;

use hermetic_hop::PartyName;
use hermetic_tls::SecurityPolicy;
use hermetic_x509::publication::AuthorityName;

use super::guard::Guard;
use super::table::{Optional, Required, table};
use super::text::{Admitted, Served, TrustSource};
use super::upstream::Cleartext;
use super::value::{List, Whole};
use super::{AuthQuery, Limits, ProxyProtocol, Users, default, shown, word};
use super::{Certificate, PolicyDocument};
use crate::model::Name;
use crate::period::{DAY, MINUTE, Period, YEAR};

table! {
    /// Where data comes in. An `https` listener serves what its routes say; an `http` listener
    /// only redirects, unless its `mode` lets cleartext pass; a `tls` or `tcp` listener passes bytes
    /// on, whatever protocol they are of; a `postgres` listener passes PostgreSQL on.
    Listener in "[[listener]]" {
        /// Its name, and that of the party that it is in flows.
        name: Required<PartyName>,
        /// The address and port to listen on.
        bind: Required<SocketAddr>,
        /// What is spoken on it.
        #[schemars(extend("default" = "https"))]
        protocol: Optional<word::Protocol>,
        /// What is demanded of the way to it.
        #[schemars(extend("default" = "require"))]
        mode: Optional<word::Mode>,
        /// The exception by which clients may come in cleartext. `prefer` and `observe` need it.
        cleartext: Optional<Cleartext>,
        /// What may be negotiated: a security policy as AWS or Mozilla names it.
        #[schemars(extend("default" = SecurityPolicy::default_policy().full_name()))]
        policy: Optional<&'static SecurityPolicy>,
        /// The names that it serves; `*.` stands for one label. Their certificates come from the
        /// authority, save those that a certificate which is brought covers.
        names: Optional<List<Served>>,
        /// A certificate that is brought: in files, or in the store.
        certificate: Optional<Certificate>,
        /// Several of them; the first is served where no name decides.
        certificates: Optional<List<Certificate>>,
        /// The profile by which the authority issues for the names that none of them covers.
        #[schemars(extend("default" = default::LISTENER_PROFILE))]
        profile: Optional<Name>,
        /// The authority that signs for them. Without it, `issuer` of `[authority]`.
        issuer: Optional<AuthorityName>,
        /// What to do with a server name that no certificate covers.
        #[schemars(extend("default" = "refuse"))]
        unknown_sni: Optional<word::UnknownSni>,
        /// What is demanded of clients.
        #[schemars(extend("default" = "none"))]
        clients: Optional<word::Clients>,
        /// Who signs the certificates of clients.
        #[schemars(extend("default" = "authority"))]
        client_ca: Optional<TrustSource>,
        /// The CRLs of those who sign them, PEM or DER. With it, a certificate is refused that is
        /// revoked, or whose issuer has no CRL here that is not stale.
        #[schemars(extend("examples" = [["crl.pem"]]))]
        client_crl: Optional<List<PathBuf>>,
        /// Who may come in: a name (`edge` is `spiffe://<trust domain>/edge`), an identity
        /// (`spiffe://…`, `dns:…`, `ip:…`), or one certificate by its fingerprint (`sha256:…`).
        /// Without it, whoever meets `clients`.
        allow: Optional<List<Admitted>>,
        /// For how long browsers are told to come by HTTPS only (Strict-Transport-Security).
        #[schemars(extend("examples" = ["1y"]))]
        hsts: Optional<Period<0, { 10 * YEAR }>>,
        /// What the guard's rules do, where they do not do as they do by default: `deny`, `fix` or
        /// `count` for each [rule](guard-rules.md), as in `guard = { insecure-origin = "deny" }`.
        guard: Optional<Guard>,
        /// The policy document of what is behind: what a Deny in it is about is refused on every route, as the
        /// service would refuse it. See [requests and actions](requests-and-actions.md).
        policy_document: Optional<PolicyDocument>,
        /// The file that says whose access key, or client certificate, stands for which principal. With it,
        /// signatures are verified where a policy document stands. Without it nobody is known by name, and all
        /// who call are anonymous to the documents.
        #[schemars(extend("examples" = ["credentials.toml"]))]
        credentials: Optional<PathBuf>,
        /// On an `http` listener: the `https` listener to redirect to. It must stand there, save in
        /// `observe`, which redirects nobody.
        redirect: Optional<PartyName>,
        /// On a `postgres` listener, the users whose login ends at the gateway and is done anew at the
        /// upstream.
        users: Optional<Users>,
        /// On a `postgres` listener, in place of `users`: the upstream is asked for them.
        auth_query: Optional<AuthQuery>,
        /// On a `postgres` listener, what becomes of SCRAM's channel binding. Without it, `terminate`
        /// where users are known, and `strip-plus` where clients come in cleartext.
        binding: Optional<word::Binding>,
        /// On a `postgres` listener at which TLS ends, the exception by which cancel requests may come in
        /// cleartext all the same: libpq before 17, psql 15 among it, sends no others. Who reads along
        /// learns a key that stops statements of that session, and nothing else.
        cleartext_cancel: Optional<Cleartext>,
        /// The port under which clients reach it, where that is not the port of `bind`.
        public_port: Optional<Whole<65535, 443>>,
        /// Who tells it, by PROXY protocol, whose connection it passes on.
        proxy_protocol: Optional<ProxyProtocol>,
        /// How long a client may take from its connection to the end of its handshake, with a PROXY header before it.
        #[schemars(extend("default" = shown(default::HANDSHAKE_TIMEOUT)))]
        handshake_timeout: Optional<Period<1, { 5 * MINUTE }>>,
        /// How long a client may take for a request's head, and how long a connection may idle.
        #[schemars(extend("default" = shown(default::IDLE_TIMEOUT)))]
        idle_timeout: Optional<Period<1, DAY>>,
        /// How much it takes on, in all and from one client.
        limits: Optional<Limits>,
    }
}
