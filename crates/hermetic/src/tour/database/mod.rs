//! The database at the end of the tour: a throw-away cluster where PostgreSQL is installed, or a server that
//! `$HERMETIC_TOUR_POSTGRES` names. Without it the tour has three hops, and says why.

mod binaries;
mod cluster;
mod folder;
mod left;
mod named;
mod owner;
mod place;
mod tie;
mod watch;

pub use cluster::Plan;
use place::Place;
pub use watch::run;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hermetic_authority::{Authority, AuthorityError, Request};
use hermetic_hop::{Declared, Flow, PartyName};
use hermetic_tls::{Credential, DnsName, Identity, IdentityError, Randomness, RandomnessFailed};
use hermetic_x509::ProfileKind;
use tokio::time::timeout;

use super::Ports;
use super::parts::{Part, Parts, PartsError, pem};
use crate::part::protocol::{Behind, Issued, Relay, Role, ToPart};
use crate::visits::{self, Server};

/// How long the cluster may take until it serves; a second or so is usual.
const START: Duration = Duration::from_secs(60);

/// How long a server that was named may take until it is reached.
const CONNECT: Duration = Duration::from_secs(5);

/// How long its end may take.
const STOP: Duration = Duration::from_secs(10);

/// The name in the cluster's certificate.
const NAME: &str = "database.hermetic.internal";

/// The only user of the cluster, and the database that PostgreSQL always makes.
const USER: &str = "visits";

/// The database that every cluster has.
const DATABASE: &str = "postgres";

/// The value of the variable that asks for no database.
const OFF: &str = "off";

/// The tour's database, as the supervisor holds it.
#[derive(Debug, Default)]
pub struct Database {
    standing: Mutex<Standing>,
    cluster: tokio::sync::Mutex<Option<Watched>>,
}

/// A cluster that a process of its own watches.
#[derive(Debug)]
struct Watched {
    watch: Part,
    place: Place,
    /// The data folder, in which that one is noted.
    data: PathBuf,
}

/// How it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is not there yet.
    #[default]
    Opening,
    /// It keeps the visits, at this place.
    Open(String),
    /// There is none, for this reason.
    Absent(String),
}

