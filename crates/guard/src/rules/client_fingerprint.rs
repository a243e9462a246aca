//! Clients by the fingerprint of their hello (JA4): a list of those that may come, or of those that may
//! not. A fingerprint is no proof of who somebody is, since any client can imitate another; it tells a
//! known tool from an unknown one before a handshake is paid for.

use hermetic_tls::{Alert, Refusal};

use super::RuleId;
use crate::hello::Hello;
use crate::rule::{Action, Judge, Phase, Rule};
use crate::settings::Settings;

pub(crate) static RULE: Rule = Rule {
    id: RuleId::ClientFingerprint,
    phase: Phase::Hello,
    default: Action::Deny,
    allowed: &[Action::Deny, Action::Count],
    what: "A hello whose JA4 fingerprint is on the list `deny`, or is missing on the list `allow`, gets the \
           alert `access_denied`. Without a list it judges nothing. The access log tells the fingerprint of \
           every client.",
    why: "A fleet of machines has few kinds of clients, and what attacks it is another kind. A fingerprint \
          can be imitated: it is a filter, never an identity.",
    judge: Judge::Hello(refuse),
};

fn refuse(hello: &Hello<'_>, settings: &Settings) -> Option<Refusal> {
    let ja4 = hello.ja4?;
    let reason = || format!("the client's fingerprint {ja4} is not admitted here");
    (!settings.fingerprints().admit(ja4)).then(|| Refusal { alert: Alert::AccessDenied, reason: reason() })
}

#[cfg(test)]
mod tests {
    use hermetic_tls::Ja4;
    use jiff::Timestamp;

    use super::*;
    use crate::fired::Fired;
    use crate::samples::https;
    use crate::settings::Fingerprints;

    const BROWSER: &str = "t13d1516h2_8daaf6152771_e5627efa2ab1";
    const TOOL: &str = "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6";

    fn comes_in(settings: &Settings, ja4: &str) -> bool {
        let ja4: Ja4 = ja4.parse().unwrap();
        let hello = Hello { server_name: Some("shop.test"), ja4: Some(&ja4), verifiable_without_name: false };
        settings.judge_hello(&hello, || Timestamp::UNIX_EPOCH, &mut Fired::default()).is_ok()
    }

    fn with(allow: &[&str], deny: &[&str]) -> Settings {
        let read = |list: &[&str]| list.iter().map(|ja4| ja4.parse().unwrap()).collect();
        let mut settings = https();
        settings.tell(RuleId::ClientFingerprint, Action::Deny, None);
        settings.tell_fingerprints(Fingerprints { allow: read(allow), deny: read(deny) });
        settings
    }

    #[test]
    fn a_list_decides_who_comes_in() {
        assert!(comes_in(&https(), TOOL));
        assert!(comes_in(&with(&[BROWSER], &[]), BROWSER) && !comes_in(&with(&[BROWSER], &[]), TOOL));
        assert!(comes_in(&with(&[], &[TOOL]), BROWSER) && !comes_in(&with(&[], &[TOOL]), TOOL));
        assert!(!comes_in(&with(&[TOOL], &[TOOL]), TOOL));
    }
}
