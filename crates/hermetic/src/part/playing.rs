//! What a part plays: its gateway, or a stand-in for it while it is broken.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hermetic_config::Configuration;
use hermetic_gateway::{AccessLog, Credentials, Gateway, MockSecret, Pages, Snapshot, Sockets};
use hermetic_hop::{HopName, PartyName};
use hermetic_tls::{
    Chain, Clock, Credential, CredentialHandle, RevokedCertificates, Serial, SystemClock, SystemRandomness,
    TicketKeys, TrustAnchors,
};

use super::Failure;
use super::protocol::{Fault, Issued, PagesAt, Revoked, Role, Seen, Start};
use super::stand_in::{Language, StandIn};
use crate::descriptors;
use crate::tour::{ECHO, Echo, TourPages};
use crate::visits::{PostgresVisits, Server};

/// How long the requests of a gateway may take to finish that a stand-in replaces.
const FAREWELL: Duration = Duration::from_millis(250);

/// A part that plays.
pub(super) struct Playing {
    configuration: Configuration,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
    /// The pages that it serves itself: on which listener, and where.
    pages: Vec<(PartyName, &'static str, Arc<dyn Pages>)>,
    /// Where visits are kept, whichever gateway takes them.
    visits: Arc<OnceLock<PostgresVisits>>,
    act: Act,
    /// What gateways before the present one have seen.
    before: Seen,
    /// The sound credential of a handle that serves a broken one.
    withheld: Option<Withheld>,
}

enum Act {
    Gateway(Gateway),
    StandIn(StandIn),
    /// Between two acts, or after the last.
    Nothing,
}

struct Withheld {
    key: (PartyName, Role),
    credential: Credential,
}

impl Playing {
    /// Plays what the supervisor says.
    pub fn start(start: Start) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut configuration = hermetic_config::parse(&start.configuration, &start.path, &*clock)?;
        configuration.listeners.retain(|listener| start.listeners.contains(&listener.name));
        let handles = start
            .credentials
            .iter()
            .map(|issued| {
                Ok(((issued.party.clone(), issued.role), CredentialHandle::new(issued.credential()?)))
            })
            .collect::<Result<HashMap<_, _>, Failure>>()?;
        let of_role = |role| {
            let of_role = handles.iter().filter(move |((_, have), _)| *have == role);
            of_role.map(|((party, _), handle)| (party.clone(), handle.clone())).collect()
        };
        let randomness = Arc::new(SystemRandomness::default());
        let credentials = Credentials {
            anchors: TrustAnchors::from_pem(&start.anchors)?,
            listeners: of_role(Role::Listener),
            stored: HashMap::new(),
            identities: of_role(Role::Identity),
            revoked: RevokedCertificates::default(),
            tickets: TicketKeys::generate(clock.clone(), randomness.clone())?,
            // No part of the tour has logins, so nothing of it need stay.
            mock_secret: MockSecret::random(&*randomness)?,
            randomness: randomness.clone(),
        };
        let visits = Arc::new(OnceLock::new());
        let mut pages: Vec<(PartyName, &'static str, Arc<dyn Pages>)> = Vec::new();
        if let Some(PagesAt { listener, data }) = start.pages {
            pages.push((listener, TourPages::PATH, Arc::new(TourPages::of(&data, &*randomness)?)));
        }
        if let Some(listener) = start.echo {
            pages.push((listener, ECHO, Arc::new(Echo::keeping(visits.clone()))));
        }
        let (act, before, withheld) = (Act::Nothing, Seen::default(), None);
        let mut playing = Self { configuration, credentials, clock, pages, visits, act, before, withheld };
        playing.act = Act::Gateway(playing.gateway()?);
        Ok(playing)
    }

    /// What was seen since the start.
    pub fn seen(&self) -> Seen {
        let mut seen = match &self.act {
            Act::Gateway(gateway) => Seen::by(gateway).after(self.before.clone()),
            Act::StandIn(_) | Act::Nothing => self.before.clone(),
        };
        seen.observations.extend(self.visits.get().map(PostgresVisits::observation));
        seen
    }

    /// Keeps visits in this database from now on, through whatever is broken and mended.
    pub async fn keep_visits(&mut self, server: Server) -> Result<(), Failure> {
        let visits = PostgresVisits::open(server, self.clock.clone()).await?;
        if let Act::Gateway(gateway) = &self.act {
            gateway.keep_visits(Box::new(visits.clone()));
        }
        self.visits.set(visits).map_err(|_| "visits are kept in another database already")?;
        Ok(())
    }

