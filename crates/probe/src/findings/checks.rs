//! The checks, as data.

use hermetic_hop::{Control, Severity};
use hermetic_tls::SecurityPolicy;

use super::remedies::{self, Configuration, Fix};

/// A check: a control, with what a finding of it says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its id, and what holds where it passes.
    pub control: Control,
    /// What it is about.
    pub about: About,
    /// How bad it is where it does not pass; what was seen may make it less so.
    pub severity: Severity,
    /// What it rests on.
    pub basis: &'static [&'static str],
    /// By which question it is seen.
    pub question: &'static str,
    /// What mends it.
    pub fix: Fix,
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum About {
    /// Whether there is any protection.
    Transport,
    /// Protocol versions.
    Versions,
    /// Suites, and what follows from them.
    Suites,
    /// Key exchange.
    Exchange,
    /// What a server can beside suites.
    Features,
    /// Its certificate.
    Certificate,
    /// What its HTTP says of transport.
    Web,
    /// What DNS says of it.
    Names,
}

/// All of them, in the order of the reference.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    CHECKS.iter()
}

/// Their controls, in the same order.
pub fn controls() -> impl Iterator<Item = Control> {
    checks().map(|check| check.control)
}

use About::{Certificate, Exchange, Features, Names, Suites, Transport, Versions, Web};
use Severity::{Critical, High, Informational, Low, Medium};

const fn check(id: &'static str, title: &'static str, about: About, severity: Severity, fix: Fix) -> Check {
    Check { control: Control { id, title }, about, severity, basis: &[], question: "", fix }
}

impl Check {
    /// What mends it under the default policy, in words that hold for any endpoint.
    pub fn remedy(&self) -> String {
        remedies::of_any(self.fix, SecurityPolicy::default_policy()).0
    }

    /// The same in lines of configuration, for each software that has some.
    pub fn configurations(&self) -> Vec<Configuration> {
        remedies::of_any(self.fix, SecurityPolicy::default_policy()).1
    }

    const fn by(mut self, basis: &'static [&'static str]) -> Self {
        self.basis = basis;
        self
    }

    const fn seen(mut self, question: &'static str) -> Self {
        self.question = question;
        self
    }
}

/// How the lists of suites and groups come about.
const LIST: &str = "a ClientHello with all; the winner is taken away, and it is asked again";
/// How a version is seen.
const VERSION: &str = "a ClientHello of that version with all of its suites";
/// What stands in a ServerHello.
const HELLO: &str = "what its ServerHello says";
/// The handshake that is held to the end.
const HANDSHAKE: &str = "a whole handshake, with its certificate verified";
/// How chains are seen.
const CHAIN: &str = "each chain that is shown to who asks for the right name, by kind of key";
/// How pages are seen.
const PAGE: &str = "the head of the root page over TLS";

/// How the policy of a domain's mail is seen.
const MAIL_POLICY: &str = "the policy at https://mta-sts.… of the domain";

