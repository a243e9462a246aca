//! Certificates of the store held against controls: do they end before anybody replaces them, do they live too
//! long, are they weak.

use std::collections::HashMap;

use hermetic_hop::{Control, Finding, Severity};
use hermetic_store::{
    CertificateFilter, CertificateRecord, CertificateState, Cursor, Intent, Order, Origin, RenewalRecord,
    Store, StoreError,
};
use hermetic_x509::{Weakness, days_left, weaknesses};
use jiff::{SignedDuration, Timestamp};

use crate::issuance::Wanted;
use crate::renewal::schedule;
use crate::settings::RenewAt;

/// Certificates are replaced before they expire.
pub const EXPIRATION: Control = Control {
    id: "acm-certificate-expiration-check",
    title: "certificates are replaced before they expire (daysToExpiration)",
};

/// No certificate lives longer than the CA/Browser Forum allows public ones of its date.
pub const LIFETIME: Control = Control {
    id: "certificate-lifetime",
    title: "certificates live no longer than the CA/Browser Forum allows to public ones of their date",
};

/// No RSA key is too short.
pub const RSA: Control =
    Control { id: "acm-certificate-rsa-check", title: "RSA keys of certificates have 2048 bits or more" };

/// No certificate is weak in another way.
pub const STRENGTH: Control = Control {
    id: "certificate-strength",
    title: "keys and signatures can't be broken, and somebody vouches for each certificate",
};

/// All of them.
pub const CONTROLS: [Control; 4] = [EXPIRATION, LIFETIME, RSA, STRENGTH];

/// How many are read at once.
const PAGE: usize = 500;

/// What ended longer ago, and is used by nobody, is told of no more.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// When a certificate counts as near its end.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// So long before its end (AWS Config's `daysToExpiration`).
    pub warning: SignedDuration,
    /// And past this part of its life, where it was issued here.
    pub renew_at: RenewAt,
}

/// What was found in an inventory.
#[derive(Clone, Debug)]
pub struct Posture {
    /// How many certificates were judged.
    pub judged: u64,
    /// Those that do not pass, what ends first before what ends later.
    pub found: Vec<Found>,
}

/// A certificate that does not pass.
#[derive(Clone, Debug)]
pub struct Found {
    /// It.
    pub certificate: CertificateRecord,
    /// Whether a process on the store uses it.
    pub in_use: bool,
    /// What was found.
    pub finding: Finding,
}

/// Judges the certificates of a store: those that are issued or imported, and not revoked. A certificate that
/// was replaced, and is used by no process, is past caring. They are read page by page.
pub async fn judge(store: &Store, measure: Measure, now: Timestamp) -> Result<Posture, StoreError> {
    let renewals = store.renewals().await?;
    let renewals = renewals.into_iter().map(|renewal| (renewal.subject.clone(), renewal)).collect();
    let judge = Judge { store, measure, now, renewals };
    let mut posture = Posture { judged: 0, found: Vec::new() };
    let mut after = None;
    loop {
        after = judge.page(&mut posture, after).await?;
        if after.is_none() {
            return Ok(posture);
        }
    }
}

struct Judge<'a> {
    store: &'a Store,
    measure: Measure,
    now: Timestamp,
    renewals: HashMap<String, RenewalRecord>,
}

