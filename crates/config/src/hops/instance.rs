//! The hops on which this instance itself is the client: to the database of its store, and to webhooks.

use hermetic_hop::{Checked, Declared, Demand, HopName, PartyName, TlsFacts, Transport};
use hermetic_store::PostgresTransport;
use hermetic_tls::SecurityPolicy;

use super::lowest_servable;
use crate::model::{Configuration, HookAction};

impl Configuration {
    /// From this instance to the database of its store, where it has one, and to each webhook.
    pub(super) fn hops_of_the_instance(&self) -> impl Iterator<Item = Declared> {
        let store = self.store.as_ref().map(|url| {
            let policy = SecurityPolicy::default_policy();
            let transport = match url.transport() {
                PostgresTransport::Local => Transport::Cleartext { local: true },
                PostgresTransport::VerifyFull { client, .. } => verified(policy, client.is_some()),
            };
            declared(PartyName::store(), policy, transport)
        });
        let webhooks = self.hooks.iter().filter_map(|hook| match &hook.action {
            HookAction::Webhook { tls, .. } => {
                let transport = verified(tls.policy, tls.identity.is_some());
                Some(declared(hook.name.clone(), tls.policy, transport))
            }
            HookAction::Run { .. } => None,
        });
        store.into_iter().chain(webhooks)
    }
}

fn declared(to: PartyName, policy: &'static SecurityPolicy, transport: Transport) -> Declared {
    let name = HopName::new(PartyName::hermetic(), to);
    Declared { name, demand: Some(Demand::Require), policy, transport: Some(transport) }
}

/// TLS whose server we verify. Whether it asks for the certificate that we have for it is its own matter.
fn verified(policy: &'static SecurityPolicy, has_certificate: bool) -> Transport {
    Transport::Tls(Box::new(TlsFacts {
        version: lowest_servable(policy),
        server_checked: Checked::Verified,
        client_checked: if has_certificate { Checked::NotObservable } else { Checked::NotAsked },
        ..TlsFacts::default()
    }))
}
