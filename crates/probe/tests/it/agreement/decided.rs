//! The disagreements, and what the standards say to each.

use super::{Cell, Peer};

/// A decision.
#[derive(Debug)]
pub struct Decision {
    pub peer: Peer,
    /// The question, or how it begins.
    pub question: &'static str,
    /// How the name of the server begins; `""` for all.
    pub server: &'static str,
    /// Who is right, and by what.
    pub why: &'static str,
    /// Whether it comes and goes: a session that did not go on once may go on the next time.
    pub is_fickle: bool,
}

const fn d(peer: Peer, server: &'static str, question: &'static str, why: &'static str) -> Decision {
    Decision { peer, question, server, why, is_fickle: false }
}

const fn fickle(decision: Decision) -> Decision {
    Decision { is_fickle: true, ..decision }
}

/// All of them. Of several that are about the same the first counts.
#[rustfmt::skip]
pub const DECISIONS: &[Decision] = &[
    d(Peer::Sslscan, "", "keys of certificates",
      "it shows one certificate; a server has one for each kind of key, and chooses by the signature schemes of the client (RFC 8446 section 4.4.2.2) or by the suite (RFC 5246 section 7.4.2). Hermetic asks for each kind"),
    d(Peer::Sslscan, "OpenSSL 3.0", "signatures of certificates",
      "it shows one certificate, as above; these two are signed by keys of different kinds"),
    d(Peer::Sslscan, "", "secure renegotiation",
      "it looks into a ServerHello of TLS 1.3, which has no renegotiation and no such extension. In TLS 1.2 the same server sends renegotiation_info (RFC 5746 section 3.6), which sslyze and testssl.sh see as well"),
    d(Peer::Sslscan, "", "signature schemes of TLSv1.1",
      "there are none: the extension came with TLS 1.2 (RFC 5246 section 7.4.1.4.1). It takes a server that passes over it for one that accepts all, which its 0xFDFF says"),
    d(Peer::Sslscan, "nginx, Mozilla old", "signature schemes of TLSv1.2",
      "asked for suites of ECDSA, the server signs its key exchange by each of these, as the signature's own field shows (RFC 5246 section 7.4.3)"),
    d(Peer::Sslscan, "OpenSSL 3.0", "signature schemes of TLSv1.2",
      "as with nginx above: the field of the signature shows them"),
    d(Peer::Sslscan, "", "signature schemes of TLSv1.2",
      "it takes a ServerHello for consent. With a suite that signs nothing, by anonymous Diffie-Hellman or with an RSA key that decrypts, no scheme counts, and a server accepts any (RFC 5246 section 7.4.1.4.1); or all of them, as 0xFDFF says. Hermetic counts those by which a key exchange was signed"),
    d(Peer::Sslscan, "Postfix", "groups of TLSv1.2",
      "it offers one curve at a time. With an ECDSA certificate the curve of its key has to be offered, too (RFC 8422 section 5.1.1): offered beside P-256, each of these is chosen"),
    d(Peer::Sslscan, "tlslite-ng", "groups of TLSv1.3",
      "this release does not know the hybrid groups, nor those of RFC 8734; the server names each in a HelloRetryRequest"),
    d(Peer::Sslyze, "nginx, Mozilla modern", "",
      "in TLS 1.3 no suite tells the kinds of certificates apart; signature schemes do (RFC 8446 section 4.4.2.2). It sees one certificate of two"),
    d(Peer::Sslyze, "", "suites of TLSv1.2",
      "these are of RFC 5932; the server chooses them when they are offered, and sslscan sees them as well"),
    d(Peer::Sslyze, "tlslite-ng", "elliptic curves",
      "it finds no curve of Brainpool; offered alone, the server chooses each, in TLS 1.2 (RFC 7027) and by other code points in TLS 1.3 (RFC 8734)"),
    fickle(d(Peer::Sslyze, "", "resumption by",
      "Hermetic rests on a handshake that went on with a session (RFC 5246 section 7.3, RFC 5077). That others did not go on shows nothing, and comes and goes")),
    fickle(d(Peer::Testssl, "", "resumption by",
      "as with sslyze. A client that leaves at once has not yet got the tickets of TLS 1.3, which come behind the handshake (RFC 8446 section 4.6.1)")),
    d(Peer::Testssl, "OpenSSL 3.0, TLS 1.0 and 1.1", "secure renegotiation",
      "it asks by Debian's openssl, which speaks neither version by default. The ServerHello has renegotiation_info (RFC 5746 section 3.6), which sslyze and sslscan see as well"),
    d(Peer::Testssl, "tlslite-ng", "elliptic curves",
      "it does not know the code points of RFC 8734, by which Brainpool's curves are asked for in TLS 1.3"),
    d(Peer::Testssl, "OpenSSL 1.0.2, SSL 2.0", "freak",
      "CVE-2015-0204 is a client that takes the short key of a ServerKeyExchange, and SSL 2.0 has no such message. That the server takes ciphers of 40 bits is told as what it is (`export-suites`), and that it speaks SSL 2.0 as DROWN"),
    d(Peer::Testssl, "Postfix", "logjam",
      "the anonymous suites of this server come with a prime of 1024 bits, as Hermetic sees in their ServerKeyExchange; CVE-2015-4000 is about primes of that size as well as about export. It looks at the primes of suites alone that its openssl offers"),
];

/// The place of the decision on a disagreement.
pub fn of(cell: &Cell) -> Option<usize> {
    DECISIONS.iter().position(|decision| decision.is_about(cell))
}

/// Those that nothing is left to decide of.
pub fn needless(cells: &[Cell]) -> Vec<&'static Decision> {
    let disagree = || cells.iter().filter(|cell| !cell.agrees());
    let lasting = DECISIONS.iter().filter(|decision| !decision.is_fickle);
    lasting.filter(|decision| !disagree().any(|cell| decision.is_about(cell))).collect()
}

impl Decision {
    fn is_about(&self, cell: &Cell) -> bool {
        self.peer == cell.peer
            && cell.question.starts_with(self.question)
            && cell.server.starts_with(self.server)
    }
}
