//! PROXY protocol: who is believed, and who is told.

use super::Check;
use crate::model::{Others, ProxyProtocol, ProxyProtocolVersion};
use crate::written::table::Optional;
use crate::written::{self, word};

impl Check<'_, '_> {
    /// Whose word a listener takes; `Some(None)`: nobody's.
    pub(super) fn proxy_protocol(&mut self, listener: &written::Listener) -> Option<Option<ProxyProtocol>> {
        let at = match &listener.proxy_protocol {
            Optional::Absent => return Some(None),
            Optional::Wrong => return None,
            Optional::Written(at) => at,
        };
        let from = at.value.from.written()?;
        if from.value.0.is_empty() {
            let hint = "write where the proxies before this one connect from, or take `proxy_protocol` out";
            self.problems.tell(from.at, "an empty `from` takes nobody's word", hint);
            return None;
        }
        let others = match at.value.others.or(word::Others::Refuse)? {
            word::Others::Refuse => Others::Refuse,
            word::Others::Direct => Others::Direct,
        };
        let from = from.value.0.iter().map(|network| network.value).collect();
        Some(Some(ProxyProtocol { from, others }))
    }
}

/// The version that is written.
pub(super) fn version(
    written: &Optional<word::ProxyProtocolVersion>,
) -> Option<Option<ProxyProtocolVersion>> {
    let version = written.if_any()?.map(|version| match version {
        word::ProxyProtocolVersion::V1 => ProxyProtocolVersion::V1,
        word::ProxyProtocolVersion::V2 => ProxyProtocolVersion::V2,
    });
    Some(version)
}
