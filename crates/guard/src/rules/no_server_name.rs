//! Hellos without a server name. Whoever checks a DNS name sends it (RFC 6066 section 3); one that does
//! not is a scan, or a client that checks nothing. There are sound ones too: names are never sent for
//! addresses, nor by peers that know each other by SPIFFE IDs.

use hermetic_tls::{Alert, Refusal};

use super::RuleId;
use crate::hello::Hello;
use crate::rule::{Action, Judge, Phase, Rule};
use crate::settings::Settings;

pub(crate) static RULE: Rule = Rule {
    id: RuleId::NoServerName,
    phase: Phase::Hello,
    default: Action::Deny,
    allowed: &[Action::Deny, Action::Count],
    what: "A hello without a server name gets the alert `missing_extension`, unless a certificate of the \
           listener names an address, or clients are asked for certificates, as peers with SPIFFE IDs are. \
           On a `tls` or `postgres` listener, whose clients often never learned to send one, it is counted.",
    why: "A client that asks for no name can't check a DNS name, and scans of address ranges ask for none. \
          Servers may demand it (RFC 8446 section 9.2).",
    judge: Judge::Hello(refuse),
};

fn refuse(hello: &Hello<'_>, _: &Settings) -> Option<Refusal> {
    let nameless = hello.server_name.is_none() && !hello.verifiable_without_name;
    let reason = "the client asks for no server name, and no certificate here names an address; \
                  where clients come by one, add it to `names`";
    nameless.then(|| Refusal { alert: Alert::MissingExtension, reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::fired::Fired;
    use crate::samples::https;

    #[test]
    fn only_a_client_that_can_check_nothing_is_refused() {
        let refused = |server_name, verifiable_without_name| {
            let hello = Hello { server_name, ja4: None, verifiable_without_name };
            let judged = https().judge_hello(&hello, || Timestamp::UNIX_EPOCH, &mut Fired::default());
            judged.err().map(|refusal| refusal.alert)
        };
        assert_eq!(refused(None, false), Some(Alert::MissingExtension));
        assert_eq!((refused(None, true), refused(Some("shop.test"), false)), (None, None));
    }
}
