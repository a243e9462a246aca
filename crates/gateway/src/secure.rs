//! Secure: prelude → hello → select → handshake → identify, for every listener at which TLS ends.

use hermetic_guard::{Action, RuleId};
use hermetic_hop::{CleartextRefused, Demand, View};
use hermetic_tls::hello::HelloError;
use hermetic_tls::{
    Alert, CredentialHandle, HandshakeError, Negotiated, PeerCertificateProblem, Refusal, TlsStream,
};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::deadline::Deadline;
use crate::door::{Door, HelloFacts};
use crate::handshake::{self, Failure};
use crate::hello::{self, Opening, OpeningError};
use crate::identify::Client;
use crate::limits::{self, Admission, Limit};
use crate::live::{Held, Registration};
use crate::prelude::Arrival;
use crate::sightings::Sighted;
use crate::snapshot::{ListenerSnapshot, TerminationSnapshot};
use crate::worker::Worker;

/// A connection whose ClientHello is there.
#[derive(Debug)]
pub(crate) struct Opened<'a> {
    pub stream: TcpStream,
    pub opening: Opening,
    /// The application protocol that it must offer.
    pub alpn: Option<&'static str>,
    /// By when its handshake must be over.
    pub deadline: Deadline,
    pub door: Door<'a>,
}

/// A stream whose TLS stands, and what its handshake showed.
#[derive(Debug)]
pub(crate) struct Secured {
    pub stream: TlsStream<TcpStream>,
    pub client: Client,
    pub sighted: Sighted,
    pub hello: HelloFacts,
    pub registration: Option<Registration>,
}

/// hello → select → handshake → identify. `None` where one of them refused; it is on record then.
pub(crate) async fn secure(
    worker: &Worker,
    listener: &ListenerSnapshot,
    termination: &TerminationSnapshot,
    arrival: Arrival,
    admission: &Admission,
) -> Option<Secured> {
    let opened = open(worker, listener, &termination.demand, arrival, admission).await?;
    terminate(termination, opened, admission).await
}

/// hello: reads it. `None` where it was refused; it is on record then.
pub(crate) async fn open<'a>(
    worker: &'a Worker,
    listener: &'a ListenerSnapshot,
    demand: &Demand,
    arrival: Arrival,
    admission: &Admission,
) -> Option<Opened<'a>> {
    let Arrival { mut stream, ends, received, alpn, deadline } = arrival;
    let mut door = Door { worker, listener, ends, hello: HelloFacts::default() };
    let silent = admission.silent(&worker.silent);
    let reading = hello::read(&mut stream, &received, deadline);
    let Some(read) = silent.hold(reading).await else {
        admission.refuse(Limit::Connections);
        limits::close(&stream);
        return None;
    };
    match read {
        Ok(opening) => {
            door.note(&opening.hello);
            Some(Opened { stream, opening, alpn, deadline, door })
        }
        Err(OpeningError::Silent) => None,
        Err(error) => door.failed(error.alert(), &told(&error, demand, worker)),
    }
}

/// select → handshake → identify. `None` where one of them refused; it is on record then.
pub(crate) async fn terminate(
    termination: &TerminationSnapshot,
    mut opened: Opened<'_>,
    admission: &Admission,
) -> Option<Secured> {
    let credential = match opened.select(termination) {
        Ok(credential) => credential,
        Err(refusal) => {
            opened.refuse(refusal.alert, &refusal.reason).await;
            return None;
        }
    };
    let Opened { stream, opening, deadline, mut door, .. } = opened;
    let (worker, listener) = (door.worker, door.listener);
    // Up to here nothing was computed that costs: from here on, no more at once than the limits say.
    let crowded = || worker.ledger().failed(&listener.stranger, View::Server, "too many handshakes");
    let queued = Instant::now();
    let Some(under_way) = worker.turnstile.enter(&listener.limits, admission).await else {
        crowded();
        limits::close(&stream);
        return None;
    };
    // Others' handshakes are no slowness of this client's.
    let deadline = deadline.later(queued.elapsed());
    let handshake = handshake::accept(termination, credential, &opening, stream, deadline);
    let mut stream = match under_way.run(handshake).await {
        Some(Ok(stream)) => stream,
        None => {
            admission.refuse(Limit::Handshakes);
            crowded();
            return None;
        }
        Some(Err(error)) => {
            match &error {
                Failure::Tls(HandshakeError::NothingInCommon(_)) => {
                    door.hello.fired.note(RuleId::BelowFloor, Action::Deny);
                }
                Failure::Tls(HandshakeError::PeerCertificate(problem)) => {
                    worker.ledger().certificate_refused(&listener.stranger, problem);
                }
                _ => {}
            }
            return door.failed(None, &error.to_string());
        }
    };
    let client = Client::of(termination, listener, stream.negotiated(), door.ends.clone());
    let registration = match enter(worker, (listener, termination), &client, stream.negotiated()) {
        Ok(registration) => registration,
        Err(problem) => {
            worker.ledger().certificate_refused(&listener.stranger, &problem);
            return door.failed(None, &HandshakeError::PeerCertificate(problem).to_string());
        }
    };
    let evidence = handshake::seen_by_server(&opening.hello, stream.negotiated(), worker.clock.now());
    match client.admitted {
        true => worker.ledger().connected(&client.hop, &evidence),
        false => worker.ledger().failed(&client.hop, View::Server, "an identity that is not admitted"),
    }
    worker.ledger().guarded(&listener.name, door.hello.fired);
    let key_updates = worker.ledger().key_updates(&client.hop, View::Server);
    stream.update_keys_after(termination.key_update_after, key_updates);
    let sighted = Sighted::new(&client.hop, termination.demand.mode(), termination.policy, evidence);
    Some(Secured { stream, client, sighted, hello: door.hello, registration })
}

