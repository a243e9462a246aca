//! A large inventory: how long it takes to start on it, to list a page, to revoke, and what memory it takes.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use hermetic_store::{CertificateFilter, CertificateState, NameFilter, Order, Store, StorePlace};
use hermetic_x509::RevocationReason;
use jiff::Timestamp;

use super::Plan;
use super::issuing::{Until, failed, issue, open};
use super::requests::Asked;
use crate::failure::Failure;

/// How many certificates a page has.
const PAGE: usize = 50;

/// How often each page is listed, and how many certificates are revoked.
const TIMES: usize = 50;

/// What was measured.
#[derive(Debug)]
pub struct Figures {
    /// How many certificates there are.
    pub certificates: u64,
    /// Certificates a second that were issued while the last tenth of them came.
    pub rate: f64,
    /// From nothing to an authority that issues.
    pub start: Duration,
    /// The median of each kind of page.
    pub pages: Vec<(&'static str, Duration)>,
    /// A revocation on record; the median.
    pub revocation: Duration,
    /// The same with the list of its shard, signed and kept.
    pub with_list: Duration,
    /// Resident memory before it grew, in MiB.
    pub memory_before: f64,
    /// The same at the end.
    pub memory: f64,
}

/// Fills the store of a place, which has some certificates already, and measures.
pub async fn measure(place: &StorePlace, requests: &Arc<Vec<Asked>>, plan: Plan) -> Result<Figures, Failure> {
    let memory_before = resident()?;
    let rate = fill(place, requests, plan.certificates).await?;
    let began = Instant::now();
    let (authority, store) = open(place).await?;
    let start = began.elapsed();

    let mut on_record = Vec::new();
    let mut with_list = Vec::new();
    let signing = store.signing_authority("intermediate").await.map_err(failed)?;
    let signing = signing.ok_or_else(|| failed("no authority signs"))?.id;
    let newest = page(&store, &CertificateFilter::default(), 2 * TIMES).await?;
    for (number, serial) in newest.iter().enumerate() {
        let began = Instant::now();
        if number % 2 == 0 {
            let reason = hermetic_store::RevocationReason::Superseded;
            store.revoke(signing, serial, reason, Timestamp::now()).await.map_err(failed)?;
            on_record.push(began.elapsed());
        } else {
            let revoked = authority.revoke(serial, RevocationReason::Superseded).await.map_err(failed)?;
            revoked.list.map_err(failed)?.ok_or_else(|| failed("no list was signed"))?;
            with_list.push(began.elapsed());
        }
    }
    let pages = pages(&store, requests).await?;
    Ok(Figures {
        certificates: plan.certificates,
        rate,
        start,
        pages,
        revocation: median(on_record),
        with_list: median(with_list),
        memory_before,
        memory: resident()?,
    })
}

/// Issues until there are so many; gives the rate of the last tenth.
async fn fill(place: &StorePlace, requests: &Arc<Vec<Asked>>, certificates: u64) -> Result<f64, Failure> {
    let (authority, store) = open(place).await?;
    let next = Arc::new(AtomicUsize::new(0));
    let last = usize::try_from(certificates / 10).unwrap_or(usize::MAX);
    loop {
        let there = count(&store).await?;
        let missing = usize::try_from(certificates.saturating_sub(there)).unwrap_or(usize::MAX);
        eprintln!("{there} certificates of {certificates}");
        let part = missing.min(last);
        let began = Instant::now();
        issue(&authority, requests, &next, Until::Count(part)).await?;
        if part == missing {
            return Ok(part as f64 / began.elapsed().as_secs_f64());
        }
    }
}

/// How many certificates there are: none is ever taken away.
async fn count(store: &Store) -> Result<u64, Failure> {
    let page = store.search(&CertificateFilter::default(), Order::Newest, None, 1).await.map_err(failed)?;
    Ok(page.certificates.first().map_or(0, |newest| u64::try_from(newest.id.0).unwrap_or_default()))
}

async fn page(store: &Store, filter: &CertificateFilter, most: usize) -> Result<Vec<String>, Failure> {
    let page = store.search(filter, Order::Newest, None, most).await.map_err(failed)?;
    Ok(page.certificates.into_iter().map(|record| record.serial).collect())
}

/// Lists pages of each kind, one after the other through the inventory.
async fn pages(store: &Store, requests: &[Asked]) -> Result<Vec<(&'static str, Duration)>, Failure> {
    let any = CertificateFilter::default;
    let subject = requests.get(requests.len() / 2).map(|asked| asked.subject.clone()).unwrap_or_default();
    let filters = [
        ("all, newest first", any(), Order::Newest),
        ("all, soonest end first", any(), Order::SoonestExpiry),
        (
            "of an issuer",
            CertificateFilter { authority: Some("intermediate".to_owned()), ..any() },
            Order::Newest,
        ),
        ("revoked", CertificateFilter { state: Some(CertificateState::Revoked), ..any() }, Order::Newest),
        (
            "that end within a day",
            CertificateFilter { expires_before: Timestamp::now().checked_add(DAY).ok(), ..any() },
            Order::SoonestExpiry,
        ),
        (
            "of a name",
            CertificateFilter { name: Some(NameFilter::Serving(format!("{subject}.internal"))), ..any() },
            Order::Newest,
        ),
        (
            "below a domain",
            CertificateFilter { name: Some(NameFilter::Below("internal".to_owned())), ..any() },
            Order::Newest,
        ),
        ("of a use", CertificateFilter { subject: Some(subject), ..any() }, Order::Newest),
        ("in use", CertificateFilter { in_use: Some(true), ..any() }, Order::Newest),
    ];
    let mut medians = Vec::new();
    for (what, filter, order) in filters {
        let (mut times, mut after) = (Vec::new(), None);
        for _ in 0..TIMES {
            let began = Instant::now();
            after = store.search(&filter, order, after, PAGE).await.map_err(failed)?.next;
            times.push(began.elapsed());
        }
        medians.push((what, median(times)));
    }
    Ok(medians)
}

const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The resident memory of this process in MiB.
fn resident() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status");
    let status = status.map_err(|source| Failure::File { path: "/proc/self/status".into(), source })?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().map_err(failed)?;
    Ok(kib / 1024.0)
}