/// What opening it needs of the instance.
#[derive(Debug)]
pub struct Needs<'a> {
    /// Where the relay and the cluster listen.
    pub ports: Ports,
    /// The data folder.
    pub data: &'a Path,
    /// Who keeps the visits.
    pub parts: &'a Parts,
    /// Who issues the cluster's certificate.
    pub authority: &'a Authority,
    /// How long that lives.
    pub lifetime: Duration,
    /// Chance, for the password.
    pub randomness: &'a dyn Randomness,
}

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
enum DatabaseError {
    #[error("${} is `{OFF}`", named::VARIABLE)]
    Off,
    #[error(
        "PostgreSQL's `initdb` and `postgres` are not installed here, and ${} names no server",
        named::VARIABLE
    )]
    NotInstalled,
    #[error(transparent)]
    Named(#[from] named::NamedError),
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Name(#[from] IdentityError),
    #[error(transparent)]
    Randomness(#[from] RandomnessFailed),
    #[error(transparent)]
    Part(#[from] PartsError),
    #[error("{place}: can't connect: {reason}")]
    Unreachable { place: String, reason: String },
}

impl Database {
    /// Opens it, and has the application keep its visits there; gives how it stands then.
    pub async fn open(&self, needs: Needs<'_>) -> Standing {
        let parts = needs.parts;
        let standing = match self.opened(needs).await {
            Ok(place) => Standing::Open(place),
            Err(reason) => {
                parts.take_relay_off(&visits::declared().name).await;
                self.stop().await;
                Standing::Absent(reason.to_string())
            }
        };
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&standing);
        standing
    }

    /// Why there is none; `None` where it keeps visits.
    pub fn absent(&self) -> Option<String> {
        match &*self.standing.lock().unwrap_or_else(PoisonError::into_inner) {
            Standing::Opening => Some("it is being started".to_owned()),
            Standing::Open(_) => None,
            Standing::Absent(reason) => Some(reason.clone()),
        }
    }

    /// The hops and flows with the hop to it, once it keeps visits: a flow that ends where that hop begins
    /// goes on over it.
    pub fn extend(&self, hops: &mut Vec<Declared>, flows: &mut [Flow]) {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*standing, Standing::Open(_)) {
            return;
        }
        let hop = visits::declared();
        for flow in flows.iter_mut().filter(|flow| flow.path.last() == Some(&hop.name.from)) {
            flow.path.push(hop.name.to.clone());
        }
        hops.push(hop);
    }

    /// Hands over a renewed certificate, if it is the cluster's.
    pub async fn renewed(&self, subject: &str, credential: &Credential) {
        let party = party();
        if let Some(cluster) = self.cluster.lock().await.as_ref()
            && subject == self::subject(&party)
        {
            cluster.watch.renewed(Issued::of(party, Role::Listener, credential)).await;
        }
    }

    /// Stops the cluster; its folder goes with it.
    pub async fn stop(&self) {
        if let Some(Watched { watch, place, data }) = self.cluster.lock().await.take() {
            if !watch.drain(STOP).await {
                cluster::sweep(place.path());
            }
            left::forget(&data);
        }
    }

    async fn opened(&self, needs: Needs<'_>) -> Result<String, DatabaseError> {
        let relay = SocketAddr::from((Ipv4Addr::LOCALHOST, needs.ports.database()));
        let (server, behind) = match std::env::var_os(named::VARIABLE) {
            Some(value) if value == OFF => return Err(DatabaseError::Off),
            Some(url) => {
                let server = named::server(&url.to_string_lossy(), |name| std::env::var_os(name))?;
                reached(&server).await?;
                let behind = Behind::Host(server.host.clone(), server.port);
                (Server { via: Some(relay), ..server }, behind)
            }
            None => {
                let cluster = SocketAddr::from((Ipv4Addr::LOCALHOST, needs.ports.cluster()));
                (self.cluster(&needs).await?, Behind::Address(cluster))
            }
        };
        let hop = visits::declared().name;
        needs.parts.relay_on(hop, Relay { listen: relay, behind }).await?;
        needs.parts.keep_visits(&server).await?;
        Ok(server.place())
    }

    /// Starts a cluster; gives how it is met.
    async fn cluster(&self, needs: &Needs<'_>) -> Result<Server, DatabaseError> {
        left::sweep(needs.data);
        let path = std::env::var_os("PATH");
        let programs = binaries::find(path.as_deref()).ok_or(DatabaseError::NotInstalled)?;
        let (party, identity) = (party(), Identity::Dns(NAME.parse::<DnsName>()?));
        let names = vec![identity.clone(), Identity::host("localhost")?];
        let request = Request::new(subject(&party), ProfileKind::Server, names).living(needs.lifetime);
        let certificate = needs.authority.maintain(request).await?;
        let (password, place) = (secret(needs.randomness)?, Place::new(needs.randomness)?);
        let plan = Plan {
            programs,
            folder: place.path(),
            port: needs.ports.cluster(),
            user: USER.to_owned(),
            password: password.clone(),
            certificate: Issued::of(party, Role::Listener, &certificate.load()),
        };
        left::note(needs.data, &place);
        let watch = Part::start("database", &ToPart::Watch(Box::new(plan)), START).await;
        // One that did not come about has cleared up already, if it could.
        let watch = watch.inspect_err(|_| left::sweep(needs.data))?;
        *self.cluster.lock().await = Some(Watched { watch, place, data: needs.data.to_owned() });
        Ok(Server {
            host: "127.0.0.1".to_owned(),
            port: needs.ports.database(),
            via: None,
            identity,
            anchors: pem(&needs.authority.trust_anchors()?),
            database: DATABASE.to_owned(),
            user: USER.to_owned(),
            password: Some(password),
        })
    }
}

/// Tells what the relay before a server could not: why nobody is there.
async fn reached(server: &Server) -> Result<(), DatabaseError> {
    let unreachable = |reason| DatabaseError::Unreachable { place: server.place(), reason };
    match timeout(CONNECT, server.connect()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(unreachable(error.to_string())),
        Err(_) => Err(unreachable(format!("no answer within {} s", CONNECT.as_secs()))),
    }
}

fn party() -> PartyName {
    visits::declared().name.to
}

/// What the cluster's certificate is recorded as.
fn subject(party: &PartyName) -> String {
    format!("listener {party}")
}

/// 192 bits that nobody guesses, in hex.
fn secret(randomness: &dyn Randomness) -> Result<String, RandomnessFailed> {
    let mut bytes = [0; 24];
    randomness.fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tour() -> Flow {
        let path = ["client", "edge", "app"].map(|party| party.parse().unwrap()).to_vec();
        Flow { name: "tour".parse().unwrap(), path, tags: Vec::new() }
    }

    fn extended(standing: Standing) -> (usize, usize) {
        let database = Database { standing: Mutex::new(standing), ..Database::default() };
        let (mut hops, mut flows) = (Vec::new(), [tour()]);
        database.extend(&mut hops, &mut flows);
        (hops.len(), flows[0].hops().count())
    }

    #[test]
    fn the_flow_goes_on_to_the_database_only_where_it_keeps_visits() {
        assert_eq!(extended(Standing::Open("127.0.0.1:8447".to_owned())), (1, 3));
        assert_eq!(extended(Standing::Opening), (0, 2));
        assert_eq!(extended(Standing::Absent("not installed".to_owned())), (0, 2));
    }
}
