//! The grade of SSL Labs, by its rating guide 2009r of May 2025, with the reason of each step.
//!
//! Where the guide is silent on how values of several suites come together, the least counts.

use hermetic_tls::{Authentication, Cipher, CipherSuite, KeyExchange, ProtocolVersion};

use crate::observe::{Observations, VersionObserved};
use crate::weaknesses::{Conclusion, Weakness};
use crate::web::Web;

/// A grade, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// Beyond A: nothing to warn of, and HSTS for half a year.
    APlus,
    /// 80 points.
    A,
    /// A with a warning.
    AMinus,
    /// 65 points.
    B,
    /// 50 points.
    C,
    /// 35 points.
    D,
    /// 20 points.
    E,
    /// Broken.
    F,
    /// The certificate is not trusted.
    T,
    /// The certificate is somebody else's.
    M,
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::AMinus => "A-",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::T => "T",
            Self::M => "M",
        })
    }
}

/// A grade with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    /// The grade.
    pub grade: Grade,
    /// What it would be if the certificate were trusted.
    pub with_trust_ignored: Grade,
    /// The points of protocols, key exchange and ciphers, of 100 each.
    pub points: [u32; 3],
    /// Each reason why it is not better, with the best grade that it leaves.
    pub reasons: Vec<(Grade, String)>,
    /// Whether something that counts was not to be seen: the grade may be worse then.
    pub is_sure: bool,
}

/// What is to be known of a certificate for a grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateStanding {
    /// Whether it is for the name that was asked for.
    pub is_for_name: bool,
    /// Why it is not trusted; `None` where it is.
    pub distrust: Option<String>,
    /// The bits of its key, as of an RSA key of the same strength.
    pub key_bits: u32,
    /// Whether it is signed with MD5 or MD2.
    pub is_broken: bool,
    /// Whether intermediates were lacking.
    pub is_incomplete: bool,
}

/// What is to be known of `Strict-Transport-Security` for a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hsts {
    /// It holds for so many seconds.
    Holds(u64),
    /// There is none that holds.
    Absent,
    /// HTTP is spoken, and no answer was to be seen.
    Unseen,
    /// No HTTP is spoken, and there is nothing to ask for.
    NotHttp,
}

impl Hsts {
    /// What an endpoint says by HTTP; `None` where it speaks something else.
    pub fn of(web: Option<&Web>) -> Self {
        match web.map(|web| &web.site) {
            None => Self::NotHttp,
            Some(Err(_)) => Self::Unseen,
            Some(Ok(site)) => site.transport_security.max_age().map_or(Self::Absent, Self::Holds),
        }
    }

    /// Why the grade is not better than A-, where that is so.
    fn lacks(self) -> Option<&'static str> {
        match self {
            Self::Holds(HALF_A_YEAR..) | Self::NotHttp => None,
            Self::Holds(_) | Self::Absent => Some("HSTS is absent, or shorter than half a year"),
            Self::Unseen => Some("whether there is HSTS was not to be seen"),
        }
    }
}

/// Half a year in seconds, as the guide counts it.
const HALF_A_YEAR: u64 = 15_552_000;

