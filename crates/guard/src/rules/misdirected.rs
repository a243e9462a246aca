//! A host that the connection was not made for. Browsers reuse an HTTP/2 connection for every name that
//! its certificate covers, which is sound; a name that no certificate covers is not. Where clients are
//! asked for a certificate the names must be equal: what one name demands of clients, a connection that
//! was made for another must not get around.

use http::StatusCode;

use super::RuleId;
use crate::request::{Denial, Request};
use crate::rule::{Action, Judge, Phase, Rule};

pub(crate) static RULE: Rule = Rule {
    id: RuleId::Misdirected,
    phase: Phase::Request,
    default: Action::Deny,
    allowed: &[Action::Deny, Action::Count],
    what: "A request for a host that no certificate of the listener covers gets 421. Where clients are asked \
           for certificates, so does one for another host than the server name of its connection, and the \
           rule can't be weakened. An authenticated previous hop passes on the host that its own client asked \
           for, which is judged there.",
    why: "A handshake by one name and a request for another goes around what the other name demands \
          (cloudfoundry/haproxy-boshrelease#218, sozu-proxy/sozu#369; RFC 9110 section 15.5.20). Clients \
          repeat the request over a new connection.",
    judge: Judge::Request(deny),
};

fn deny(request: &Request<'_>) -> Option<Denial> {
    if request.trusted || !request.encrypted {
        return None;
    }
    let denied = |reason| Some(Denial { status: StatusCode::MISDIRECTED_REQUEST, reason });
    match request.server_name {
        Some(name) if request.asks_clients && name != request.host => {
            denied("this connection was made for another host")
        }
        _ if !(request.covers)(request.host) => {
            denied("no certificate of this port covers the requested host")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Sample;

    fn judged(sample: Sample) -> Option<StatusCode> {
        sample.judged(RuleId::Misdirected)
    }

    #[test]
    fn a_host_that_a_certificate_covers_may_share_a_connection() {
        assert_eq!(judged(Sample { host: "api.test", ..Sample::default() }), None);
        let other = Sample { host: "other.test", ..Sample::default() };
        assert_eq!(judged(other.clone()), Some(StatusCode::MISDIRECTED_REQUEST));
        assert_eq!(judged(Sample { trusted: true, ..other }), None);
    }

    #[test]
    fn where_clients_are_asked_for_certificates_the_names_are_equal() {
        let asking = Sample { asks_clients: true, ..Sample::default() };
        assert_eq!(judged(asking.clone()), None);
        let api = Sample { host: "api.test", ..asking };
        assert_eq!(judged(api.clone()), Some(StatusCode::MISDIRECTED_REQUEST));
        assert_eq!(judged(Sample { server_name: None, ..api }), None);
    }
}
