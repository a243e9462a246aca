//! What speaks against a standard, and what was not to be seen.

use hermetic_hop::Transport;
use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};
use hermetic_x509::Weakness;

use super::{Answer, Standard, Standing};
use crate::certificates::{Certificates, Offered, Reading};
use crate::observe::{Observations, Support, VersionObserved};
use crate::web::Web;
use crate::{Outcome, Scanned};

/// What was seen, as standards ask for it.
pub(super) enum View<'a> {
    /// There is nothing to judge but that it speaks cleartext.
    Cleartext,
    /// Nothing was seen, for this reason.
    Nothing(String),
    /// All this was seen.
    Seen {
        /// What it accepts.
        seen: &'a Observations,
        /// What speaks against its certificate.
        problem: Option<&'a str>,
        /// The chains that it shows; `None` where nobody looked at them.
        certificates: Option<&'a Certificates>,
        /// What its HTTP says, where it speaks that.
        web: Option<&'a Web>,
    },
}

impl<'a> View<'a> {
    pub(super) fn of(scanned: &'a Scanned) -> Self {
        let problem = match &scanned.outcome {
            Outcome::Seen(evidence) => match &evidence.transport {
                Transport::Tls(facts) => facts.problem.as_deref(),
                Transport::Cleartext { .. } => None,
            },
            Outcome::Unreachable { .. } => None,
        };
        match &scanned.observed {
            None => Self::Cleartext,
            Some(Err(error)) => Self::Nothing(error.to_string()),
            Some(Ok(seen)) => {
                let beside = scanned.beside.as_ref();
                let certificates = beside.map(|beside| &beside.certificates);
                let web = beside.and_then(|beside| beside.web.as_ref());
                Self::Seen { seen, problem, certificates, web }
            }
        }
    }

    /// Has a standard judge what was seen; without anything there is nothing to ask it.
    pub(super) fn rule(&self, standard: Standard, judge: impl FnOnce(&mut Ruling<'a>)) -> Standing {
        let (seen, problem, certificates, web) = match self {
            Self::Cleartext => return plain(standard, Answer::NotMet, "it speaks cleartext"),
            Self::Nothing(reason) => return plain(standard, Answer::CouldNotTell, reason),
            Self::Seen { seen, problem, certificates, web } => (*seen, *problem, *certificates, *web),
        };
        let mut ruling = Ruling {
            seen,
            problem,
            certificates,
            web,
            against: Vec::new(),
            unseen: Vec::new(),
            notes: Vec::new(),
            step: None,
        };
        judge(&mut ruling);
        ruling.standing(standard)
    }
}

fn plain(standard: Standard, answer: Answer, reason: &str) -> Standing {
    Standing { standard, answer, because: vec![reason.to_owned()], step: None }
}

/// A standard's judgement while it is made.
pub(super) struct Ruling<'a> {
    pub(super) seen: &'a Observations,
    problem: Option<&'a str>,
    certificates: Option<&'a Certificates>,
    web: Option<&'a Web>,
    against: Vec<String>,
    unseen: Vec<String>,
    notes: Vec<String>,
    pub(super) step: Option<&'static str>,
}

impl<'a> Ruling<'a> {
    /// This speaks against it.
    pub(super) fn against(&mut self, reason: impl Into<String>) {
        self.against.push(reason.into());
    }

    /// This would have to be seen.
    pub(super) fn unseen(&mut self, reason: impl Into<String>) {
        self.unseen.push(reason.into());
    }

    /// This does not decide it, and has to be known to whoever reads it.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The versions that are spoken, oldest first; SSL 2.0 is not among them.
    pub(super) fn spoken(&self) -> impl Iterator<Item = &'a VersionObserved> + use<'a> {
        self.seen.versions.iter().filter(|observed| observed.support.is_yes())
    }

    /// No version is spoken that `allows` refuses.
    pub(super) fn versions(&mut self, allows: impl Fn(ProtocolVersion) -> bool) {
        match &self.seen.ssl2 {
            Support::Yes => self.against("it speaks SSL 2.0"),
            Support::Unknown(reason) => self.unseen(format!("SSL 2.0: {reason}")),
            Support::No(_) | Support::Unasked => {}
        }
        for observed in self.seen.versions.iter().filter(|observed| !allows(observed.version)) {
            match &observed.support {
                Support::Yes => self.against(format!("it speaks {}", observed.version)),
                Support::Unknown(reason) => self.unseen(format!("{}: {reason}", observed.version)),
                Support::No(_) | Support::Unasked => {}
            }
        }
    }

    /// This version is spoken.
    pub(super) fn speaks(&mut self, version: ProtocolVersion) {
        let observed = self.seen.versions.iter().find(|observed| observed.version == version);
        match observed.map(|observed| &observed.support) {
            Some(Support::Yes) => {}
            Some(Support::Unknown(reason)) => self.unseen(format!("{version}: {reason}")),
            _ => self.against(format!("it does not speak {version}")),
        }
    }

