//! The disagreements, and what the standards say to each.

use std::collections::BTreeSet;

use super::{Cell, Peer};

/// A decision.
#[derive(Debug)]
pub struct Decision {
    pub peer: Peer,
    /// The question, or how it begins, as the page names it.
    pub question: &'static str,
    /// How the name of the server begins, where it is about one.
    pub server: &'static str,
    /// The cells that it decides. Whatever else differs is not decided by it.
    pub cells: &'static [Difference],
    /// Who is right, and by what.
    pub why: &'static str,
    /// Whether it comes and goes: a session that did not go on once may go on the next time.
    pub is_fickle: bool,
}

/// What a scanner says of a question beside what ours says, exactly.
#[derive(Debug)]
pub struct Difference {
    /// Of which server; `""`: of any.
    server: &'static str,
    question: &'static str,
    /// What it says and ours does not. [`ANY`] is one answer that is another each time.
    more: &'static [&'static str],
    /// What ours says and it does not.
    less: &'static [&'static str],
}

/// One answer, such as the fingerprint of a certificate that is made anew.
const ANY: &str = "…";

const fn d(
    peer: Peer,
    server: &'static str,
    question: &'static str,
    cells: &'static [Difference],
    why: &'static str,
) -> Decision {
    Decision { peer, question, server, cells, why, is_fickle: false }
}

const fn c(
    server: &'static str,
    question: &'static str,
    more: &'static [&'static str],
    less: &'static [&'static str],
) -> Difference {
    Difference { server, question, more, less }
}

const fn fickle(decision: Decision) -> Decision {
    Decision { is_fickle: true, ..decision }
}