impl Judge<'_> {
    async fn page(&self, posture: &mut Posture, after: Option<Cursor>) -> Result<Option<Cursor>, StoreError> {
        let filter = CertificateFilter {
            state: Some(CertificateState::Issued),
            expires_after: Some(self.now.checked_sub(FORGOTTEN).unwrap_or(Timestamp::MIN)),
            ..CertificateFilter::default()
        };
        let page = self.store.search(&filter, Order::SoonestExpiry, after, PAGE).await?;
        for certificate in page.certificates {
            if [Wanted::OF_AUTHORITIES, Intent::OCSP].contains(&certificate.profile.as_str()) {
                continue;
            }
            posture.judged += 1;
            let weak = self.weaknesses(&certificate);
            if weak.is_empty() && !self.is_near(&certificate) {
                continue;
            }
            let in_use = !self.store.uses(certificate.id).await?.is_empty();
            if !in_use && self.is_replaced(&certificate).await? {
                continue;
            }
            let expiry = self.is_near(&certificate).then(|| self.expiry(&certificate, in_use));
            for finding in expiry.into_iter().chain(weak) {
                posture.found.push(Found { certificate: certificate.clone(), in_use, finding });
            }
        }
        Ok(page.next)
    }

    /// Whether a newer one of the same names is used as the same, and lasts longer.
    async fn is_replaced(&self, certificate: &CertificateRecord) -> Result<bool, StoreError> {
        let others = self.store.unexpired(&certificate.subject, self.now).await?;
        let replaces = |other: &CertificateRecord| {
            other.id > certificate.id
                && other.not_after > certificate.not_after
                && certificate.names.iter().all(|name| other.names.contains(name))
        };
        Ok(others.iter().any(replaces))
    }

    /// Whether it is nearer to its end than it may be. What lives for a day is always within two weeks of its
    /// end, and is so only once its renewal is overdue.
    fn is_near(&self, certificate: &CertificateRecord) -> bool {
        let CertificateRecord { at, not_after, origin, .. } = certificate;
        let is_within = not_after.duration_since(self.now) <= self.measure.warning;
        let is_overdue = *origin != Origin::Issued
            || schedule::overdue(*at, *not_after, self.measure.renew_at) <= self.now;
        *not_after <= self.now || is_within && is_overdue
    }

    fn expiry(&self, certificate: &CertificateRecord, in_use: bool) -> Finding {
        let days = days_left(certificate.not_after, self.now);
        let is_over = certificate.not_after <= self.now;
        let severity = match (is_over, in_use) {
            (true, true) => Severity::Critical,
            (true, false) => Severity::Informational,
            (false, _) => Severity::Medium,
        };
        let mut reason = if is_over {
            format!("it expired at {}", certificate.not_after)
        } else {
            format!("it expires in {days} days, and was not replaced")
        };
        let renewal = self.renewals.get(&certificate.subject);
        if let Some(RenewalRecord { failures, reason: Some(why), .. }) = renewal {
            let often =
                if *failures == 1 { "once".to_owned() } else { format!("{failures} times, the last time") };
            reason.push_str(&format!("; its renewal failed {often} because {why}"));
        }
        let remedy = match certificate.origin {
            Origin::Issued => format!("hermetic cert renew {}", certificate.serial),
            Origin::Imported => "import its successor: hermetic cert import".to_owned(),
            Origin::SelfSigned => "replace it by one of an authority: hermetic cert issue".to_owned(),
        };
        Finding { control: EXPIRATION.id, severity, reason, remedy }
    }

    fn weaknesses(&self, certificate: &CertificateRecord) -> Vec<Finding> {
        let Some(der) = certificate.certificate.as_deref() else { return Vec::new() };
        match weaknesses(der, self.now) {
            Ok(found) => found.into_iter().filter_map(|weakness| weak(&weakness)).collect(),
            Err(error) => vec![Finding {
                control: STRENGTH.id,
                severity: Severity::Medium,
                reason: format!("it can't be read: {error}"),
                remedy: "replace it".to_owned(),
            }],
        }
    }
}

/// The finding that a weakness is; that it is over, its end says.
fn weak(weakness: &Weakness) -> Option<Finding> {
    let (control, severity, remedy) = match weakness {
        Weakness::Expired(_) => return None,
        Weakness::NotYetValid(_) => (STRENGTH, Severity::Informational, "wait, or look at the clocks"),
        Weakness::LongLived { .. } => (LIFETIME, Severity::Low, "replace it by one that lives less long"),
        Weakness::ShortKey(_) => (RSA, Severity::High, "replace it by one with another key"),
        // What browsers do not take may be right within a house.
        Weakness::OddLength(_) | Weakness::Serial(_) => {
            (STRENGTH, Severity::Low, "replace it by one of an authority: hermetic cert issue")
        }
        Weakness::SelfSigned | Weakness::TestOnly => {
            (STRENGTH, Severity::Medium, "replace it by one of an authority: hermetic cert issue")
        }
        _ => (STRENGTH, Severity::High, "replace it by one with a strong key, signature and names"),
    };
    let reason = weakness.to_string();
    Some(Finding { control: control.id, severity, reason, remedy: remedy.to_owned() })
}
