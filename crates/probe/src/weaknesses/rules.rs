//! What each weakness is concluded from.

use hermetic_tls::{Authentication, Cipher, CipherSuite, KeyExchange, ProtocolVersion, Ssl2Cipher};

use super::{Conclusion, Weakness};
use crate::observe::{Observations, Support, VersionObserved};

pub(super) fn conclude(weakness: Weakness, seen: &Observations) -> Conclusion {
    let below_tls1_1 = |observed: &VersionObserved| observed.version <= ProtocolVersion::TLS1_0;
    let below_tls1_3 = |observed: &VersionObserved| observed.version < ProtocolVersion::TLS1_3;
    match weakness {
        Weakness::Drown => of_support(&seen.ssl2, "it speaks SSL 2.0"),
        Weakness::NullSuites => {
            let null = |cipher: &Ssl2Cipher| cipher.bits() == Some(0);
            either(ssl2(seen, null), suites(seen, |_| true, |suite| suite.cipher() == Some(Cipher::Null)))
        }
        Weakness::AnonymousSuites => {
            suites(seen, |_| true, |suite| suite.authentication() == Some(Authentication::Anonymous))
        }
        Weakness::ExportSuites => {
            let short = |cipher: &Ssl2Cipher| cipher.bits().is_some_and(|bits| bits <= 40);
            either(ssl2(seen, short), suites(seen, |_| true, CipherSuite::is_export))
        }
        Weakness::Freak => suites(seen, below_tls1_3, |suite| {
            suite.is_export() && suite.key_exchange() == Some(KeyExchange::Rsa)
        }),
        Weakness::Logjam => logjam(seen),
        Weakness::InsecureRenegotiation => match &seen.features.secure_renegotiation {
            Support::No(reason) => Conclusion::Vulnerable(reason.clone()),
            Support::Yes => Conclusion::NotVulnerable,
            // There is no renegotiation in TLS 1.3.
            Support::Unasked => of_older(seen),
            Support::Unknown(reason) => Conclusion::CouldNotTell(reason.clone()),
        },
        Weakness::Poodle => {
            let ssl3 = |observed: &VersionObserved| observed.version == ProtocolVersion::SSL3;
            suites(seen, ssl3, chains_blocks)
        }
        Weakness::Rc4 => {
            let is_rc4 = |cipher: &Ssl2Cipher| cipher.name().is_some_and(|name| name.contains("RC4"));
            either(
                ssl2(seen, is_rc4),
                suites(seen, |_| true, |suite| suite.cipher().is_some_and(Cipher::is_rc4)),
            )
        }
        Weakness::Crime => match &seen.features.compression {
            // Nor is there compression.
            Support::Unasked => of_older(seen),
            compression => of_support(compression, "it compresses with DEFLATE"),
        },
        Weakness::Sweet32 => {
            suites(seen, |_| true, |suite| suite.cipher().is_some_and(Cipher::has_small_blocks))
        }
        Weakness::WeakPrime => prime(seen, 2048),
        Weakness::CommonPrime => match (prime(seen, 2048), seen.features.common_prime()) {
            (Conclusion::Vulnerable(_), None) => Conclusion::NotVulnerable,
            (conclusion, _) => conclusion,
        },
        Weakness::Beast => suites(seen, below_tls1_1, chains_blocks),
        // Also of one that knows encrypt-then-MAC: it takes effect with clients alone that offer it (RFC 7366
        // section 3), which browsers do not.
        Weakness::Lucky13 => suites(seen, below_tls1_3, chains_blocks),
        Weakness::NoForwardSecrecy => {
            suites(seen, |_| true, |suite| suite.is_forward_secret() == Some(false))
        }
    }
}

fn chains_blocks(suite: CipherSuite) -> bool {
    suite.cipher().is_some_and(Cipher::chains_blocks)
}

/// Vulnerable where something is supported.
fn of_support(support: &Support, reason: &str) -> Conclusion {
    match support {
        Support::Yes => Conclusion::Vulnerable(reason.to_owned()),
        Support::No(_) | Support::Unasked => Conclusion::NotVulnerable,
        Support::Unknown(reason) => Conclusion::CouldNotTell(reason.clone()),
    }
}