/// Grades what was seen.
pub fn grade(seen: &Observations, certificate: &CertificateStanding, hsts: Hsts) -> Graded {
    let scan = Scan { seen, certificate };
    let points = [scan.protocol_points(), scan.key_points(), scan.cipher_points()];
    let mut reasons = scan.caps();
    let by_points = of_points(points);
    if by_points > Grade::A {
        reasons.push((by_points, format!("{} points", total(points))));
    }
    let worst = reasons.iter().map(|(grade, _)| *grade).max().unwrap_or(Grade::A).max(Grade::A);
    let lacks = hsts.lacks().filter(|_| worst == Grade::A);
    reasons.extend(lacks.map(|reason| (Grade::AMinus, reason.to_owned())));
    let with_trust_ignored = match (worst, lacks, hsts) {
        (Grade::A, Some(_), _) => Grade::AMinus,
        (Grade::A, None, Hsts::Holds(_)) => Grade::APlus,
        (worst, ..) => worst,
    };
    let mut grade = with_trust_ignored;
    if let Some(reason) = &certificate.distrust {
        grade = Grade::T;
        reasons.push((grade, reason.clone()));
    }
    if !certificate.is_for_name {
        grade = Grade::M;
        reasons.push((grade, "the certificate is for another name".to_owned()));
    }
    let unsure = |weakness: &Weakness| matches!(weakness.of(seen), Conclusion::CouldNotTell(_));
    let is_unsure = Weakness::ALL.iter().any(unsure) || (lacks.is_some() && hsts == Hsts::Unseen);
    Graded { grade, with_trust_ignored, points, reasons, is_sure: !is_unsure }
}

fn total([protocols, keys, ciphers]: [u32; 3]) -> u32 {
    match protocols * keys * ciphers {
        0 => 0,
        _ => (protocols * 3 + keys * 3 + ciphers * 4) / 10,
    }
}

fn of_points(points: [u32; 3]) -> Grade {
    match total(points) {
        80.. => Grade::A,
        65.. => Grade::B,
        50.. => Grade::C,
        35.. => Grade::D,
        20.. => Grade::E,
        _ => Grade::F,
    }
}

struct Scan<'a> {
    seen: &'a Observations,
    certificate: &'a CertificateStanding,
}