    /// Serves a renewed certificate, or will once it is sound again.
    pub fn renewed(&mut self, issued: &Issued) -> Result<(), Failure> {
        let key = (issued.party.clone(), issued.role);
        match &mut self.withheld {
            Some(withheld) if withheld.key == key => withheld.credential = issued.credential()?,
            _ => {
                if let Some(handle) = self.handle(&key) {
                    handle.swap(issued.credential()?);
                }
            }
        }
        Ok(())
    }

    /// Lets nobody in any more with these, and puts out who is in.
    pub fn revoked(&self, revoked: &[Revoked]) -> Result<(), Failure> {
        for Revoked { issuer, serials } in revoked {
            let issuer = Chain::from_pem(issuer)?;
            let serials: Vec<_> = serials.iter().map(|bytes| Serial::from_bytes(bytes)).collect();
            self.credentials
                .revoked
                .revoke_serials(issuer.leaf(), &serials)
                .ok_or("its issuer can't be read")?;
        }
        if let Act::Gateway(gateway) = &self.act {
            gateway.end_revoked();
        }
        Ok(())
    }

    /// Is broken from now on.
    pub async fn break_with(&mut self, fault: Fault) -> Result<(), Failure> {
        match fault {
            Fault::Certificate(issued) => self.serve_instead(&issued),
            Fault::OldTls => self.stand_in(Language::OldTls).await,
            Fault::Cleartext => self.stand_in(Language::Cleartext).await,
        }
    }

    /// Is sound again.
    pub async fn mend(&mut self) -> Result<(), Failure> {
        if let Some(Withheld { key, credential }) = self.withheld.take()
            && let Some(handle) = self.handle(&key)
        {
            handle.swap(credential);
        }
        if !matches!(self.act, Act::Gateway(_)) {
            self.stop(FAREWELL).await?;
            self.act = Act::Gateway(self.gateway()?);
        }
        Ok(())
    }

    /// Has the next request over the hop look at its far end anew.
    pub fn forget(&self, hop: &HopName) -> Result<(), Failure> {
        match &self.act {
            Act::Gateway(gateway) => Ok(gateway.forget_connections(hop)?),
            Act::StandIn(_) | Act::Nothing => Ok(()),
        }
    }

    /// Plays nothing any more; requests may finish within `deadline`.
    pub async fn stop(&mut self, deadline: Duration) -> Result<(), Failure> {
        match std::mem::replace(&mut self.act, Act::Nothing) {
            Act::Gateway(gateway) => {
                self.before = Seen::by(&gateway).after(std::mem::take(&mut self.before));
                self.before.occupancy.clear();
                gateway.drain(deadline).await;
            }
            Act::StandIn(stand_in) => stand_in.stop().await,
            Act::Nothing => {}
        }
        Ok(())
    }

    fn serve_instead(&mut self, issued: &Issued) -> Result<(), Failure> {
        let key = (issued.party.clone(), issued.role);
        let handle = self.handle(&key).ok_or("it serves no such certificate")?.clone();
        let sound = Credential::clone(&handle.load());
        handle.swap(issued.credential()?);
        self.withheld.get_or_insert(Withheld { key, credential: sound });
        Ok(())
    }

    async fn stand_in(&mut self, language: Language) -> Result<(), Failure> {
        let address = self.configuration.listeners.first().ok_or("it listens nowhere")?.bind;
        self.stop(FAREWELL).await?;
        self.act = Act::StandIn(StandIn::start(address, language).await?);
        Ok(())
    }

    fn handle(&self, (party, role): &(PartyName, Role)) -> Option<&CredentialHandle> {
        match role {
            Role::Listener => self.credentials.listeners.get(party),
            Role::Identity => self.credentials.identities.get(party),
        }
    }

    fn gateway(&self) -> Result<Gateway, Failure> {
        let snapshot = Snapshot::build(&self.configuration, &self.credentials, &self.clock)?;
        let mut snapshot = snapshot.leading_on_to(TourPages::FROM_PATH);
        for (listener, path, pages) in &self.pages {
            snapshot = snapshot.with_pages(listener, path, pages.clone());
        }
        let sockets = Sockets::bind(&self.configuration.listeners, 1)?;
        let log = match &self.configuration.access_log {
            Some(path) => AccessLog::append_to(path)?,
            None => AccessLog::default(),
        };
        let gateway = Gateway::start(snapshot, sockets, 1, log, self.clock.clone())?;
        gateway.limit_connections(descriptors::raise());
        if let Some(visits) = self.visits.get() {
            gateway.keep_visits(Box::new(visits.clone()));
        }
        Ok(gateway)
    }
}
