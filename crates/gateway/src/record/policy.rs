//! What policy documents said of requests, as the access log and the metrics tell it.

use hermetic_hop::PartyName;
use hermetic_permit::{Call, Denied, Passed, Refused, Service};
use serde::{Deserialize, Serialize};

/// What was decided of a request by the policy documents on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyDecision {
    /// Nothing denied it.
    Passed,
    /// A statement denied it.
    Denied,
    /// It could not be told what it asked for, or who made it.
    Refused,
}

/// What is told of a decision.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PolicyFacts {
    pub decision: PolicyDecision,
    pub service: Service,
    /// The first action that it asked for, or the one that was denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    /// On what; left out where the request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    /// How many it asked for in all, where they passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// As the client was told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl PolicyFacts {
    fn new(service: Service, decision: PolicyDecision) -> Self {
        Self {
            decision,
            service,
            action: None,
            resource: None,
            calls: None,
            caller: None,
            document: None,
            sid: None,
            line: None,
            reason: None,
            request_id: None,
        }
    }

    fn asking(self, call: Option<&Call>, caller: String) -> Self {
        let resource = call.and_then(|call| call.resource.asked()).map(str::to_owned);
        Self { action: call.map(|call| call.action), resource, caller: Some(caller), ..self }
    }

    /// Of a request that passed.
    pub fn of_passed(service: Service, passed: &Passed) -> Self {
        let facts = Self::new(service, PolicyDecision::Passed);
        let asking = facts.asking(passed.calls.first(), passed.caller.to_string());
        Self { calls: Some(passed.calls.len()), ..asking }
    }

    /// Of one that did not.
    pub fn of_refused(
        service: Service,
        decision: PolicyDecision,
        refused: &Refused,
        request_id: String,
    ) -> Self {
        let request_id = Some(request_id);
        let facts = Self { request_id, reason: Some(refused.to_string()), ..Self::new(service, decision) };
        match refused {
            Refused::Denied(denied) => {
                let Denied { document, statement, call, caller } = &**denied;
                Self {
                    document: Some(document.clone()),
                    sid: statement.sid.clone(),
                    line: Some(statement.line),
                    ..facts.asking(Some(call), caller.to_string())
                }
            }
            _ => facts,
        }
    }
}

/// How often policy documents decided so on a listener since the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyCount {
    /// The listener.
    pub listener: PartyName,
    /// The service that is behind.
    pub service: String,
    /// What was decided.
    pub decision: PolicyDecision,
    /// How often.
    pub count: u64,
}

impl PolicyDecision {
    /// As the log and the metrics have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Denied => "denied",
            Self::Refused => "refused",
        }
    }
}

impl PolicyCount {
    /// The counts of several data planes as one, in the order of listeners, services and decisions.
    pub fn merged(counts: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut all: Vec<Self> = counts.into_iter().collect();
        all.sort_by(|a, b| (&a.listener, &a.service, a.decision).cmp(&(&b.listener, &b.service, b.decision)));
        all.dedup_by(|next, first| {
            let same = (&first.listener, &first.service, first.decision)
                == (&next.listener, &next.service, next.decision);
            if same {
                first.count += next.count;
            }
            same
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_one_decision_become_one() {
        let count = |decision, count| PolicyCount {
            listener: "edge".parse().unwrap(),
            service: "s3".to_owned(),
            decision,
            count,
        };
        let (denied, passed) = (PolicyDecision::Denied, PolicyDecision::Passed);
        let merged = PolicyCount::merged([count(denied, 1), count(passed, 2), count(denied, 4)]);
        assert_eq!(merged, [count(passed, 2), count(denied, 5)]);
    }
}
