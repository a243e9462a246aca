use hermetic_probe::observe::{Observations, Support};
use hermetic_probe::{Depth, Scanned};
use hermetic_tls::{Identity, ProtocolVersion, SecurityPolicy};
use jiff::Timestamp;

use super::super::samples::{cleartext, named, observed, report, speaking, unreachable};
use super::super::targets::Named;
use super::watched::{Change, Watched};

const TLS1_2: (ProtocolVersion, u16) = (ProtocolVersion::TLS1_2, 0xC02B);
const TLS1_3: (ProtocolVersion, u16) = (ProtocolVersion::TLS1_3, 0x1301);

/// A watch that has seen this before.
fn after(each_address: bool, before: &[Scanned]) -> Watched {
    let mut watched = Watched::new(each_address);
    for scanned in before {
        assert_eq!(look(&mut watched, scanned), None, "the first scan is printed whole");
    }
    assert_eq!(complete(&mut watched), []);
    watched
}

fn look(watched: &mut Watched, scanned: &Scanned) -> Option<Change> {
    watched.compare(&named(), &report(scanned, Depth::Full))
}

fn complete(watched: &mut Watched) -> Vec<Change> {
    watched.complete(Timestamp::UNIX_EPOCH)
}

fn told(change: Option<Change>) -> (Vec<String>, Vec<String>) {
    change.map(|change| (change.added, change.removed)).unwrap_or_default()
}

/// What changes from one observation to the next.
fn between(before: Observations, now: Observations, depth: Depth) -> (Vec<String>, Vec<String>) {
    let mut watched = Watched::new(false);
    watched.compare(&named(), &report(&observed(before), depth));
    complete(&mut watched);
    told(watched.compare(&named(), &report(&observed(now), depth)))
}

#[test]
fn an_outage_and_a_recovery_are_told_although_nothing_took_a_connection() {
    let mut watched = after(false, &[cleartext("10.0.0.1:443")]);
    let mut next = |scanned: Scanned| told(look(&mut watched, &scanned));
    let (added, removed) = next(unreachable(None));
    assert_eq!((added, removed), (vec!["verdict unknown".to_owned()], vec!["verdict clear".to_owned()]));
    assert_eq!(next(unreachable(None)), Default::default());
    let (added, _) = next(cleartext("10.0.0.2:443"));
    assert_eq!(added, ["verdict clear"]);
}

#[test]
fn of_several_addresses_the_one_that_fails_is_told_and_a_new_one_is_told_whole() {
    let mut watched = after(true, &[cleartext("10.0.0.1:443"), cleartext("10.0.0.2:443")]);
    let mut next = |scanned: Scanned| look(&mut watched, &scanned);
    let change = next(unreachable(Some("10.0.0.2:443"))).unwrap();
    assert_eq!(change.address.as_deref(), Some("10.0.0.2:443"));
    assert_eq!(told(Some(change)).0, ["verdict unknown"]);
    assert_eq!(next(cleartext("10.0.0.1:443")), None);
    assert_eq!(told(next(cleartext("10.0.0.3:443"))).0, ["verdict clear", "finding cleartext"]);
}

#[test]
fn a_name_that_leads_nowhere_any_more_is_an_outage_of_all_its_addresses() {
    let mut watched = after(true, &[cleartext("10.0.0.1:443"), cleartext("10.0.0.2:443")]);
    let mut next = |scanned: Scanned| told(look(&mut watched, &scanned));
    assert_eq!(next(unreachable(None)).0, ["verdict unknown"]);
    assert_eq!(next(unreachable(None)), Default::default());
    for address in ["10.0.0.1:443", "10.0.0.2:443"] {
        assert_eq!(next(cleartext(address)).0, ["verdict clear"], "{address}");
    }
}

#[test]
fn what_is_given_up_is_told_by_a_fast_scan_too() {
    for (depth, gone) in [
        (Depth::Full, "TLSv1.2 accepts TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        (Depth::Fast, "TLSv1.2 chooses TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    ] {
        let mut before = speaking(&[TLS1_2, TLS1_3]);
        let mut now = speaking(&[TLS1_3]);
        if depth == Depth::Fast {
            for observed in before.versions.iter_mut().chain(&mut now.versions) {
                observed.suites.is_whole = Support::Unknown("a fast scan does not ask".to_owned());
            }
        }
        let (_, removed) = between(before, now, depth);
        assert!(removed.contains(&"speaks TLSv1.2".to_owned()), "{removed:?}");
        assert!(removed.contains(&gone.to_owned()), "{removed:?}");
    }
}

#[test]
fn what_was_not_to_be_seen_this_time_is_not_gone() {
    let silent = || Support::Unknown("silence".to_owned());
    let mut of_version = speaking(&[TLS1_3]);
    of_version.versions[1].support = silent();
    let mut of_list = speaking(&[TLS1_2, TLS1_3]);
    of_list.versions[1].suites.accepted.clear();
    of_list.versions[1].suites.is_whole = silent();
    for now in [of_version, of_list] {
        let (added, removed) = between(speaking(&[TLS1_2, TLS1_3]), now, Depth::Full);
        assert_eq!((added.len(), removed), (0, Vec::new()), "{added:?}");
    }
}

#[test]
fn an_address_that_leaves_the_name_is_told_once_and_forgotten() {
    let mut watched = after(true, &[cleartext("10.0.0.1:443"), cleartext("10.0.0.2:443")]);
    assert_eq!(look(&mut watched, &cleartext("10.0.0.1:443")), None);
    let gone = complete(&mut watched);
    let [change] = gone.as_slice() else { panic!("{gone:?}") };
    assert_eq!(change.address.as_deref(), Some("10.0.0.2:443"));
    assert_eq!((change.removed.len(), change.reason.as_str()), (2, "its name leads there no more"));
    look(&mut watched, &cleartext("10.0.0.1:443"));
    assert_eq!(complete(&mut watched), []);
    // It is new again.
    assert_eq!(told(look(&mut watched, &cleartext("10.0.0.2:443"))).0.len(), 2);
}

#[test]
fn an_outage_of_a_name_takes_none_of_its_addresses_off_the_watch() {
    let mut watched = after(true, &[cleartext("10.0.0.1:443"), cleartext("10.0.0.2:443")]);
    look(&mut watched, &unreachable(None));
    assert_eq!(complete(&mut watched), []);
}

#[test]
fn a_target_that_is_on_the_list_no_more_is_told_once() {
    let mut watched = after(false, &[cleartext("10.0.0.1:443")]);
    let gone = complete(&mut watched);
    assert_eq!(gone.iter().map(|it| it.reason.as_str()).collect::<Vec<_>>(), ["it is no target any more"]);
    assert_eq!(complete(&mut watched), []);
}

#[test]
fn targets_at_one_endpoint_are_watched_apart() {
    let by = |change: fn(&mut Named)| {
        let mut named = named();
        change(&mut named);
        named
    };
    let others = [
        named(),
        by(|it| it.target.expected = Identity::host("other.test").unwrap()),
        by(|it| it.target.policy = SecurityPolicy::named("mozilla/modern").unwrap()),
    ];
    let states = [cleartext("10.0.0.1:443"), unreachable(None), observed(speaking(&[TLS1_2]))];
    let mut watched = Watched::new(false);
    for _ in 0..3 {
        for (named, scanned) in others.iter().zip(&states) {
            assert_eq!(watched.compare(named, &report(scanned, Depth::Full)), None);
        }
        assert_eq!(complete(&mut watched), []);
    }
}