/// Of what no version below TLS 1.3 was asked for: not vulnerable where none of them is spoken, for all that is known.
fn of_older(seen: &Observations) -> Conclusion {
    let older = seen.versions.iter().filter(|observed| observed.version < ProtocolVersion::TLS1_3);
    let unknown = older.filter_map(|observed| match &observed.support {
        Support::Unknown(reason) => Some(format!("{}: {reason}", observed.version)),
        _ => None,
    });
    { unknown }.next().map_or(Conclusion::NotVulnerable, Conclusion::CouldNotTell)
}

/// Vulnerable where one of these versions accepts one of these suites. A list that broke off tells only of
/// what stands on it.
fn suites(
    seen: &Observations,
    version: impl Fn(&VersionObserved) -> bool,
    suite: impl Fn(CipherSuite) -> bool,
) -> Conclusion {
    let mut unknown = None;
    for observed in seen.versions.iter().filter(|observed| version(observed)) {
        let mut found = observed.suites.accepted.iter().copied().filter(|it| suite(*it));
        if let Some(first) = found.next() {
            let others = match found.count() {
                0 => String::new(),
                count => format!(" and {count} more"),
            };
            return Conclusion::Vulnerable(format!("{} accepts {first}{others}", observed.version));
        }
        if let Support::Unknown(reason) = &observed.suites.is_whole {
            unknown.get_or_insert_with(|| format!("the suites of {}: {reason}", observed.version));
        }
    }
    unknown.map_or(Conclusion::NotVulnerable, Conclusion::CouldNotTell)
}

/// Vulnerable where SSL 2.0 accepts one of these.
fn ssl2(seen: &Observations, cipher: impl Fn(&Ssl2Cipher) -> bool) -> Conclusion {
    match (seen.ssl2_ciphers.iter().find(|it| cipher(it)), &seen.ssl2) {
        (Some(found), _) => Conclusion::Vulnerable(format!("SSLv2 accepts {found}")),
        (None, Support::Unknown(reason)) => Conclusion::CouldNotTell(reason.clone()),
        (None, _) => Conclusion::NotVulnerable,
    }
}

/// Vulnerable where one of the two is.
fn either(one: Conclusion, other: Conclusion) -> Conclusion {
    match (one, other) {
        (vulnerable @ Conclusion::Vulnerable(_), _) | (_, vulnerable @ Conclusion::Vulnerable(_)) => {
            vulnerable
        }
        (unknown @ Conclusion::CouldNotTell(_), _) | (_, unknown @ Conclusion::CouldNotTell(_)) => unknown,
        (Conclusion::NotVulnerable, Conclusion::NotVulnerable) => Conclusion::NotVulnerable,
    }
}

fn logjam(seen: &Observations) -> Conclusion {
    let export = suites(
        seen,
        |_| true,
        |suite| {
            let exchange = suite.key_exchange();
            suite.is_export() && matches!(exchange, Some(KeyExchange::Dhe | KeyExchange::DhAnon))
        },
    );
    either(export, prime(seen, 1025))
}

/// Vulnerable where the prime has fewer bits.
fn prime(seen: &Observations, least: u32) -> Conclusion {
    let finite =
        |suite: &CipherSuite| matches!(suite.key_exchange(), Some(KeyExchange::Dhe | KeyExchange::DhAnon));
    let accepted = suites(seen, |_| true, |suite| finite(&suite));
    match seen.features.prime_bits() {
        Some(bits) if bits < least => {
            let shared = seen.features.common_prime();
            let shared = shared.map(|origin| format!(", and many servers share it: {origin}"));
            Conclusion::Vulnerable(format!("its prime has {bits} bits{}", shared.unwrap_or_default()))
        }
        Some(_) => Conclusion::NotVulnerable,
        None => match accepted {
            Conclusion::Vulnerable(_) => Conclusion::CouldNotTell("its prime was not to be seen".to_owned()),
            unasked => unasked,
        },
    }
}