static CHECKS: [Check; 78] = [
    check("cleartext", "The endpoint does not answer in cleartext", Transport, Critical, Fix::Cleartext)
        .by(&["CWE-319", "PCI DSS 4.0.1 4.2.1", "NIST SP 800-53 SC-8"])
        .seen("the protocol's own first words, in cleartext"),
    check("ssl2", "SSL 2.0 is refused", Versions, Critical, Fix::Versions)
        .by(&["RFC 6176", "CWE-327"])
        .seen("a hello of SSL 2.0 with all of its ciphers"),
    check("ssl3", "SSL 3.0 is refused", Versions, High, Fix::Versions)
        .by(&["RFC 7568", "CWE-327"])
        .seen(VERSION),
    check("tls1.0", "TLS 1.0 is refused", Versions, Medium, Fix::Versions)
        .by(&["RFC 8996", "PCI DSS 4.0.1 4.2.1", "NIST SP 800-52r2 3.1"])
        .seen(VERSION),
    check("tls1.1", "TLS 1.1 is refused", Versions, Medium, Fix::Versions)
        .by(&["RFC 8996", "NIST SP 800-52r2 3.1"])
        .seen(VERSION),
    check(
        "version-beyond-policy",
        "No version is accepted that the policy does not have",
        Versions,
        Medium,
        Fix::Versions,
    )
    .seen(VERSION),
    check("no-tls1.3", "TLS 1.3 is accepted", Versions, Low, Fix::Versions)
        .by(&["RFC 8446", "RFC 9325 3.1.1", "NIST SP 800-52r2 3.1"])
        .seen(VERSION),
    check("missing-from-policy", "All that the policy has is accepted", Versions, Informational, Fix::Suites)
        .seen(LIST),
    check("drown", "No key is shared with SSL 2.0 (DROWN)", Versions, Critical, Fix::Versions)
        .by(&["CVE-2016-0800"])
        .seen("a hello of SSL 2.0 with all of its ciphers"),
    check("null-suites", "Every suite encrypts", Suites, Critical, Fix::Suites)
        .by(&["RFC 9325 4.1", "CWE-319"])
        .seen(LIST),
    check("anonymous-suites", "Every suite proves who the server is", Suites, Critical, Fix::Suites)
        .by(&["RFC 9325 4.1", "CWE-300"])
        .seen(LIST),
    check("export-suites", "No suite was made weak for export", Suites, Critical, Fix::Suites)
        .by(&["RFC 9325 4.1", "CWE-326"])
        .seen(LIST),
    check("freak", "No RSA key was made short for export (FREAK)", Suites, High, Fix::Suites)
        .by(&["CVE-2015-0204"])
        .seen(LIST),
    check("logjam", "No prime was made short for export (Logjam)", Exchange, High, Fix::Suites)
        .by(&["CVE-2015-4000"])
        .seen("the prime in its ServerKeyExchange"),
    check(
        "insecure-renegotiation",
        "Renegotiation is bound to the connection",
        Features,
        High,
        Fix::Renegotiation,
    )
    .by(&["RFC 5746", "CVE-2009-3555"])
    .seen(HELLO),
    check(
        "client-renegotiation",
        "No client may begin a handshake within a session",
        Features,
        Low,
        Fix::Renegotiation,
    )
    .by(&["CVE-2011-1473", "RFC 9325 3.5"])
    .seen("a ClientHello within a whole session of TLS 1.2"),
    check("early-data", "No data comes before the handshake is over", Features, Informational, Fix::Update)
        .by(&["RFC 8446 8", "RFC 8470"])
        .seen("what its tickets of TLS 1.3 allow"),
    check("poodle", "SSL 3.0 does not chain blocks (POODLE)", Suites, High, Fix::Versions)
        .by(&["CVE-2014-3566"])
        .seen(LIST),
    check("rc4", "RC4 is refused", Suites, High, Fix::Suites)
        .by(&["RFC 7465", "CVE-2013-2566", "CVE-2015-2808"])
        .seen(LIST),
    check("crime", "Nothing is compressed within TLS (CRIME)", Features, High, Fix::Compression)
        .by(&["CVE-2012-4929", "RFC 9325 3.3"])
        .seen(HELLO),
    check("sweet32", "No cipher has blocks of 64 bits (SWEET32)", Suites, Medium, Fix::Suites)
        .by(&["CVE-2016-2183"])
        .seen(LIST),
    check("weak-prime", "Finite-field primes have 2048 bits", Exchange, Medium, Fix::Suites)
        .by(&["RFC 9325 4.1", "NIST SP 800-52r2 3.3.1"])
        .seen("the prime in its ServerKeyExchange"),
    check("common-prime", "No short prime is shared with other servers", Exchange, Medium, Fix::Suites)
        .by(&["RFC 9325 4.1", "CVE-2015-4000"])
        .seen("the prime in its ServerKeyExchange, among those of RFCs and of programs"),
    check("value-reuse", "Each connection has a Diffie-Hellman value of its own", Exchange, Low, Fix::Update)
        .by(&["RFC 9325 7.4"])
        .seen("the public values of all its ServerKeyExchanges"),
    check("beast", "TLS 1.0 does not chain blocks (BEAST)", Suites, Low, Fix::Versions)
        .by(&["CVE-2011-3389"])
        .seen(LIST),
    check("lucky13", "No suite checks behind the padding (Lucky 13)", Suites, Low, Fix::Suites)
        .by(&["CVE-2013-0169", "RFC 7366"])
        .seen(LIST),
    check("no-forward-secrecy", "Every key exchange is forward secret", Exchange, Low, Fix::Suites)
        .by(&["RFC 9325 4.1"])
        .seen(LIST),
    check(
        "suite-beyond-policy",
        "No suite is accepted that the policy does not have",
        Suites,
        Medium,
        Fix::Suites,
    )
    .seen(LIST),
    check(
        "group-beyond-policy",
        "No group is accepted that the policy does not have",
        Exchange,
        Medium,
        Fix::Groups,
    )
    .seen(LIST),
    check("no-post-quantum", "A post-quantum key exchange is accepted", Exchange, Low, Fix::PostQuantum)
        .by(&["FIPS 203", "CNSA 2.0"])
        .seen(LIST),
    check(
        "post-quantum-not-preferred",
        "A post-quantum key exchange wins over a classical one",
        Exchange,
        Low,
        Fix::PostQuantum,
    )
    .by(&["FIPS 203"])
    .seen(LIST),
    check(
        "large-hello",
        "Hellos as large as post-quantum ones are answered",
        Exchange,
        Medium,
        Fix::LargeHello,
    )
    .by(&["RFC 8446 4.1.2", "RFC 7685"])
    .seen("a ClientHello that was made 1,300 bytes longer"),
    check("takes-unknown", "What nobody knows yet is ignored", Features, Low, Fix::Update)
        .by(&["RFC 8701"])
        .seen("a ClientHello with reserved values in each list"),
    check("takes-newer-version", "A hello of a newer version is answered", Features, Low, Fix::Update)
        .by(&["RFC 5246 E.1", "RFC 8446 4.2.1"])
        .seen("a ClientHello that says TLS 1.3 where versions stood before it"),
    check("takes-lengths", "Hellos of any length are answered", Features, Low, Fix::LargeHello)
        .by(&["RFC 7685", "RFC 8446 5.1"])
        .seen("a ClientHello of 384 bytes"),
    check(
        "no-extended-master-secret",
        "The master secret is bound to the handshake",
        Features,
        Low,
        Fix::Update,
    )
    .by(&["RFC 7627", "NIST SP 800-52r2 3.4.1"])
    .seen(HELLO),
    check(
        "no-fallback-protection",
        "A client that falls back for no reason is refused",
        Features,
        Informational,
        Fix::Update,
    )
    .by(&["RFC 7507", "NIST SP 800-52r2 3.4.2"])
    .seen("a ClientHello of the second-best version that says that it is a fallback"),
    check(
        "no-downgrade-sentinel",
        "An old version is answered with the mark of a newer one",
        Features,
        Low,
        Fix::Update,
    )
    .by(&["RFC 8446 4.1.3"])
    .seen("the last eight bytes of its random"),
    check("heartbeat", "Heartbeats are not answered", Features, Informational, Fix::Update)
        .by(&["RFC 6520", "CVE-2014-0160"])
        .seen(HELLO),
    check("certificate-expired", "The certificate has not expired", Certificate, Critical, Fix::Renew)
        .by(&["RFC 5280 4.1.2.5", "CWE-298", "PCI DSS 4.0.1 4.2.1"])
        .seen(HANDSHAKE),
    check("certificate-expires-soon", "The certificate is replaced in time", Certificate, Medium, Fix::Renew)
        .by(&["PCI DSS 4.0.1 4.2.1.1"])
        .seen(HANDSHAKE),
    check("certificate-not-accepted", "The certificate is accepted", Certificate, High, Fix::Reissue)
        .by(&["RFC 5280 6", "CWE-295"])
        .seen(HANDSHAKE),
    check(
        "certificate-for-tests",
        "The certificate was not made for tests",
        Certificate,
        Medium,
        Fix::Reissue,
    )
    .seen(HANDSHAKE),
    check("certificate-not-yet-valid", "The certificate is valid already", Certificate, High, Fix::Renew)
        .by(&["RFC 5280 4.1.2.5"])
        .seen(CHAIN),
    check(
        "certificate-wrong-name",
        "The certificate is for the name that was asked for",
        Certificate,
        High,
        Fix::Reissue,
    )
    .by(&["RFC 9525", "CWE-297"])
    .seen(CHAIN),
    check(
        "certificate-self-signed",
        "The certificate does not vouch for itself",
        Certificate,
        High,
        Fix::Reissue,
    )
    .by(&["CWE-295", "AWS Well-Architected SEC09-BP02"])
    .seen(CHAIN),
    check(
        "certificate-untrusted",
        "The certificate leads to a root that is believed",
        Certificate,
        High,
        Fix::Chain,
    )
    .by(&["RFC 5280 6", "CWE-295"])
    .seen(CHAIN),
    check("certificate-incomplete-chain", "All intermediates are sent", Certificate, Medium, Fix::Chain)
        .by(&["RFC 8446 4.4.2"])
        .seen("the issuers fetched from where the certificates say that they are (--aia)"),
    check("certificate-revoked", "The certificate is not revoked", Certificate, Critical, Fix::Reissue)
        .by(&["RFC 5280 6.3", "CWE-299", "PCI DSS 4.0.1 4.2.1"])
        .seen("the stapled OCSP response, and lists and responders with --revocation"),
    check("certificate-weak-key", "Keys are as strong as RSA with 2048 bits", Certificate, High, Fix::Rekey)
        .by(&["CWE-326", "NIST SP 800-57"])
        .seen(CHAIN),
    check(
        "certificate-uncommon-key",
        "Keys are of lengths and on curves that public certificates may have",
        Certificate,
        Medium,
        Fix::Rekey,
    )
    .by(&["CA/Browser Forum Baseline Requirements 6.1.5"])
    .seen(CHAIN),
    check(
        "certificate-weak-signature",
        "No certificate rests on MD5 or SHA-1",
        Certificate,
        High,
        Fix::Resign,
    )
    .by(&["RFC 9155", "CWE-328"])
    .seen(CHAIN),
    check(
        "certificate-too-large",
        "The certificates are no larger than clients take",
        Certificate,
        High,
        Fix::Shrink,
    )
    .seen(CHAIN),
    check(
        "certificate-bad-serial",
        "Serial numbers are positive, and of 20 bytes at most",
        Certificate,
        Low,
        Fix::Reissue,
    )
    .by(&["RFC 5280 4.1.2.2"])
    .seen(CHAIN),
    check(
        "certificate-long-lived",
        "It lives no longer than the CA/Browser Forum allows",
        Certificate,
        Medium,
        Fix::Reissue,
    )
    .by(&["CA/Browser Forum Baseline Requirements 6.3.2"])
    .seen(CHAIN),
    check(
        "certificate-is-authority",
        "The key of a server signs no certificates",
        Certificate,
        Medium,
        Fix::Reissue,
    )
    .by(&["RFC 5280 4.2.1.9"])
    .seen(CHAIN),
    check(
        "certificate-not-for-servers",
        "The certificate is one for servers",
        Certificate,
        High,
        Fix::Reissue,
    )
    .by(&["RFC 5280 4.2.1.3", "RFC 5280 4.2.1.12"])
    .seen(CHAIN),
    check(
        "certificate-chain-disorder",
        "The chain is in order, with nothing twice and nothing extra",
        Certificate,
        Low,
        Fix::Order,
    )
    .by(&["RFC 5246 7.4.2"])
    .seen(CHAIN),
    check(
        "certificate-few-logs",
        "Public certificates are in the logs that browsers want",
        Certificate,
        Medium,
        Fix::Reissue,
    )
    .by(&["RFC 6962"])
    .seen("the log timestamps in certificate, handshake and staple"),
    check(
        "certificate-no-staple",
        "A staple comes where the certificate demands it",
        Certificate,
        High,
        Fix::Staple,
    )
    .by(&["RFC 7633"])
    .seen("the stapled OCSP response"),
    check("certificate-bad-staple", "The stapled OCSP response is sound", Certificate, Medium, Fix::Staple)
        .by(&["RFC 6960"])
        .seen("the stapled OCSP response, verified"),
    check("no-hsts", "Browsers are told to come by TLS alone", Web, Low, Fix::Hsts)
        .by(&["RFC 6797", "CWE-319"])
        .seen(PAGE),
    check("short-hsts", "They are told so for half a year", Web, Low, Fix::Hsts).by(&["RFC 6797"]).seen(PAGE),
    check("https-redirects-to-http", "Whoever came by TLS is led on by TLS", Web, High, Fix::Location)
        .by(&["CWE-319", "RFC 9110 15.4"])
        .seen(PAGE),
    check("insecure-cookie", "No cookie goes out in cleartext", Web, Medium, Fix::Cookies)
        .by(&["RFC 6265 4.1.2.5", "CWE-614"])
        .seen(PAGE),
    check("abandoned-headers", "No header stays that browsers gave up", Web, Informational, Fix::Header)
        .seen(PAGE),
    check(
        "http-serves",
        "The port for cleartext leads to TLS, and serves nothing",
        Web,
        Medium,
        Fix::Redirect,
    )
    .by(&["CWE-319"])
    .seen("a request in cleartext, to port 80 or that of --http-port"),
    check("http-redirects-late", "It leads to TLS at once, on the same host", Web, Low, Fix::Redirect)
        .by(&["RFC 6797 7.2"])
        .seen("a request in cleartext, to port 80 or that of --http-port"),
    check("no-caa", "DNS says who may issue for the name", Names, Informational, Fix::Dns)
        .by(&["RFC 8659"])
        .seen("CAA records, of the name and those above it"),
    check("caa-forbids", "Whoever issued the certificate may issue for the name", Names, Medium, Fix::Dns)
        .by(&["RFC 8659"])
        .seen("CAA records, of the name and those above it"),
    check("dane-mismatch", "The certificate is the one that DNS binds to the name", Names, High, Fix::Dns)
        .by(&["RFC 7671"])
        .seen("TLSA records, against each chain"),
    check("dane-not-authenticated", "DNSSEC authenticates TLSA records", Names, Informational, Fix::Dns)
        .by(&["RFC 6698 4.1"])
        .seen("TLSA records"),
    check("no-mta-sts", "Other mail servers are told to insist on TLS", Names, Low, Fix::Dns)
        .by(&["RFC 8461"])
        .seen("the TXT record behind _mta-sts"),
    check(
        "mta-sts-no-policy",
        "The policy that _mta-sts promises can be had",
        Names,
        Medium,
        Fix::MailPolicy,
    )
    .by(&["RFC 8461 3.3"])
    .seen(MAIL_POLICY),
    check(
        "mta-sts-uncovered",
        "The policy names all of the domain's mail servers",
        Names,
        High,
        Fix::MailPolicy,
    )
    .by(&["RFC 8461 4.1"])
    .seen("the MX records, and the policy of the domain"),
    check("mta-sts-not-enforced", "Senders must keep to the policy", Names, Low, Fix::MailPolicy)
        .by(&["RFC 8461 5"])
        .seen(MAIL_POLICY),
    check("mta-sts-short-lived", "Senders keep the policy for a week or longer", Names, Low, Fix::MailPolicy)
        .by(&["RFC 8461 3.2"])
        .seen(MAIL_POLICY),
    check(
        "no-tls-rpt",
        "Somebody is told when mail can't be brought over TLS",
        Names,
        Informational,
        Fix::Dns,
    )
    .by(&["RFC 8460"])
    .seen("the TXT record behind _smtp._tls"),
];
