//! Named TLS policies: by the list where one is given, else by what a policy allows, whatever its name.

use crate::span::Span;
use crate::test::{Held, TlsFloor};
use crate::verdict::Judgement;

/// Judges a policy that a property names.
pub(super) fn judge(floor: &TlsFloor, listed: &[&str], policy: &str, property: &str, at: Span) -> Judgement {
    let held = match listed.is_empty() {
        true => floor.kept_by(policy),
        false if listed.contains(&policy) => Held::Yes,
        false => Held::No,
    };
    match held {
        Held::Yes => Judgement::pass(format!("{property} is {policy}"), at),
        Held::No => {
            Judgement::fail(format!("{property} is {policy}, which allows {}", too_much(floor, listed)), at)
        }
        Held::Unknown(why) => Judgement::unknown(why, at),
    }
}

fn too_much(floor: &TlsFloor, listed: &[&str]) -> String {
    let mut more = vec![format!("TLS below {}", floor.floor)];
    more.extend(floor.forward_secrecy.then(|| "suites without forward secrecy".to_owned()));
    more.extend(floor.aead.then(|| "suites without authenticated encryption".to_owned()));
    more.extend(floor.post_quantum.then(|| "no post-quantum group".to_owned()));
    more.extend(floor.fips.then(|| "no module of FIPS 140".to_owned()));
    match listed.is_empty() {
        true => more.join(", or "),
        false => "what is not asked for: it is not in the list".to_owned(),
    }
}
