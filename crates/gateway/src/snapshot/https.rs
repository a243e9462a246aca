//! An `https` listener, or an `http` one that serves content, and its routes, ready to serve.

use std::sync::Arc;

use hermetic_config::{Destination, HostPattern, Http, Https, Route};
use hermetic_guard::Settings;
use hermetic_hop::{Demand, Flow, PartyName};
use hermetic_permit::Enforcement;

use super::{Builder, HopSnapshot, Hops, TerminationSnapshot};
use crate::error::GatewayError;
use crate::pages::Pages;
use crate::path::Onward;

/// An `https` listener, ready to serve.
#[derive(Debug)]
pub(crate) struct HttpsSnapshot {
    pub termination: TerminationSnapshot,
    pub site: SiteSnapshot,
}

/// An `http` listener that serves content by an exception.
#[derive(Debug)]
pub(crate) struct HttpSnapshot {
    pub demand: Demand,
    /// What the guard's rules do.
    pub guard: Arc<Settings>,
    /// The public port of the `https` listener to redirect to.
    pub redirect: Option<u16>,
    pub site: SiteSnapshot,
}

/// What is served over HTTP.
#[derive(Debug)]
pub(crate) struct SiteSnapshot {
    pub routes: Vec<RouteSnapshot>,
    pub flows: Arc<[Flow]>,
    /// What browsers are shown in place of a gateway's failure.
    pub failures: Option<Arc<dyn Pages>>,
    /// Where the page that shows a path leads.
    pub onward: Option<Onward>,
}

#[derive(Debug)]
pub(crate) struct RouteSnapshot {
    pub host: Option<HostPattern>,
    pub path: String,
    pub to: DestinationSnapshot,
    /// What the policy documents on its way deny.
    pub enforcement: Option<Arc<Enforcement>>,
}

#[derive(Debug)]
pub(crate) enum DestinationSnapshot {
    Hop(Arc<HopSnapshot>),
    Path,
    Pages(Arc<dyn Pages>),
}

impl SiteSnapshot {
    /// The hops that its routes lead over.
    pub(super) fn hops(&self) -> impl Iterator<Item = &Arc<HopSnapshot>> {
        self.routes.iter().filter_map(|route| route.to.hop())
    }
}

impl DestinationSnapshot {
    /// The hop that it leads over, where it does.
    pub fn hop(&self) -> Option<&Arc<HopSnapshot>> {
        match self {
            Self::Hop(hop) => Some(hop),
            Self::Path | Self::Pages(_) => None,
        }
    }
}

impl Builder<'_> {
    pub(super) fn https(&self, name: &PartyName, https: &Https) -> Result<HttpsSnapshot, GatewayError> {
        let alpn = vec!["h2".to_owned(), "http/1.1".to_owned()];
        Ok(HttpsSnapshot {
            termination: self.termination(name, &https.termination, alpn)?,
            site: self.site(name, &https.routes)?,
        })
    }

    pub(super) fn http(&self, name: &PartyName, http: &Http) -> Result<HttpSnapshot, GatewayError> {
        Ok(HttpSnapshot {
            demand: http.demand(),
            guard: http.guard.clone(),
            redirect: http.redirect.as_ref().map(|redirect| redirect.public_port),
            site: self.site(name, &http.routes)?,
        })
    }

    fn site(&self, name: &PartyName, routes: &[Route]) -> Result<SiteSnapshot, GatewayError> {
        let (routes, flows) = (self.routes(name, routes)?, self.flows.clone());
        Ok(SiteSnapshot { routes, flows, failures: None, onward: None })
    }

    /// Routes to one upstream share one hop, and so its connections.
    fn routes(&self, listener: &PartyName, routes: &[Route]) -> Result<Vec<RouteSnapshot>, GatewayError> {
        let mut hops = Hops::default();
        routes
            .iter()
            .map(|route| {
                let to = match &route.to {
                    Destination::Path => DestinationSnapshot::Path,
                    Destination::Upstream(name) => {
                        DestinationSnapshot::Hop(self.shared_hop(&mut hops, listener, name)?)
                    }
                };
                let (host, path) = (route.host.clone(), route.path.clone());
                Ok(RouteSnapshot { host, path, to, enforcement: route.enforcement.clone() })
            })
            .collect()
    }
}
