//! A worker's handshakes take turns with everything else, and clients with one another.

use std::cell::RefCell;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::{LocalSet, spawn_local};

use super::*;
use crate::limits::Limiter;

/// A turnstile at work, and the counts of a listener.
fn at_work() -> (Turnstile, Arc<Counts>) {
    let turnstile = Turnstile::new();
    spawn_local(turnstile.clone().turn());
    let limiter = Limiter::new(NonZeroUsize::MIN, Instant::now());
    (turnstile, limiter.listener(&"edge".parse().unwrap()))
}

fn limits(handshakes: usize) -> Limits {
    Limits { handshakes: NonZeroUsize::new(handshakes), ..Limits::default() }
}

fn client(counts: &Arc<Counts>, limits: &Limits, last: u8) -> Admission {
    let (address, now) = (SocketAddr::from(([10, 0, 0, last], 1)), Instant::now());
    counts.open(limits, address, &Places::default(), now).unwrap().admit(limits, address, now).unwrap()
}

fn refused(counts: &Counts) -> u64 {
    counts.refused.told(&counts.listener).map(|refusals| refusals.count).sum()
}

/// A handshake whose client never answers: it keeps its place until another comes for it.
async fn silent(turnstile: Turnstile, limits: Limits, admission: Admission) -> bool {
    match turnstile.enter(&limits, &admission).await {
        Some(under_way) => under_way.run(std::future::pending::<()>()).await.is_some(),
        None => false,
    }
}

async fn locally<T>(scenario: impl Future<Output = T>) -> T {
    LocalSet::new().run_until(scenario).await
}

#[tokio::test]
async fn between_two_handshakes_all_input_is_served_that_has_come() {
    locally(async {
        let ((turnstile, counts), limits) = (at_work(), limits(10_000));
        let order = Rc::new(RefCell::new(String::new()));
        for _ in 0..500 {
            let (turnstile, limits, order) = (turnstile.clone(), limits.clone(), order.clone());
            let admission = client(&counts, &limits, 1);
            spawn_local(async move {
                let _under_way = turnstile.enter(&limits, &admission).await.unwrap();
                order.borrow_mut().push('h');
            });
        }
        // A connection that stands: each of its exchanges needs the event loop to look for input.
        let (mut near, mut far) = UnixStream::pair().unwrap();
        spawn_local(async move {
            while let Ok(byte) = far.read_u8().await {
                far.write_u8(byte).await.unwrap();
            }
        });
        for _ in 0..200 {
            near.write_u8(1).await.unwrap();
            near.read_u8().await.unwrap();
            order.borrow_mut().push('r');
        }
        let order = order.borrow();
        let longest = order.split('r').map(str::len).max().unwrap();
        assert!(order.contains('h'), "{order}");
        // A request and its answer take two looks for input, and a handshake may begin before each.
        assert!(longest <= 2, "{longest} handshakes between two answers: {order}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_one_client_makes_room_for_another() {
    locally(async {
        let ((turnstile, counts), limits) = (at_work(), limits(4));
        for _ in 0..100 {
            spawn_local(silent(turnstile.clone(), limits.clone(), client(&counts, &limits, 1)));
        }
        tokio::task::yield_now().await;
        let start = Instant::now();
        for last in 2..=4 {
            let other = client(&counts, &limits, last);
            let under_way = turnstile.enter(&limits, &other).await.expect("a place");
            assert_eq!(under_way.run(async { 1 }).await, Some(1));
        }
        assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_handshake_keeps_its_place_for_a_second_against_those_that_have_as_many() {
    locally(async {
        let ((turnstile, counts), limits) = (at_work(), limits(2));
        let first = spawn_local(silent(turnstile.clone(), limits.clone(), client(&counts, &limits, 1)));
        let _second = spawn_local(silent(turnstile.clone(), limits.clone(), client(&counts, &limits, 2)));
        tokio::task::yield_now().await;
        let start = Instant::now();
        let third = client(&counts, &limits, 3);
        let _third = turnstile.enter(&limits, &third).await.expect("a place");
        assert!((1000..1100).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
        assert!(!first.await.unwrap(), "the oldest left");
        assert_eq!(counts.handshakes.load(std::sync::atomic::Ordering::Relaxed), 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_or_in_too_long_a_line_is_refused() {
    locally(async {
        let ((turnstile, counts), limits) = (at_work(), limits(1));
        for _ in 0..WAITING + 10 {
            spawn_local(silent(turnstile.clone(), limits.clone(), client(&counts, &limits, 1)));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        let at_once = refused(&counts);
        assert!((9..=11).contains(&at_once), "{at_once}");
        tokio::time::sleep(LONGEST).await;
        // Two had a place, a second each.
        assert!(refused(&counts) >= WAITING as u64, "{}", refused(&counts));
        assert_eq!(turnstile.0.waiting.borrow().len(), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn places_are_given_back_by_all_who_leave() {
    locally(async {
        let ((turnstile, counts), limits) = (at_work(), limits(8));
        let tasks: Vec<_> = (0..64)
            .map(|n| spawn_local(silent(turnstile.clone(), limits.clone(), client(&counts, &limits, n % 3))))
            .collect();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        for task in &tasks {
            task.abort();
        }
        tokio::time::sleep(LONGEST).await;
        assert_eq!(counts.handshakes.load(std::sync::atomic::Ordering::Relaxed), 0);
        assert_eq!(counts.connections.load(std::sync::atomic::Ordering::Relaxed), 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_client_has_no_more_handshakes_than_its_own_limit() {
    locally(async {
        let (turnstile, counts) = at_work();
        let limits = Limits { handshakes_per_client: NonZeroUsize::new(2), ..limits(100) };
        let admissions: Vec<_> = (0..3).map(|_| client(&counts, &limits, 1)).collect();
        let mut under_way = Vec::new();
        for admission in &admissions {
            under_way.push(turnstile.enter(&limits, admission).await);
        }
        assert_eq!(under_way.iter().filter(|one| one.is_some()).count(), 2);
        let other = client(&counts, &limits, 2);
        assert!(turnstile.enter(&limits, &other).await.is_some());
        drop(under_way);
        assert!(turnstile.enter(&limits, &admissions[2]).await.is_some());
    })
    .await;
}
