//! From what was written to a configuration that holds: references, files, dates, and what must
//! not stand beside what.

mod certificate;
mod client;
mod evidence;
mod external;
mod flow;
mod listener;
mod parties;
mod route;
mod upstream;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hermetic_tls::TrustDomain;
use jiff::Timestamp;

use crate::model::{Authority, Configuration, Listener, Upstream};
use crate::period::Period;
use crate::problem::Problems;
use crate::written::table::{At, Optional};
use crate::written::value::List;
use crate::written::{self, default};
use parties::Parties;

/// What all checks share.
pub(crate) struct Check<'c, 't> {
    /// Where relative paths start.
    folder: &'c Path,
    now: Timestamp,
    trust_domain: TrustDomain,
    parties: Parties,
    problems: &'c mut Problems<'t>,
}

/// Checks all that was written. Only where no problem was told is the configuration whole.
pub(crate) fn configuration(
    written: &written::File,
    folder: &Path,
    now: Timestamp,
    problems: &mut Problems<'_>,
) -> Option<Configuration> {
    let authority = authority(written);
    let trust_domain = authority.as_ref().map(|authority| authority.trust_domain.clone()).unwrap_or_default();
    let parties = Parties::new(entries(&written.listener), entries(&written.upstream));
    let mut check = Check { folder, now, trust_domain, parties, problems };
    check.all(written, authority)
}

/// The entries of a list, none where it is absent or wrong.
fn entries<T>(list: &Optional<List<T>>) -> &[At<T>] {
    list.written().map_or(&[], |list| &list.value.0)
}

fn authority(written: &written::File) -> Option<Authority> {
    let at = match &written.authority {
        Optional::Absent => {
            return Some(Authority { trust_domain: TrustDomain::default(), lifetime: default::LIFETIME });
        }
        Optional::Wrong => return None,
        Optional::Written(at) => &at.value,
    };
    Some(Authority {
        trust_domain: at.trust_domain.or(TrustDomain::default())?,
        lifetime: at.lifetime.or(Period(default::LIFETIME))?.0,
    })
}

impl Check<'_, '_> {
    fn all(&mut self, written: &written::File, authority: Option<Authority>) -> Option<Configuration> {
        let data = written.data.or(PathBuf::from(default::DATA)).map(|data| self.folder.join(data));
        let access_log = written.access_log.if_any().map(|log| log.map(|log| self.folder.join(log)));
        let admin = self.admin(written);
        self.names(written);
        self.binds(written);
        let listeners = self.listeners(entries(&written.listener), entries(&written.route));
        let upstreams = self.upstreams(entries(&written.upstream));
        self.one_party(written, &listeners, &upstreams);
        let external = self.external(entries(&written.hop));
        let mut configuration = Configuration {
            data: data?,
            workers: written.workers.if_any()?.map(|workers| workers.0),
            access_log: access_log?,
            admin: admin?,
            drain: written.drain.or(Period(default::DRAIN))?.0,
            authority: authority?,
            listeners,
            upstreams,
            external,
            flows: Vec::new(),
            requirements: Vec::new(),
        };
        self.not_ours(entries(&written.hop), &configuration);
        configuration.flows = self.flows(written, &configuration);
        configuration.requirements = self.requirements(entries(&written.requirement), entries(&written.flow));
        Some(configuration)
    }

    /// The metrics' address: they tell who talks to whom, and are served without TLS.
    fn admin(&mut self, written: &written::File) -> Option<Option<SocketAddr>> {
        if let Optional::Written(At { at, value, .. }) = &written.admin
            && !value.ip().to_canonical().is_loopback()
        {
            let hint = format!("write a loopback address, such as \"127.0.0.1:{}\"", value.port());
            self.problems.tell(
                *at,
                format!("metrics can't be served at `{value}`: it is not loopback"),
                hint,
            );
        }
        written.admin.if_any()
    }

    /// Upstreams, those that hold; the others are noted as broken.
    fn upstreams(&mut self, written: &[At<written::Upstream>]) -> Vec<Upstream> {
        let mut holding = Vec::new();
        for upstream in written {
            match self.upstream(upstream) {
                Some(upstream) => holding.push(upstream),
                None => self.parties.break_off(upstream.value.name.written()),
            }
        }
        holding
    }

    /// Listeners with their routes, those that hold; the others are noted as broken.
    fn listeners(
        &mut self,
        written: &[At<written::Listener>],
        routes: &[At<written::Route>],
    ) -> Vec<Listener> {
        let mut holding = Vec::new();
        for listener in written {
            match self.listener(listener) {
                Some(listener) => holding.push(listener),
                None => self.parties.break_off(listener.value.name.written()),
            }
        }
        self.redirects(written, &mut holding);
        self.routes(routes, &mut holding);
        self.listeners_without_routes(written, routes);
        holding
    }
}