    /// No suite is accepted in any version that `wrong` has something against.
    pub(super) fn suites(&mut self, wrong: impl Fn(CipherSuite) -> Option<&'static str>) {
        let mut told: Vec<CipherSuite> = Vec::new();
        for observed in self.spoken() {
            if let Support::Unknown(reason) = &observed.suites.is_whole {
                self.unseen(format!("the suites of {}: {reason}", observed.version));
            }
            for suite in &observed.suites.accepted {
                if let Some(what) = wrong(*suite)
                    && !told.contains(suite)
                {
                    told.push(*suite);
                    self.against(format!("it accepts {suite}: {what}"));
                }
            }
        }
    }

    /// No group is accepted in any version that `wrong` has something against.
    pub(super) fn groups(&mut self, wrong: impl Fn(NamedGroup) -> Option<&'static str>) {
        let mut told: Vec<NamedGroup> = Vec::new();
        for observed in self.spoken() {
            if let Support::Unknown(reason) = &observed.groups.is_whole {
                self.unseen(format!("the groups of {}: {reason}", observed.version));
            }
            for group in &observed.groups.accepted {
                if let Some(what) = wrong(*group)
                    && !told.contains(group)
                {
                    told.push(*group);
                    self.against(format!("it accepts {group}: {what}"));
                }
            }
        }
    }

    /// Its finite-field prime, where it has one, has so many bits.
    pub(super) fn prime(&mut self, least: u32) {
        if let Some(bits) = self.seen.features.prime_bits().filter(|bits| *bits < least) {
            self.against(format!("its prime has {bits} bits, and not {least}"));
        }
    }

    /// Something that it can is there.
    pub(super) fn has(&mut self, what: &str, support: &Support) {
        match support {
            Support::No(reason) => self.against(format!("{what}: {reason}")),
            Support::Unknown(reason) => self.unseen(format!("{what}: {reason}")),
            Support::Yes | Support::Unasked => {}
        }
    }

    /// Something that it can is not there.
    pub(super) fn lacks(&mut self, what: &str, support: &Support) {
        match support {
            Support::Yes => self.against(what.to_owned()),
            Support::Unknown(reason) => self.unseen(format!("{what}: {reason}")),
            Support::No(_) | Support::Unasked => {}
        }
    }

    /// Its certificates are the right ones, believed, and of keys and signatures that are.
    pub(super) fn certificate(&mut self) {
        let chains = self.certificates.into_iter().flat_map(Certificates::for_the_name);
        let chains: Vec<&Offered> = chains.filter(|chain| chain.leaf().is_some()).collect();
        if chains.is_empty() {
            self.unseen("its certificate was not to be seen");
        }
        match self.problem {
            Some(problem) => self.against(problem.to_owned()),
            // Handshakes that we can't end verify nothing; the chains that they show are there all the same.
            None => chains.into_iter().for_each(|chain| self.believed(chain)),
        }
        let mut told: Vec<String> = Vec::new();
        for weakness in self.certificates().flat_map(|reading| &reading.weaknesses) {
            let counts = matches!(
                weakness,
                Weakness::Key(_)
                    | Weakness::ShortKey(_)
                    | Weakness::Dsa
                    | Weakness::BrokenKey(_)
                    | Weakness::Curve { bits: Some(..224), .. }
                    | Weakness::Signature(_)
            );
            let reason = format!("of a certificate: {weakness}");
            if counts && !told.contains(&reason) {
                told.push(reason.clone());
                self.against(reason);
            }
        }
    }

    /// A chain is for the right name, and trusted.
    fn believed(&mut self, chain: &Offered) {
        if !chain.is_for_name {
            self.against("a certificate of it is for another name");
        }
        if let Some(Err(problem)) = chain.trust.first().map(|trusted| &trusted.verdict) {
            self.against(format!("a certificate of it is not trusted: {problem}"));
        }
    }

    /// The certificates on the way up from each leaf that it shows to who asks for the right name.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &'a Reading> + use<'a> {
        let chains = self.certificates.into_iter().flat_map(Certificates::for_the_name);
        chains.flat_map(Offered::on_the_way)
    }

    /// The chains that it shows to who asks for the right name, as far as their leaves can be read.
    pub(super) fn chains(&self) -> impl Iterator<Item = (&'a Offered, &'a Reading)> + use<'a> {
        let chains = self.certificates.into_iter().flat_map(Certificates::for_the_name);
        chains.filter_map(|chain| Some((chain, chain.leaf()?)))
    }

    /// Where it speaks HTTP, browsers are told for so many seconds to come by TLS alone.
    pub(super) fn transport_security(&mut self, seconds: u64) {
        let Some(web) = self.web else { return };
        match web.site.as_ref().map(|site| site.transport_security.max_age()) {
            Err(reason) => self.unseen(format!("Strict-Transport-Security: {reason}")),
            Ok(None) => self.against("it sends no Strict-Transport-Security"),
            Ok(Some(age)) if age < seconds => {
                self.against(format!(
                    "its Strict-Transport-Security is for {age} seconds, and not for {seconds}"
                ));
            }
            Ok(Some(_)) => {}
        }
    }

    fn standing(self, standard: Standard) -> Standing {
        let (answer, mut because) = match (self.against.is_empty(), self.unseen.is_empty()) {
            (false, _) => (Answer::NotMet, self.against),
            (true, false) => (Answer::CouldNotTell, self.unseen),
            (true, true) => (Answer::Met, Vec::new()),
        };
        because.extend(self.notes);
        Standing { standard, answer, because, step: self.step }
    }
}