impl Scan<'_> {
    fn versions(&self) -> impl Iterator<Item = &VersionObserved> {
        self.seen.versions.iter().filter(|observed| observed.support.is_yes())
    }

    fn suites(&self) -> impl Iterator<Item = CipherSuite> {
        self.versions().flat_map(|observed| observed.suites.accepted.iter().copied())
    }

    fn speaks(&self, version: ProtocolVersion) -> bool {
        self.versions().any(|observed| observed.version == version)
    }

    fn protocol_points(&self) -> u32 {
        let points = self.versions().map(|observed| match observed.version {
            ProtocolVersion::SSL3 => 80,
            ProtocolVersion::TLS1_0 => 90,
            ProtocolVersion::TLS1_1 => 95,
            _ => 100,
        });
        mean_of_ends(points.chain(self.seen.ssl2.is_yes().then_some(0)))
    }

    /// By the weakest of key and exchange.
    fn key_points(&self) -> u32 {
        let anonymous = |suite: CipherSuite| suite.authentication() == Some(Authentication::Anonymous);
        if self.suites().any(anonymous) {
            return 0;
        }
        let export = self.suites().any(CipherSuite::is_export);
        match self.least_key_bits() {
            ..512 => 20,
            _ if export => 40,
            512..1024 => 40,
            1024..2048 => 80,
            2048..4096 => 90,
            4096.. => 100,
        }
    }

    fn least_key_bits(&self) -> u32 {
        let groups = self.versions().flat_map(|observed| &observed.groups.accepted);
        let of_groups = groups.filter_map(|group| group.security_bits()).map(of_rsa_as_strong);
        let prime = self.seen.features.prime_bits();
        of_groups.chain(prime).chain([self.certificate.key_bits]).min().unwrap_or(self.certificate.key_bits)
    }

    fn cipher_points(&self) -> u32 {
        let bits = self.suites().filter_map(CipherSuite::cipher).map(Cipher::bits);
        mean_of_ends(bits.map(|bits| match bits {
            0 => 0,
            1..128 => 20,
            128..256 => 80,
            256.. => 100,
        }))
    }

    /// What keeps the grade down whatever the points are.
    fn caps(&self) -> Vec<(Grade, String)> {
        let mut caps = Vec::new();
        let mut cap = |grade: Grade, holds: bool, reason: &str| {
            if holds {
                caps.push((grade, reason.to_owned()));
            }
        };
        let is = |weakness: Weakness| matches!(weakness.of(self.seen), Conclusion::Vulnerable(_));
        let best = self.versions().map(|observed| observed.version).max();
        let short = |suite: CipherSuite| suite.cipher().is_some_and(|cipher| cipher.bits() < 112);
        let rc4 = |suite: CipherSuite| suite.cipher().is_some_and(Cipher::is_rc4);
        let least = self.least_key_bits();

        cap(Grade::F, self.seen.ssl2.is_yes(), "SSL 2.0");
        cap(Grade::F, best == Some(ProtocolVersion::SSL3), "nothing better than SSL 3.0");
        cap(Grade::F, is(Weakness::InsecureRenegotiation), "insecure renegotiation");
        cap(Grade::F, is(Weakness::ExportSuites), "export suites");
        cap(Grade::F, self.suites().any(short), "suites below 112 bits");
        cap(Grade::F, least < 1024, "a key or prime below 1024 bits");
        cap(Grade::F, self.suites().count() > 0 && self.suites().all(rc4), "nothing but RC4");
        cap(Grade::F, self.certificate.is_broken, "a certificate signed with MD5");

        cap(Grade::C, best < Some(ProtocolVersion::TLS1_2), "neither TLS 1.2 nor TLS 1.3");
        cap(Grade::C, is(Weakness::Poodle), "POODLE");
        cap(Grade::C, is(Weakness::Crime), "CRIME");
        cap(Grade::C, self.above_tls1_0(rc4), "RC4 with TLS 1.1 or newer");
        cap(Grade::C, self.above_tls1_0(has_triple_des_or_idea), "triple DES or IDEA with TLS 1.1 or newer");

        cap(Grade::B, self.speaks(ProtocolVersion::SSL3), "SSL 3.0");
        cap(Grade::B, self.speaks(ProtocolVersion::TLS1_0), "TLS 1.0");
        cap(Grade::B, self.speaks(ProtocolVersion::TLS1_1), "TLS 1.1");
        cap(Grade::B, self.suites().any(rc4), "RC4");
        cap(Grade::B, self.certificate.is_incomplete, "intermediates are lacking");
        cap(Grade::B, least < 2048, "a key or prime below 2048 bits");
        cap(Grade::B, !self.suites().any(is_forward_secret), "no forward secrecy");
        cap(Grade::B, !self.suites().any(|suite| suite.is_aead() == Some(true)), "no AEAD suites");

        cap(Grade::AMinus, !self.speaks(ProtocolVersion::TLS1_3), "no TLS 1.3");
        caps
    }

    fn above_tls1_0(&self, suite: impl Fn(CipherSuite) -> bool) -> bool {
        let newer = self.versions().filter(|observed| observed.version > ProtocolVersion::TLS1_0);
        newer.flat_map(|observed| &observed.suites.accepted).any(|accepted| suite(*accepted))
    }
}

fn is_forward_secret(suite: CipherSuite) -> bool {
    suite.key_exchange().is_some_and(KeyExchange::is_forward_secret)
}

fn has_triple_des_or_idea(suite: CipherSuite) -> bool {
    matches!(suite.cipher(), Some(Cipher::TripleDesCbc | Cipher::IdeaCbc))
}

/// The mean of best and worst; 0 of none.
fn mean_of_ends(points: impl Iterator<Item = u32>) -> u32 {
    let ends = points.fold(None, |ends: Option<(u32, u32)>, it| {
        Some(ends.map_or((it, it), |(least, most)| (least.min(it), most.max(it))))
    });
    ends.map_or(0, |(least, most)| (least + most) / 2)
}

/// The bits of an RSA key as strong as these (NIST SP 800-57 part 1 table 2).
pub(super) fn of_rsa_as_strong(bits: u16) -> u32 {
    match bits {
        ..80 => 512,
        80..112 => 1024,
        112..128 => 2048,
        128..192 => 3072,
        192..256 => 7680,
        256.. => 15_360,
    }
}
