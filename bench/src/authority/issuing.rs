//! Issuance by many callers at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hermetic_authority::{Authority, Request, Settings, World};
use hermetic_store::{Store, StorePlace};
use hermetic_tls::{SystemClock, SystemRandomness};
use hermetic_x509::ProfileKind;
use tokio::task::JoinSet;

use super::requests::Asked;
use super::{CALLERS, Issued, Plan};
use crate::cpu;
use crate::failure::Failure;
use crate::figure::Median;

/// Opens the authorities of a store. They name a place where their lists are, so that lists are signed.
pub async fn open(place: &StorePlace) -> Result<(Authority, Store), Failure> {
    let store = Store::open(place).await.map_err(failed)?;
    let mut settings = Settings::of_folder(Path::new(place.data()));
    settings.terms.site = "http://pki.internal".parse().ok();
    let world = World { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness::default()) };
    let authority = Authority::open_with(settings, store.clone(), world).await.map_err(failed)?;
    Ok((authority, store))
}

pub fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Setup(error.to_string())
}

/// Takes the rates of issuance into an empty place.
pub async fn measure(
    place: &StorePlace,
    name: &str,
    requests: &Arc<Vec<Asked>>,
    plan: Plan,
) -> Result<Issued, Failure> {
    let (authority, store) = open(place).await?;
    let next = Arc::new(AtomicUsize::new(0));
    // A short run that nobody counts fills caches.
    issue(&authority, requests, &next, Until::Time(plan.time / 5)).await?;
    let (mut rates, mut cpu_time, mut count) = (Vec::new(), Duration::ZERO, 0.0);
    for run in 1..=plan.runs {
        let (began, before) = (Instant::now(), cpu::time(std::process::id())?);
        let done = issue(&authority, requests, &next, Until::Time(plan.time)).await?;
        let rate = done / began.elapsed().as_secs_f64();
        cpu_time += cpu::time(std::process::id())?.saturating_sub(before);
        count += done;
        eprintln!("run {run} of {}: {name}: {rate:.0} certificates a second", plan.runs);
        rates.push(rate);
    }
    let rate = Median::of_rates(rates).ok_or_else(|| failed("no run"))?;
    let cpu = cpu_time.as_secs_f64() * 1_000.0 / count;
    let durability = store.durability().await.map_err(failed)?;
    Ok(Issued { name: name.to_owned(), durability, rate, cpu })
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After so long.
    Time(Duration),
    /// Once so many are issued.
    Count(usize),
}

/// Has all callers ask for one certificate after the other; gives how many they got.
pub async fn issue(
    authority: &Authority,
    requests: &Arc<Vec<Asked>>,
    next: &Arc<AtomicUsize>,
    until: Until,
) -> Result<f64, Failure> {
    let (began, first) = (Instant::now(), next.load(Ordering::Relaxed));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (authority, requests, next) = (authority.clone(), requests.clone(), next.clone());
        callers.spawn(async move {
            let mut got = 0_u32;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let is_over = match until {
                    Until::Time(time) => began.elapsed() >= time,
                    Until::Count(count) => number >= first + count,
                };
                let asked = requests.get(number % requests.len().max(1)).filter(|_| !is_over);
                let Some(Asked { subject, der }) = asked else { return Ok::<_, Failure>(got) };
                let request = Request::new(subject.as_str(), ProfileKind::Server, Vec::new());
                authority.issue_request(der, request).await.map_err(failed)?;
                got += 1;
            }
        });
    }
    let mut got = 0.0;
    while let Some(caller) = callers.join_next().await {
        got += f64::from(caller.map_err(failed)??);
    }
    Ok(got)
}
