//! Hooks: each does one thing, on something, with a program that can be run or a far end that is verified.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hermetic_hop::PartyName;
use hermetic_tls::{Identity, SecurityPolicy};
use rustix::fs::{Access, access};

use super::{Check, entries};
use crate::model::{Hook, HookAction, HookEvent, Trust, UpstreamTls, WebhookUrl};
use crate::period::Period;
use crate::written::hook::{Argument, HookTls};
use crate::written::table::{At, Optional};
use crate::written::text::FarEnd;
use crate::written::value::{List, UpTo};
use crate::written::{self, default, word};

impl Check<'_, '_> {
    /// Hooks, those that hold.
    pub(super) fn hooks(&mut self, written: &written::File) -> Vec<Hook> {
        let hooks = entries(&written.hook);
        self.distinct_names("hook", hooks.iter().filter_map(|hook| hook.value.name.written()));
        hooks.iter().filter_map(|hook| self.hook(hook)).collect()
    }

    fn hook(&mut self, written: &At<written::Hook>) -> Option<Hook> {
        let hook = &written.value;
        let name = hook.name.written().and_then(|name| self.hook_name(name));
        let on = hook.on.written().and_then(|events| self.events(events));
        let actions = [("run", hook.run.place()), ("webhook", hook.webhook.place())];
        let action = match self.one_of(written.at, "this hook", &actions) {
            Some("run") => hook.run.written().and_then(|run| self.run(run)),
            Some(_) => hook.webhook.written().and_then(|url| self.webhook(&url.value, &hook.tls)),
            None => None,
        };
        if let (Some(tls), Optional::Absent) = (hook.tls.written(), &hook.webhook) {
            self.problems.tell(tls.key, "without `webhook`, `tls` has no meaning", "take it out");
        }
        Some(Hook {
            name: name?,
            on: on?,
            action: action?,
            timeout: hook.timeout.or(Period(default::HOOK_TIMEOUT))?.0,
            retries: hook.retries.or(UpTo(default::HOOK_RETRIES))?.0,
        })
    }

    fn hook_name(&mut self, name: &At<PartyName>) -> Option<PartyName> {
        let taken = [PartyName::client(), PartyName::hermetic(), PartyName::store()];
        if taken.contains(&name.value) {
            let message = format!("no hook can be called `{}`: that is another party already", name.value);
            self.problems.tell(name.at, message, "choose another name");
            return None;
        }
        Some(name.value.clone())
    }

    fn events(&mut self, written: &At<List<word::HookEvent>>) -> Option<Vec<HookEvent>> {
        if written.value.0.is_empty() {
            let hint = "write what it is told of, such as [\"renewal\", \"failure\"]";
            self.problems.tell(written.at, "a hook that is told of nothing does nothing", hint);
            return None;
        }
        let mut events = Vec::new();
        for at in &written.value.0 {
            let event = match at.value {
                word::HookEvent::Issue => HookEvent::Issue,
                word::HookEvent::Renewal => HookEvent::Renewal,
                word::HookEvent::Failure => HookEvent::Failure,
                word::HookEvent::NearExpiry => HookEvent::NearExpiry,
                word::HookEvent::Revocation => HookEvent::Revocation,
            };
            if events.contains(&event) {
                let message = format!("`{}` is in the list already", event.as_str());
                self.problems.tell(at.at, message, "take it out");
            }
            events.push(event);
        }
        Some(events)
    }

    fn run(&mut self, run: &At<List<Argument>>) -> Option<HookAction> {
        let Some((program, arguments)) = run.value.0.split_first() else {
            let hint = "write the program by its whole path, such as [\"/usr/local/bin/tell\"]";
            self.problems.tell(run.at, "an empty `run` runs nothing", hint);
            return None;
        };
        let path = PathBuf::from(&program.value.0);
        if let Some((message, hint)) = unfit(&path) {
            self.problems.tell(program.at, message, hint);
            return None;
        }
        let arguments = arguments.iter().map(|argument| argument.value.0.clone()).collect();
        Some(HookAction::Run { program: path, arguments })
    }

    fn webhook(&mut self, url: &WebhookUrl, written: &Optional<HookTls>) -> Option<HookAction> {
        let host = Identity::host(url.host()).ok()?;
        let tls = match written {
            Optional::Absent => UpstreamTls {
                policy: SecurityPolicy::default_policy(),
                trust: Trust::System,
                name: host,
                pins: Vec::new(),
                identity: None,
            },
            Optional::Wrong => return None,
            Optional::Written(tls) => self.hook_tls(&tls.value, host)?,
        };
        Some(HookAction::Webhook { url: url.clone(), tls: Box::new(tls) })
    }

    fn hook_tls(&mut self, tls: &HookTls, host: Identity) -> Option<UpstreamTls> {
        let trust = match &tls.trust {
            Optional::Absent => Some(Trust::System),
            Optional::Wrong => None,
            Optional::Written(source) => self.trust(source),
        };
        let pins = self.pins(&tls.pin);
        let identity = self.presented(&tls.identity, &tls.profile, &tls.issuer);
        Some(UpstreamTls {
            policy: tls.policy.or(SecurityPolicy::default_policy())?,
            trust: trust?,
            name: tls.name.or(FarEnd(host))?.0,
            pins: pins?,
            identity: identity?,
        })
    }
}

/// Why this can't be run as a hook, and what to do; `None` where it can.
fn unfit(path: &Path) -> Option<(String, String)> {
    let shown = path.display();
    if !path.is_absolute() {
        let message = format!("`{shown}` is not the whole path of a program");
        return Some((message, "write it from `/` on, such as \"/usr/local/bin/tell\"".to_owned()));
    }
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let hint = "name a program that is there, and that this user may run".to_owned();
            return Some((format!("{shown} can't be run: {error}"), hint));
        }
    };
    if !metadata.is_file() || access(path, Access::EXEC_OK).is_err() {
        return Some((
            format!("{shown} is no program that this user may run"),
            format!("run: chmod +x {shown}"),
        ));
    }
    // Whoever can change it runs what he likes with our rights, and is told of every certificate.
    let writable = metadata.permissions().mode() & 0o002 != 0;
    writable
        .then(|| (format!("everybody on this host can change {shown}"), format!("run: chmod o-w {shown}")))
}
