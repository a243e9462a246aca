//! `[[upstream]]`: where data goes out to.

use hermetic_hop::PartyName;
use hermetic_tls::{Fingerprint, SecurityPolicy};
use hermetic_x509::publication::AuthorityName;
use jiff::civil::Date;

use super::table::{Optional, Required, table};
use super::text::{FarEnd, Line, TrustSource};
use super::value::List;
use super::{PolicyDocument, default, shown, word};
use crate::model::{Endpoint, Name};
use crate::period::{DAY, MINUTE, Period};

table! {
    /// Where data goes out to. Anything but loopback and unix sockets needs `tls`, or an exception, unless
    /// all routes to it are `passthrough`: then its bytes are TLS already.
    Upstream in "[[upstream]]" {
        /// Its name, and that of the party that it is in flows. A listener of the same name is the
        /// same party.
        #[schemars(extend("examples" = ["app"]))]
        name: Required<PartyName>,
        /// Where it is: `host:port` or `unix:<path>`, taken in turn.
        endpoints: Required<List<Endpoint>>,
        /// What is demanded of the way to it.
        #[schemars(extend("default" = "require"))]
        mode: Optional<word::Mode>,
        /// TLS, always verified. In `observe` it is not used; from time to time it is tried, to tell
        /// whether the upstream is ready for it.
        tls: Optional<Tls>,
        /// The exception by which cleartext is accepted. `prefer` and `observe` need it.
        cleartext: Optional<Cleartext>,
        /// The version of PROXY protocol by which it is told of the client, before the first byte of
        /// each connection. Version 2 tells of the client's TLS too.
        proxy_protocol: Optional<word::ProxyProtocolVersion>,
        /// The policy document of what is there: what a Deny in it is about is refused on every route to it.
        policy_document: Optional<PolicyDocument>,
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
        /// The certificates by which alone it may prove that, each by its SHA-256 fingerprint
        /// (`sha256:…`). Name the next one too before it is renewed.
        pin: Optional<List<Fingerprint>>,
        /// Who we are to it: the authority issues `spiffe://<trust domain>/<identity>`. Without
        /// it, no certificate is presented.
        identity: Optional<PartyName>,
        /// The profile by which that certificate is issued.
        #[schemars(extend("default" = default::IDENTITY_PROFILE))]
        profile: Optional<Name>,
        /// The authority that signs it. Without it, `issuer` of `[authority]`.
        issuer: Optional<AuthorityName>,
        /// How TLS begins where a `postgres` listener leads here.
        #[schemars(extend("default" = "postgres"))]
        sslnegotiation: Optional<word::SslNegotiation>,
        /// What may be negotiated.
        #[schemars(extend("default" = SecurityPolicy::default_policy().full_name()))]
        policy: Optional<&'static SecurityPolicy>,
    }
}

table! {
    /// An exception by which cleartext is accepted until a day, from clients or to an upstream. The
    /// verdict on a hop that saw any is `clear` all the same. From the day after, cleartext is refused.
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
