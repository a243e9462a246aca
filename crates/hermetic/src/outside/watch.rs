//! Looks at external hops for as long as the instance runs.

use std::sync::{Arc, Mutex, PoisonError};

use hermetic_config::{Configuration, ExternalHop, Trust};
use hermetic_hop::Observation;
use hermetic_tls::{Clock, RevokedCertificates};
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::{OutsideError, Source};

/// A running watch; what it looks at is looked at no more when this is dropped.
#[derive(Debug, Default)]
pub struct Watch(Vec<Arc<Looking>>);

/// One hop that is looked at.
#[derive(Debug)]
struct Looking {
    hop: ExternalHop,
    /// The authority's roots, where it is looked at with them.
    roots: Option<String>,
    seen: Vec<Arc<Mutex<Observation>>>,
    tasks: Vec<AbortHandle>,
}

impl Watch {
    /// Looks at each external hop of a configuration at once, and then on its interval. One that hangs holds
    /// up no other. A hop that the watch before looked at in the same way goes on with what was seen of it.
    pub fn start(
        configuration: &Configuration,
        before: &Self,
        revoked: &RevokedCertificates,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, OutsideError> {
        let of_authority = std::fs::read_to_string(configuration.data.join("ca.pem")).ok();
        let looking = |hop: &ExternalHop| {
            let roots = of_authority.clone().filter(|_| matches!(hop.trust, Trust::Authority));
            match before.0.iter().find(|known| known.hop == *hop && known.roots == roots) {
                Some(known) => Ok(known.clone()),
                None => {
                    let sources = Source::of(hop, &configuration.data, revoked)?;
                    Ok(Arc::new(Looking::start(hop.clone(), roots, sources, clock)))
                }
            }
        };
        Ok(Self(configuration.external.iter().map(looking).collect::<Result<_, _>>()?))
    }

    /// What was seen so far, of each source apart.
    pub fn observations(&self) -> Vec<Observation> {
        let seen = self.0.iter().flat_map(|looking| &looking.seen);
        seen.map(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }
}

impl Looking {
    fn start(hop: ExternalHop, roots: Option<String>, sources: Vec<Source>, clock: &Arc<dyn Clock>) -> Self {
        let (mut all, mut tasks) = (Vec::new(), Vec::new());
        for source in sources {
            let seen = Arc::new(Mutex::new(source.unseen()));
            all.push(seen.clone());
            tasks.push(tokio::spawn(keep_looking(source, seen, clock.clone())).abort_handle());
        }
        Self { hop, roots, seen: all, tasks }
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

async fn keep_looking(mut source: Source, shared: Arc<Mutex<Observation>>, clock: Arc<dyn Clock>) {
    let mut tick = interval(source.interval);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = source.unseen();
    loop {
        tick.tick().await;
        source.look(&mut seen, &clock).await;
        shared.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&seen);
    }
}
