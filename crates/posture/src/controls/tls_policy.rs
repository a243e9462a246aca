//! Named TLS policies: by the list where one is given, else by what a policy allows, whatever its name.

use crate::span::Span;
use crate::test::{Held, TlsFloor};
use crate::verdict::Judgement;

/// Judges a policy that a property names.
pub(super) fn judge(floor: &TlsFloor, listed: &[&str], policy: &str, property: &str, at: Span) -> Judgement {
    if !listed.is_empty() {
        return match listed.contains(&policy) {
            true => Judgement::pass(format!("{property} is {policy}"), at),
            false => Judgement::fail(unlisted(floor, listed.len(), policy, property), at),
        };
    }
    match floor.kept_by(policy) {
        Held::Yes => Judgement::pass(format!("{property} is {policy}"), at),
        Held::No => Judgement::fail(format!("{property} is {policy}, which {}", floor.broken_by(policy)), at),
        Held::Unknown(why) => Judgement::unknown(why, at),
    }
}

/// A policy that is none of those that are listed, with what it allows beyond what they do.
fn unlisted(floor: &TlsFloor, listed: usize, policy: &str, property: &str) -> String {
    let strict = TlsFloor { forward_secrecy: true, aead: true, ..floor.clone() };
    let broken = match floor.broken_by(policy) {
        broken if !broken.is_empty() => broken,
        _ => strict.broken_by(policy),
    };
    let allows = if broken.is_empty() { String::new() } else { format!(" {broken}, and") };
    let list = if listed == 1 { "not the one".to_owned() } else { format!("none of the {listed}") };
    format!("{property} is {policy}, which{allows} is {list} that the control takes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn said(floor: &TlsFloor, policy: &str) -> String {
        let judged = judge(floor, &[], policy, "SslPolicy", FileId::NOWHERE.start());
        judged.grounds.into_iter().map(|ground| ground.message).collect()
    }

    #[test]
    fn a_policy_with_old_versions_is_told_by_these_alone() {
        let said = said(&TlsFloor::of("elb", "1.2"), "ELBSecurityPolicy-2016-08");
        assert_eq!(said, "SslPolicy is ELBSecurityPolicy-2016-08, which allows TLSv1.0 and TLSv1.1");
    }

    #[test]
    fn a_policy_that_is_not_listed_is_told_with_what_it_allows() {
        let listed = ["ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"];
        let said = |policy: &str| {
            let floor = TlsFloor::of("elb", "1.2");
            let judged = judge(&floor, &listed, policy, "SslPolicy on port 443", FileId::NOWHERE.start());
            judged.grounds.into_iter().map(|ground| ground.message).collect::<String>()
        };
        assert_eq!(
            said("ELBSecurityPolicy-2016-08"),
            "SslPolicy on port 443 is ELBSecurityPolicy-2016-08, which allows TLSv1.0 and TLSv1.1, and is none of \
             the 2 that the control takes"
        );
        let newer = said("ELBSecurityPolicy-TLS13-1-2-2021-06");
        assert!(newer.contains("which allows TLS_ECDHE_") && newer.contains("_CBC_"), "{newer}");
        let unheard = said("ELBSecurityPolicy-Ours");
        assert!(
            unheard.ends_with("ELBSecurityPolicy-Ours, which is none of the 2 that the control takes"),
            "{unheard}"
        );
    }

    #[test]
    fn of_many_suites_the_first_few_are_told_and_how_many_more() {
        let floor = TlsFloor { forward_secrecy: true, aead: true, ..TlsFloor::of("cloudfront", "1.2") };
        let said = said(&floor, "TLSv1.2_2018");
        assert_eq!(said.matches("TLS_").count(), 3, "{said}");
        assert!(said.ends_with(" more"), "{said}");
    }
}
