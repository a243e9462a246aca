//! From what was written to a configuration that holds: references, files, dates, and what must
//! not stand beside what.

mod audit;
mod authority;
mod certificate;
mod client;
mod demand;
mod evidence;
mod external;
mod flow;
mod guard;
mod hook;
mod issuance;
mod keys;
mod lifetime;
mod limits;
mod listener;
mod name_rule;
mod parties;
mod policy_document;
mod postgres;
mod profile;
mod proxy_protocol;
mod route;
mod scanning;
mod store;
mod stream;
mod upstream;
mod users;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hermetic_permit::EnforcementError;
use hermetic_tls::TrustDomain;
use hermetic_x509::publication::AuthorityName;
use jiff::Timestamp;

use crate::model::{Authority, Configuration, Listener, Name, Presented, Upstream, Weakened};
use crate::period::Period;
use crate::problem::Problems;
use crate::stamp::FileRead;
use crate::written::table::{At, Optional};
use crate::written::value::List;
use crate::written::{self, default};
pub(crate) use audit::audit_terms;
use parties::Parties;
use profile::Profiles;

/// What all checks share.
pub(crate) struct Check<'c, 't> {
    /// Where relative paths start.
    folder: &'c Path,
    now: Timestamp,
    trust_domain: TrustDomain,
    /// Who signs where no other authority is named.
    issuer: AuthorityName,
    /// The tokens by name, those that don't hold included.
    tokens: Vec<Name>,
    profiles: Profiles,
    /// The identities that are presented somewhere, and where that is said first.
    presented: Vec<(Presented, usize)>,
    parties: Parties,
    problems: &'c mut Problems<'t>,
    /// The policy documents by name, and where each is said first.
    documents: Vec<(String, usize)>,
    /// What was told of them already: several routes may lead past one.
    documents_told: Vec<EnforcementError>,
    /// The files that were read, or were to be read.
    files: Vec<FileRead>,
    /// The rules of the guard that do less than by default.
    weakened: Vec<Weakened>,
}

/// Checks all that was written. Only where no problem was told is the configuration whole. Gives, too, the
/// files that it rests on.
pub(crate) fn configuration(
    written: &written::File,
    folder: &Path,
    now: Timestamp,
    problems: &mut Problems<'_>,
) -> (Option<Configuration>, Vec<FileRead>) {
    let written_of_authority = written.authority.written().map(|authority| &authority.value);
    let usual = Authority::default();
    let trust_domain = written_of_authority.and_then(|it| it.trust_domain.or(usual.trust_domain.clone()));
    let issuer = written_of_authority.and_then(|it| it.issuer.or(usual.issuer.clone()));
    let lifetime = written_of_authority.and_then(|it| it.lifetime.or(Period(usual.lifetime)));
    let token = |at: &At<written::Token>| at.value.name.written().map(|name| name.value.clone());
    let mut check = Check {
        folder,
        now,
        trust_domain: trust_domain.unwrap_or(usual.trust_domain),
        issuer: issuer.unwrap_or(usual.issuer),
        tokens: entries(&written.token).iter().filter_map(token).collect(),
        profiles: Profiles::built_in(lifetime.map_or(usual.lifetime, |lifetime| lifetime.0)),
        presented: Vec::new(),
        parties: Parties::new(
            entries(&written.listener),
            entries(&written.upstream),
            entries(&written.route),
        ),
        problems,
        documents: Vec::new(),
        documents_told: Vec::new(),
        files: Vec::new(),
        weakened: Vec::new(),
    };
    (check.all(written), check.files)
}

/// The entries of a list, none where it is absent or wrong.
fn entries<T>(list: &Optional<List<T>>) -> &[At<T>] {
    list.written().map_or(&[], |list| &list.value.0)
}

impl Check<'_, '_> {
    /// Reads a file that the configuration rests on. Every such file is read here, so that whoever runs
    /// the configuration can watch all of them.
    fn read(&mut self, path: &Path) -> io::Result<String> {
        if !self.files.iter().any(|known| known.path == path) {
            self.files.push(FileRead::about_to(path));
        }
        std::fs::read_to_string(path)
    }

    fn all(&mut self, written: &written::File) -> Option<Configuration> {
        let data = written.data.or(PathBuf::from(default::DATA)).map(|data| self.folder.join(data));
        let access_log = written.access_log.if_any().map(|log| log.map(|log| self.folder.join(log)));
        let admin = self.admin(written);
        let store = self.store(written);
        let encryption = data.as_ref().and_then(|data| self.encryption(written, data));
        let tokens = self.tokens(written);
        let authority = self.authority(written);
        self.profiles(written);
        self.names(written);
        self.binds(written);
        let mut listeners = self.listeners(entries(&written.listener), entries(&written.route));
        let upstreams = self.upstreams(entries(&written.upstream));
        self.one_party(written, &listeners, &upstreams);
        self.enforcements(written, &mut listeners, &upstreams);
        self.logins(entries(&written.listener), &listeners, &upstreams);
        self.negotiations(entries(&written.upstream), &listeners);
        let hooks = self.hooks(written);
        let external = self.external(entries(&written.hop));
        let mut configuration = Configuration {
            data: data?,
            store: store?,
            encryption: encryption?,
            scanning: scanning::scanning(&written.scan)?,
            tokens,
            profiles: std::mem::take(&mut self.profiles).into_holding(),
            hooks,
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
            weakened: std::mem::take(&mut self.weakened),
        };
        self.not_ours(entries(&written.hop), &configuration);
        configuration.flows = self.flows(written, &configuration);
        configuration.requirements = self.requirements(entries(&written.requirement), entries(&written.flow));
        audit_terms(written, self.problems);
        Some(configuration)
    }

    /// The one of these keys that is written; tells where none or several are. `owner`, at this byte, is what
    /// needs one.
    fn one_of(
        &mut self,
        at: usize,
        owner: &str,
        keys: &[(&'static str, Optional<()>)],
    ) -> Option<&'static str> {
        let mut there = keys.iter().filter(|(_, place)| !matches!(place, Optional::Absent));
        match (there.next(), there.next()) {
            (Some((_, Optional::Written(_))), Some((second, Optional::Written(written)))) => {
                let first = keys.iter().find(|(_, place)| !matches!(place, Optional::Absent))?.0;
                let message = format!("{owner} has both `{first}` and `{second}`");
                self.problems.tell(written.key, message, "take one of them out");
                None
            }
            (Some((only, Optional::Written(_))), None) => Some(only),
            // One that is wrong has been told.
            (Some(_), _) => None,
            (None, _) => {
                let names: Vec<String> = keys.iter().map(|(name, _)| format!("`{name}`")).collect();
                let message = format!("{owner} has none of {}", names.join(", "));
                self.problems.tell(at, message, "write one of them");
                None
            }
        }
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