impl Opened<'_> {
    /// The certificate for a hello that the policy and the guard let pass.
    fn select(&mut self, termination: &TerminationSnapshot) -> Result<CredentialHandle, Refusal> {
        let (hello, local) = (&*self.opening.hello, self.door.ends.server.ip());
        let credential = termination.handshake.select(hello, local).inspect_err(|refusal| {
            let rule = match refusal.alert {
                Alert::ProtocolVersion => RuleId::BelowFloor,
                Alert::InappropriateFallback => RuleId::Fallback,
                _ => return,
            };
            self.door.hello.fired.note(rule, Action::Deny);
        })?;
        let verifiable = termination.asks_clients || termination.handshake.answers_addresses(local);
        self.door.judge(&termination.guard, hello, verifiable)?;
        offers(&self.opening, self.alpn)?;
        Ok(credential)
    }

    /// Refuses the hello with this alert, and puts that on record.
    pub async fn refuse(mut self, alert: Alert, reason: &str) {
        let _none: Option<()> = self.door.failed(Some(alert), reason);
        hello::refuse(&mut self.stream, alert).await;
    }
}

/// Whether a hello offers the application protocol without which its protocol begins with no hello.
fn offers(opening: &Opening, demanded: Option<&'static str>) -> Result<(), Refusal> {
    let offered = |name: &str| opening.hello.alpn.iter().any(|offered| offered == name.as_bytes());
    match demanded {
        Some(name) if !offered(name) => {
            let reason = format!("the hello does not offer the application protocol `{name}`");
            Err(Refusal { alert: Alert::NoApplicationProtocol, reason })
        }
        _ => Ok(()),
    }
}

/// Why there is no hello. Cleartext that passed up to yesterday is told by the exception that ended.
fn told(error: &OpeningError, demand: &Demand, worker: &Worker) -> String {
    let in_cleartext = matches!(error, OpeningError::Refused(HelloError::CleartextHttp | HelloError::NotTls));
    match demand.cleartext(worker.clock.now()) {
        Err(ended @ CleartextRefused::Ended { .. }) if in_cleartext => ended.to_string(),
        _ => error.to_string(),
    }
}

/// Enters the connection among the live ones whose clients showed a certificate. Only then, and before any
/// byte of it counts, is looked whether that was revoked meanwhile: a revocation ends those that it finds.
fn enter(
    worker: &Worker,
    (listener, termination): (&ListenerSnapshot, &TerminationSnapshot),
    client: &Client,
    negotiated: &Negotiated,
) -> Result<Option<Registration>, PeerCertificateProblem> {
    let Some(chain) = &negotiated.peer else { return Ok(None) };
    let unproven = || PeerCertificateProblem::Other("how it was verified is not known".to_owned());
    let path = negotiated.path.clone().ok_or_else(unproven)?;
    let (bind, revocations) = (listener.bind.clone(), termination.revocations.clone());
    let held = Held { bind, revocations, hop: client.hop.clone(), path };
    let registration = worker.live.register(held.clone(), chain, worker.clock.clone());
    match worker.problem(&held, chain) {
        None => Ok(Some(registration)),
        Some(problem) => Err(problem),
    }
}
