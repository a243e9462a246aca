//! Which certificate answers a hello, and which hello gets none.

use std::net::IpAddr;

use super::{Refusal, UnknownSni};
use crate::credential::CredentialHandle;
use crate::hello::ClientHello;
use crate::identity::Identity;
use crate::{Alert, ProtocolVersion};

/// Refuses a hello that offers none of `served` (best first), or that claims to fall back from a
/// better version which we would have served (RFC 7507 section 3).
pub(super) fn check_version(served: &[ProtocolVersion], hello: &ClientHello) -> Result<(), Refusal> {
    let best = hello.best_version();
    let offered = || best.map_or_else(|| "no version".to_owned(), |version| version.to_string());
    if !served.iter().any(|version| hello.versions.contains(version)) {
        let reason = format!("the client offers no version that is served here, at best {}", offered());
        return Err(Refusal { alert: Alert::ProtocolVersion, reason });
    }
    if hello.is_fallback() && best < served.first().copied() {
        let reason = format!("a fallback to {}, though a better version is served", offered());
        return Err(Refusal { alert: Alert::InappropriateFallback, reason });
    }
    Ok(())
}

/// The certificate for the name that the hello asks for; without a name, the one for the address
/// that it came to, or the first.
pub(super) fn choose<'a>(
    handles: impl Iterator<Item = &'a CredentialHandle> + Clone,
    hello: &ClientHello,
    local: IpAddr,
    unknown_sni: UnknownSni,
) -> Result<&'a CredentialHandle, Refusal> {
    let first = || {
        let reason = "no certificate to serve".to_owned();
        handles.clone().next().ok_or(Refusal { alert: Alert::HandshakeFailure, reason })
    };
    let Some(name) = &hello.server_name else {
        return covering(handles.clone(), &local.to_canonical().to_string()).map_or_else(first, Ok);
    };
    match (covering(handles.clone(), name), unknown_sni) {
        (Some(handle), _) => Ok(handle),
        (None, UnknownSni::First) => first(),
        (None, UnknownSni::Refuse) => {
            let reason = format!("no certificate covers the server name `{name}`");
            Err(Refusal { alert: Alert::UnrecognizedName, reason })
        }
    }
}

/// The certificate that names `host` itself, or else one whose wildcard covers it.
fn covering<'a>(
    handles: impl Iterator<Item = &'a CredentialHandle> + Clone,
    host: &str,
) -> Option<&'a CredentialHandle> {
    let exact = |identity: &Identity| match identity {
        Identity::Dns(name) => !name.as_str().starts_with("*.") && name.covers(host),
        other => other.covers_host(host),
    };
    let exactly = |handle: &&CredentialHandle| handle.load().leaf().identities.iter().any(exact);
    let somehow = |handle: &&CredentialHandle| handle.load().leaf().covers_host(host);
    handles.clone().find(exactly).or_else(|| handles.clone().find(somehow))
}

#[cfg(test)]
mod tests;