/// All of them. Of several that are about the same the first counts.
#[rustfmt::skip]
pub const DECISIONS: &[Decision] = &[
    d(Peer::Sslscan, "", "keys of certificates", &[
        c("nginx, Mozilla modern", "keys of certificates", &[], &["RSA 2048"]),
        c("nginx, Mozilla intermediate", "keys of certificates", &[], &["RSA 2048"]),
        c("nginx, Mozilla old", "keys of certificates", &[], &["RSA 2048"]),
        c("OpenSSL 3.0, all at security level 0", "keys of certificates", &[], &["RSA 2048"]),
        c("OpenSSL 3.0, TLS 1.0 and 1.1 alone", "keys of certificates", &[], &["RSA 2048"]),
      ],
      "it shows one certificate; a server has one for each kind of key, and chooses by the signature schemes of the client (RFC 8446 section 4.4.2.2) or by the suite (RFC 5246 section 7.4.2). Hermetic asks for each kind"),
    d(Peer::Sslscan, "OpenSSL 3.0", "signatures of certificates", &[
        c("OpenSSL 3.0, all at security level 0", "signatures of certificates", &[], &["sha256withrsaencryption"]),
        c("OpenSSL 3.0, TLS 1.0 and 1.1 alone", "signatures of certificates", &[], &["sha256withrsaencryption"]),
      ],
      "it shows one certificate, as above; these two are signed by keys of different kinds"),
    d(Peer::Sslscan, "", "secure renegotiation", &[c("nginx, Mozilla intermediate", "secure renegotiation (RFC 5746)", &["no"], &["yes"]), c("PostgreSQL 15, SSLRequest", "secure renegotiation (RFC 5746)", &["no"], &["yes"])],
      "it looks into a ServerHello of TLS 1.3, which has no renegotiation and no such extension. In TLS 1.2 the same server sends renegotiation_info (RFC 5746 section 3.6), which sslyze and testssl.sh see as well"),
    d(Peer::Sslscan, "", "signature schemes of TLSv1.1", &[
        c("OpenSSL 3.0, TLS 1.0 and 1.1 alone", "signature schemes of TLSv1.1", &["0xFDFF"], &[]),
      ],
      "there are none: the extension came with TLS 1.2 (RFC 5246 section 7.4.1.4.1). It takes a server that passes over it for one that accepts all, which its 0xFDFF says"),
    d(Peer::Sslscan, "nginx, Mozilla old", "signature schemes of TLSv1.2", &[
        c("nginx, Mozilla old", "signature schemes of TLSv1.2", &[], &["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ecdsa_sha1", "ecdsa_sha224"]),
      ],
      "asked for suites of ECDSA, the server signs its key exchange by each of these, as the signature's own field shows (RFC 5246 section 7.4.3)"),
    d(Peer::Sslscan, "OpenSSL 3.0", "signature schemes of TLSv1.2", &[
        c("OpenSSL 3.0, all at security level 0", "signature schemes of TLSv1.2", &[], &["ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ecdsa_sha1", "ecdsa_sha224"]),
      ],
      "as with nginx above: the field of the signature shows them"),
    d(Peer::Sslscan, "", "signature schemes of TLSv1.2", &[
        c("Postfix, STARTTLS", "signature schemes of TLSv1.2", &["dsa_sha1", "dsa_sha224", "dsa_sha256", "dsa_sha384", "dsa_sha512", "ed25519", "ed448", "rsa_pkcs1_sha1", "rsa_pkcs1_sha224", "rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512", "rsa_pss_pss_sha256", "rsa_pss_pss_sha384", "rsa_pss_pss_sha512", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"], &[]),
        c("OpenSSL 1.0.2, all", "signature schemes of TLSv1.2", &["dsa_sha1", "dsa_sha224", "dsa_sha256", "dsa_sha384", "dsa_sha512", "ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ecdsa_sha1", "ecdsa_sha224"], &[]),
        c("GnuTLS 3.7, legacy", "signature schemes of TLSv1.2", &["0xFDFF"], &["rsa_pkcs1_sha1", "rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"]),
        c("NSS, SSL 3.0 with RC4 and NULL", "signature schemes of TLSv1.2", &["dsa_sha1", "dsa_sha256", "dsa_sha384", "dsa_sha512", "ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ecdsa_sha1", "rsa_pkcs1_sha1", "rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512", "rsa_pss_pss_sha256", "rsa_pss_pss_sha384", "rsa_pss_pss_sha512", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"], &[]),
      ],
      "it takes a ServerHello for consent. With a suite that signs nothing, by anonymous Diffie-Hellman or with an RSA key that decrypts, no scheme counts, and a server accepts any (RFC 5246 section 7.4.1.4.1); or all of them, as 0xFDFF says. Hermetic counts those by which a key exchange was signed"),
    d(Peer::Sslscan, "Postfix", "groups of TLSv1.2", &[
        c("Postfix, STARTTLS", "groups of TLSv1.2", &[], &["X25519", "secp384r1", "secp521r1", "x448"]),
      ],
      "it offers one curve at a time. With an ECDSA certificate the curve of its key has to be offered, too (RFC 8422 section 5.1.1): offered beside P-256, each of these is chosen"),
    d(Peer::Sslscan, "tlslite-ng", "groups of TLSv1.3", &[
        c("tlslite-ng, SSL 3.0 to hybrid groups", "groups of TLSv1.3", &[], &["SecP256r1MLKEM768", "SecP384r1MLKEM1024", "X25519MLKEM768", "brainpoolP256r1tls13", "brainpoolP384r1tls13", "brainpoolP512r1tls13"]),
      ],
      "this release does not know the hybrid groups, nor those of RFC 8734; the server names each in a HelloRetryRequest"),
    d(Peer::Sslyze, "nginx, Mozilla modern", "", &[
        c("nginx, Mozilla modern", "certificates", &[], &[ANY]),
        c("nginx, Mozilla modern", "keys of certificates", &[], &["RSA 2048"]),
      ],
      "in TLS 1.3 no suite tells the kinds of certificates apart; signature schemes do (RFC 8446 section 4.4.2.2). It sees one certificate of two"),
    d(Peer::Sslyze, "", "suites of TLSv1.2", &[
        c("Postfix, STARTTLS", "suites of TLSv1.2", &[], &["TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256", "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"]),
        c("OpenSSL 3.0, all at security level 0", "suites of TLSv1.2", &[], &["TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256", "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"]),
      ],
      "these are of RFC 5932; the server chooses them when they are offered, and sslscan sees them as well"),
    d(Peer::Sslyze, "tlslite-ng", "elliptic curves", &[c("tlslite-ng, SSL 3.0 to hybrid groups", "elliptic curves", &[], &["brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "brainpoolP256r1tls13", "brainpoolP384r1tls13", "brainpoolP512r1tls13"])],
      "it finds no curve of Brainpool; offered alone, the server chooses each, in TLS 1.2 (RFC 7027) and by other code points in TLS 1.3 (RFC 8734)"),
    fickle(d(Peer::Sslyze, "", "resumption by", &[c("", "resumption by id", &["no"], &["yes"]), c("", "resumption by ticket", &["no"], &["yes"])],
      "Hermetic rests on a handshake that went on with a session (RFC 5246 section 7.3, RFC 5077). That others did not go on shows nothing, and comes and goes")),
    fickle(d(Peer::Testssl, "", "resumption by", &[c("", "resumption by id", &["no"], &["yes"]), c("", "resumption by ticket", &["no"], &["yes"])],
      "as with sslyze. A client that leaves at once has not yet got the tickets of TLS 1.3, which come behind the handshake (RFC 8446 section 4.6.1)")),
    d(Peer::Testssl, "OpenSSL 3.0, TLS 1.0 and 1.1", "secure renegotiation", &[c("OpenSSL 3.0, TLS 1.0 and 1.1 alone", "secure renegotiation (RFC 5746)", &["no"], &["yes"])],
      "it asks by Debian's openssl, which speaks neither version by default. The ServerHello has renegotiation_info (RFC 5746 section 3.6), which sslyze and sslscan see as well"),
    d(Peer::Testssl, "tlslite-ng", "elliptic curves", &[c("tlslite-ng, SSL 3.0 to hybrid groups", "elliptic curves", &[], &["brainpoolP256r1tls13", "brainpoolP384r1tls13", "brainpoolP512r1tls13"])],
      "it does not know the code points of RFC 8734, by which Brainpool's curves are asked for in TLS 1.3"),
    d(Peer::Testssl, "OpenSSL 1.0.2, SSL 2.0", "freak", &[c("OpenSSL 1.0.2, SSL 2.0 alone", "freak", &["yes"], &["no"])],
      "CVE-2015-0204 is a client that takes the short key of a ServerKeyExchange, and SSL 2.0 has no such message. That the server takes ciphers of 40 bits is told as what it is (`export-suites`), and that it speaks SSL 2.0 as DROWN"),
    d(Peer::Testssl, "Postfix", "logjam", &[c("Postfix, STARTTLS", "logjam", &["no"], &["yes"])],
      "the anonymous suites of this server come with a prime of 1024 bits, as Hermetic sees in their ServerKeyExchange. CVE-2015-4000 itself is about export; the paper that found it (Adrian and others, Imperfect Forward Secrecy, 2015) counts primes of 1024 bits among those that states can break, and RFC 9325 section 4.1 wants more. It looks at the primes of suites alone that its openssl offers"),
];

/// The place of the decision on a disagreement.
pub fn of(cell: &Cell) -> Option<usize> {
    DECISIONS.iter().position(|decision| decision.is_about(cell))
}

/// Those of which a cell differs no more, or otherwise.
pub fn needless(cells: &[Cell]) -> Vec<&'static Decision> {
    let differs = |decision: &Decision, it: &Difference| {
        cells.iter().any(|cell| cell.peer == decision.peer && it.is(cell))
    };
    let lasting = DECISIONS.iter().filter(|decision| !decision.is_fickle);
    lasting.filter(|decision| !decision.cells.iter().all(|it| differs(decision, it))).collect()
}

impl Decision {
    fn is_about(&self, cell: &Cell) -> bool {
        self.peer == cell.peer && self.cells.iter().any(|it| it.is(cell))
    }
}

impl Difference {
    fn is(&self, cell: &Cell) -> bool {
        let is = |known: &[&str], told: &BTreeSet<String>| {
            known.len() == told.len() && known.iter().all(|it| *it == ANY || told.contains(*it))
        };
        (self.server.is_empty() || self.server == cell.server)
            && self.question == cell.question
            && is(self.more, &cell.more)
            && is(self.less, &cell.less)
    }
}
