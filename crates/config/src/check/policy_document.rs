//! Policy documents: each read once, and those on the way of a route made ready together.

use std::path::PathBuf;
use std::sync::Arc;

use hermetic_hop::PartyName;
use hermetic_iam::Document;
use hermetic_permit::{Buckets, Callers, Enforcement, EnforcementError, PolicyDocument, Stated};
use hermetic_tls::Identity;
use zeroize::Zeroizing;

use super::{Check, entries};
use crate::model::{Listener, Route, Upstream};
use crate::written::table::{At, Optional};
use crate::written::text::{Line, PathPrefix};
use crate::written::{self, default};

impl Check<'_, '_> {
    /// The document that is written somewhere; `Some(None)` where none is.
    pub(super) fn policy_document(
        &mut self,
        written: &Optional<written::PolicyDocument>,
    ) -> Option<Option<Arc<PolicyDocument>>> {
        let written = match written {
            Optional::Absent => return Some(None),
            Optional::Wrong => return None,
            Optional::Written(at) => &at.value,
        };
        let (file, stated) = match written {
            written::PolicyDocument::File(file) => (file, Stated::default()),
            written::PolicyDocument::Stated(it) => {
                let line = |line: Option<Line>| line.map(|Line(text)| text);
                let (service, region) = (it.service.if_any()?, line(it.region.if_any()?));
                (it.file.written()?, Stated { service, region, account: it.account.if_any()? })
            }
        };
        let (name, document) = self.document(file)?;
        Some(Some(Arc::new(PolicyDocument { name, document, stated })))
    }

    fn document(&mut self, file: &At<PathBuf>) -> Option<(String, Document)> {
        let path = self.folder.join(&file.value);
        let name = path.display().to_string();
        let text = match self.read(&path) {
            Ok(text) => text,
            Err(error) => {
                let hint = "name a policy document, as AWS has it; `hermetic policy generate` writes one";
                self.problems.tell(file.at, format!("{name} can't be read: {error}"), hint);
                return None;
            }
        };
        match Document::read(&text) {
            Ok(document) => {
                self.documents.push((name.clone(), file.at));
                Some((name, document))
            }
            Err(error) => {
                self.problems.tell_error(file.at, &format!("{name}:{error}"));
                None
            }
        }
    }

    /// By what those who call are known; `Some(None)` where nothing says so.
    pub(super) fn callers(&mut self, written: &Optional<PathBuf>) -> Option<Option<Arc<Callers>>> {
        let file = match written {
            Optional::Absent => return Some(None),
            Optional::Wrong => return None,
            Optional::Written(file) => file,
        };
        let path = self.folder.join(&file.value);
        let text = match self.read(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) => {
                let hint = "write a file of [[caller]] that this user alone may read";
                self.problems.tell(file.at, format!("{} can't be read: {error}", path.display()), hint);
                return None;
            }
        };
        let identity = |text: &str| match text.parse::<Identity>() {
            Ok(identity) => Ok(identity.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match Callers::read(&text, &identity) {
            Ok(callers) => Some(Some(Arc::new(callers))),
            Err(error) => {
                self.problems.tell_error(file.at, &format!("{}:{error}", path.display()));
                None
            }
        }
    }

    /// Makes the documents on each way ready, and tells those that stand on none.
    pub(super) fn enforcements(
        &mut self,
        written: &written::File,
        listeners: &mut [Listener],
        upstreams: &[Upstream],
    ) {
        for listener in &mut *listeners {
            let (of_listener, callers) = (listener.policy_document.clone(), listener.callers.clone());
            for route in listener.routes_mut() {
                let upstream = route.upstream().and_then(|name| upstreams.iter().find(|it| it.name == *name));
                let of_upstream = upstream.and_then(|upstream| upstream.policy_document.clone());
                // What the gateway shows itself is no service's, and no document is about it.
                let of_listener = of_listener.clone().filter(|_| upstream.is_some());
                let documents = [of_listener, route.policy_document.clone(), of_upstream];
                let documents: Vec<_> = documents.into_iter().flatten().collect();
                match Enforcement::of(&documents, buckets(route), callers.clone()) {
                    Ok(enforcement) => route.enforcement = enforcement.map(Arc::new),
                    Err(error) => self.tell_of(&error),
                }
            }
        }
        self.unused(written, listeners);
    }

    /// Tells, once, what is wrong with a document, where it is named.
    fn tell_of(&mut self, error: &EnforcementError) {
        let named = |(name, _): &&(String, usize)| name == error.document();
        let at = self.documents.iter().find(named).map_or(0, |(_, at)| *at);
        if !self.documents_told.contains(error) {
            self.problems.tell_error(at, error);
            self.documents_told.push(error.clone());
        }
    }

    /// Documents by which nothing is judged, and credentials that nothing asks for: whoever wrote them believes
    /// that there is something.
    fn unused(&mut self, written: &written::File, listeners: &[Listener]) {
        let is_read = |name: &PartyName| {
            let mut routes = listeners.iter().flat_map(Listener::routes);
            routes.any(|route| route.upstream() == Some(name))
        };
        for upstream in entries(&written.upstream) {
            let (Some(name), Some(document)) =
                (upstream.value.name.written(), upstream.value.policy_document.written())
            else {
                continue;
            };
            if !is_read(&name.value) && !self.parties.is_broken(&name.value) {
                let message = format!("no request goes to `{}`, so this document judges nothing", name.value);
                let hint = "take it out, or add a route from an https listener";
                self.problems.tell(document.key, message, hint);
            }
        }
        for listener in entries(&written.listener) {
            let Some(credentials) = listener.value.credentials.written() else { continue };
            let held = listeners
                .iter()
                .find(|held| Some(&held.name) == listener.value.name.written().map(|it| &it.value));
            if held.is_some_and(|held| held.routes().iter().all(|route| route.enforcement.is_none()))
                && self.problems.is_empty()
            {
                let message = "no policy document stands behind this listener, so nobody asks who calls";
                self.problems.tell(credentials.key, message, "take it out, or add `policy_document`");
            }
        }
        for route in entries(&written.route) {
            let document = route.value.policy_document.written();
            if let (Some(document), true) = (document, route.value.show.written().is_some()) {
                let message = "the gateway shows this page itself, and no policy document is about it";
                self.problems.tell(document.key, message, "take it out");
            }
            let path = route.value.path.written().filter(|path| path.value.0 != default::PATH);
            if let (Some(document), Some(PathPrefix(path))) = (document, path.map(|path| &path.value)) {
                // What is written `/%61pi` or `//api` takes another route, and may be `/api` to what is behind.
                let message = format!(
                    "this document is for `{path}` as it is spelled here, and the upstream may understand other \
                     spellings, by which it would be passed by"
                );
                let hint = "put it on the upstream or the listener, where it holds for all paths";
                self.problems.tell(document.key, message, hint);
            }
        }
    }
}

/// Where the requests of a route name their bucket: its `host` says so.
fn buckets(route: &Route) -> Buckets {
    match &route.host {
        None => Buckets::Either,
        Some(host) => match host.0.strip_prefix('*') {
            Some(suffix) => Buckets::InHost(suffix.to_owned()),
            None => Buckets::InPath,
        },
    }
}
