//! What is told of servers that do everything wrong, and that the rest of a list is scanned beside them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use hermetic_hop::ExternalEndpoint;
use hermetic_probe::observe::Manners;
use hermetic_probe::way::{Limits, Way};
use hermetic_probe::{Depth, Outcome, Plan, Scanned, Target, scan_all};
use hermetic_tls::{RevokedCertificates, SecurityPolicy, SystemClock, SystemRandomness, TrustAnchors};
use tokio::sync::mpsc;

use crate::faulty::{Fault, Faulty};
use crate::server::OpenSsl;

struct Listed(Target);

impl AsRef<Target> for Listed {
    fn as_ref(&self) -> &Target {
        &self.0
    }
}

fn target(endpoint: &str, trust: &TrustAnchors) -> Listed {
    let endpoint: ExternalEndpoint = endpoint.parse().unwrap();
    Listed(Target {
        endpoint,
        trust: trust.clone(),
        revoked: RevokedCertificates::default(),
        expected: "shop.test".parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: None,
    })
}

fn trust() -> TrustAnchors {
    let made = rcgen::generate_simple_self_signed(vec!["root.test".to_owned()]).unwrap();
    TrustAnchors::from_pem(&made.cert.pem()).unwrap()
}

fn plan(depth: Depth) -> Plan {
    let manners = Manners {
        way: Way::new(None, Limits { per_host: 200, ..Limits::default() }),
        connect: Duration::from_secs(1),
        answer: Duration::from_secs(2),
        back_off: Duration::from_millis(10),
        ..Manners::default()
    };
    let (at_once, workers) = (NonZeroUsize::new(50).unwrap(), NonZeroUsize::new(2).unwrap());
    Plan { manners, depth, each_address: false, at_once, workers }
}

async fn scanned(targets: Vec<Listed>, plan: Plan) -> Vec<(String, Scanned)> {
    let (sender, receiver) = mpsc::channel(1);
    let clock = Arc::new(SystemClock);
    let mut seen = scan_all(receiver, plan, clock, Arc::new(SystemRandomness::default())).unwrap();
    tokio::spawn(async move {
        for target in targets {
            sender.send(target).await.ok();
        }
    });
    let mut all = Vec::new();
    while let Some((target, scanned)) = seen.recv().await {
        all.push((target.0.endpoint.to_string(), scanned));
    }
    all
}

/// Why nothing was seen.
#[expect(clippy::panic, reason = "a scenario that breaks off has failed")]
fn reason(scanned: &Scanned) -> &str {
    match &scanned.outcome {
        Outcome::Unreachable { reason, .. } => reason,
        Outcome::Seen(evidence) => panic!("seen: {evidence:?}"),
    }
}

#[tokio::test]
async fn each_fault_is_told_in_bounded_time_and_memory_and_the_rest_of_the_list_is_scanned() {
    let trust = trust();
    let faulty = Fault::ALL.map(Faulty::start);
    let sound = OpenSsl::start(&[]);
    let mut targets: Vec<_> =
        faulty.iter().map(|server| target(&format!("tls://{}", server.address), &trust)).collect();
    targets.push(target("tls://vanished.invalid:443", &trust));
    targets.push(target(&format!("tls://{}", sound.address), &trust));
    let start = Instant::now();
    let all = scanned(targets, plan(Depth::Full)).await;
    assert!(start.elapsed() < Duration::from_secs(100), "{:?}", start.elapsed());
    assert_eq!(all.len(), 12);
    let of = |endpoint: String| all.iter().find(|(told, _)| *told == endpoint).map(|(_, it)| it).unwrap();
    for (fault, server) in Fault::ALL.into_iter().zip(&faulty) {
        let scanned = of(format!("tls://{}", server.address));
        let told = reason(scanned);
        let expected: &[&str] = match fault {
            Fault::Silence | Fault::HalfAnAnswer | Fault::Tarpit => &["no answer in time"],
            Fault::Garbage => &["unknown protocol"],
            Fault::Flood => {
                &["more than 64 KiB", "too large", "oversized", "corrupt", "invalid", "no answer in time"]
            }
            Fault::Reset => &["reset"],
            Fault::HangUp => &["closed", "eof", "ended"],
            Fault::AlertStorm => &["alert", "unexpected", "TooMany", "too many"],
            Fault::HelloRetryLoop => &["HelloRetry", "retry", "misbehaved"],
            Fault::Filtered => &["does not answer"],
        };
        assert!(expected.iter().any(|it| told.contains(it)), "{fault:?}: {told}");
        // What the kernels on both sides hold is not ours.
        let sent = server.sent.load(Ordering::Relaxed);
        assert!(sent < 200 << 20, "{fault:?}: {sent} bytes");
    }
    assert!(reason(of("tls://vanished.invalid:443".to_owned())).contains("can't be resolved"));
    let sound = of(format!("tls://{}", sound.address));
    assert!(matches!(sound.outcome, Outcome::Seen(_)), "{sound:?}");
    assert!(sound.observed.as_ref().unwrap().is_ok());
}

#[tokio::test]
async fn a_target_has_so_much_time_and_so_many_connections_and_what_is_not_asked_is_unknown() {
    let server = OpenSsl::start(&["-cipher", "ALL:@SECLEVEL=0"]);
    let mut plan = plan(Depth::Full);
    plan.manners.most_connections = 20;
    let all = scanned(vec![target(&format!("tls://{}", server.address), &trust())], plan).await;
    let [(_, Scanned { observed: Some(Ok(seen)), connections, .. })] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(connections.total(), 20);
    let broken = seen.versions.iter().filter(|observed| {
        let whole = &observed.suites.is_whole;
        matches!(whole, hermetic_probe::observe::Support::Unknown(why) if why.contains("all connections"))
    });
    assert!(broken.count() > 0, "{seen:?}");
}

#[tokio::test]
async fn who_takes_no_more_is_asked_no_more() {
    let server = Faulty::start(Fault::Silence);
    let endpoint = format!("tls://{}", server.address);
    let (sender, receiver) = mpsc::channel(1);
    let plan = Plan { at_once: NonZeroUsize::MIN, ..plan(Depth::Fast) };
    let seen =
        scan_all(receiver, plan, Arc::new(SystemClock), Arc::new(SystemRandomness::default())).unwrap();
    let trust = trust();
    sender.send(target(&endpoint, &trust)).await.ok();
    drop(seen);
    // The queue closes once the workers have gone.
    let closed = async { while sender.send(target(&endpoint, &trust)).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(20), closed).await.unwrap();
}
