//! Whether sessions are really gone on with, in each form that they have: shown by handshakes that do it.

use std::time::Duration;

use hermetic_tls::trial::{SessionForm, SessionSeen, SessionTrial};
use hermetic_tls::{HandshakeError, ProtocolVersion};

use super::dial::Dialer;
use super::features::{newest_in_clear, stated};
use super::{Reply, Support, VersionObserved};

/// What a server does with sessions. `Unasked` where it does not speak the version, or gives none of the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// A session of TLS 1.2 goes on by its id, which the server remembers.
    pub by_id: Support,
    /// A session of TLS 1.2 goes on by a ticket (RFC 5077).
    pub by_ticket: Support,
    /// For how long a ticket of TLS 1.2 holds, by the server's word; `None` where it does not say.
    pub ticket_lifetime: Option<Duration>,
    /// One ticket of TLS 1.2 is taken again and again.
    pub ticket_again: Support,
    /// A session of TLS 1.3 goes on (RFC 8446 section 2.2).
    pub by_psk: Support,
    /// For how long the first ticket of TLS 1.3 holds, by the server's word.
    pub psk_lifetime: Option<Duration>,
    /// Data may come before the handshake is over: 0-RTT, which others can replay (RFC 8446 section 8).
    pub early_data: Support,
    /// How many bytes of that, at most.
    pub early_data_size: u32,
}

/// What is seen of a server whose versions were seen before.
pub(super) async fn seen(dialer: &Dialer<'_>, versions: &[VersionObserved]) -> Sessions {
    let speaks = |version| versions.iter().any(|it| it.version == version && it.support.is_yes());
    let tls1_2 = speaks(ProtocolVersion::TLS1_2);
    let tickets = newest_in_clear(versions).is_some_and(|(_, first)| stated(first).session_tickets.is_yes());
    let forms = [
        (SessionForm::Id, 2, tls1_2),
        (SessionForm::Ticket, 3, tls1_2 && tickets),
        (SessionForm::Psk, 2, speaks(ProtocolVersion::TLS1_3)),
    ];
    let [by_id, by_ticket, by_psk] = forms.map(async |(form, count, given)| match given {
        true => visits(dialer, form, count).await,
        false => Vec::new(),
    });
    let (by_id, by_ticket, by_psk) = tokio::join!(by_id, by_ticket, by_psk);
    let (early_data, early_data_size) = early_data(&by_psk);
    Sessions {
        by_id: resumed(&by_id),
        by_ticket: resumed(&by_ticket),
        ticket_lifetime: given(&by_ticket).and_then(|(lifetime, _)| lifetime),
        ticket_again: taken_again(&by_ticket),
        by_psk: resumed(&by_psk),
        psk_lifetime: given(&by_psk).and_then(|(lifetime, _)| lifetime),
        early_data,
        early_data_size,
    }
}

/// Whether a ticket that was gone on with once is gone on with again.
fn taken_again(visits: &Visits) -> Support {
    match visits.as_slice() {
        [_, Ok(second), Ok(third)] if second.resumed && third.resumed => Support::Yes,
        [_, Ok(second), Ok(_)] if second.resumed => Support::No(ANEW.to_owned()),
        _ => Support::Unasked,
    }
}

/// Whether data may come early, and how many bytes of it.
fn early_data(visits: &Visits) -> (Support, u32) {
    let support = match (given(visits), resumed(visits)) {
        (Some((_, size @ 1..)), _) => return (Support::Yes, size),
        (Some((_, 0)), _) => Support::No("its tickets allow none".to_owned()),
        (None, Support::Yes) => Support::Unasked,
        (None, told) => told,
    };
    (support, 0)
}

const ANEW: &str = "it began a new session";

type Visits = Vec<Result<SessionSeen, String>>;

/// So many handshakes one after another, fewer where there is no session to go on with.
async fn visits(dialer: &Dialer<'_>, form: SessionForm, count: usize) -> Visits {
    let name = dialer.endpoint.server_name.as_ref();
    let trial = match SessionTrial::new(form, name, dialer.farewell()) {
        Ok(trial) => trial,
        Err(error) => return vec![Err(error.to_string())],
    };
    let mut visits = Vec::new();
    for number in 0..count {
        let visit = dialer.converse(async |io| trial.handshake(io).await.map_err(told)).await;
        let visit = visit.unwrap_or_else(|reply: Reply| Err(reply.to_string()));
        let goes_on = match (&visit, number) {
            (Ok(first), 0) => !first.given.is_empty(),
            (Ok(later), _) => later.resumed,
            (Err(_), _) => false,
        };
        visits.push(visit);
        if !goes_on {
            break;
        }
    }
    visits
}

fn told(error: HandshakeError) -> String {
    error.to_string()
}

fn resumed(visits: &Visits) -> Support {
    match visits.as_slice() {
        [Err(reason), ..] | [_, Err(reason), ..] => Support::Unknown(reason.clone()),
        [_, Ok(second), ..] if second.resumed => Support::Yes,
        [_, Ok(_), ..] => Support::No(ANEW.to_owned()),
        [Ok(_)] => Support::No("it gives no session to go on with".to_owned()),
        [] => Support::Unasked,
    }
}

/// The lifetime of the first session that was given, and how much early data it allows.
fn given(visits: &Visits) -> Option<(Option<Duration>, u32)> {
    let first = visits.first()?.as_ref().ok()?.given.first()?;
    Some((first.lifetime, first.early_data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(resumed: bool, given: usize) -> Result<SessionSeen, String> {
        let ticket = hermetic_tls::trial::TicketSeen { lifetime: None, early_data: 0 };
        Ok(SessionSeen { resumed, given: vec![ticket; given] })
    }

    #[test]
    fn only_a_handshake_that_went_on_shows_that_sessions_do() {
        let lost = || Err("it reset the connection".to_owned());
        assert_eq!(resumed(&vec![visit(false, 1), visit(true, 1)]), Support::Yes);
        assert_eq!(resumed(&vec![visit(false, 1), visit(false, 1)]), Support::No(ANEW.to_owned()));
        assert!(matches!(resumed(&vec![visit(false, 0)]), Support::No(_)));
        assert!(matches!(resumed(&vec![visit(false, 1), lost()]), Support::Unknown(_)));
        assert!(matches!(resumed(&vec![lost()]), Support::Unknown(_)));
    }
}
