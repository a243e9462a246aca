//! Named TLS policies: by the list where one is given, else by what a policy allows, whatever its name.

use crate::span::Span;
use crate::test::{Held, TlsFloor};
use crate::verdict::Judgement;

/// Judges a policy that a property names.
pub(super) fn judge(floor: &TlsFloor, listed: &[&str], policy: &str, property: &str, at: Span) -> Judgement {
    if !listed.is_empty() {
        return match listed.contains(&policy) {
            true => Judgement::pass(format!("{property} is {policy}"), at),
            false => Judgement::fail(format!("{property} is {policy}, which is not in the list"), at),
        };
    }
    match floor.kept_by(policy) {
        Held::Yes => Judgement::pass(format!("{property} is {policy}"), at),
        Held::No => Judgement::fail(format!("{property} is {policy}, which {}", floor.broken_by(policy)), at),
        Held::Unknown(why) => Judgement::unknown(why, at),
    }
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
    fn of_many_suites_the_first_few_are_told_and_how_many_more() {
        let floor = TlsFloor { forward_secrecy: true, aead: true, ..TlsFloor::of("cloudfront", "1.2") };
        let said = said(&floor, "TLSv1.2_2018");
        assert_eq!(said.matches("TLS_").count(), 3, "{said}");
        assert!(said.ends_with(" more"), "{said}");
    }
}
