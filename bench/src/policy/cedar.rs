//! Cedar's evaluator on ten policies that forbid what `ten.json` denies.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};

const POLICIES: &str = r#"
permit(principal, action, resource);
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  when { !context.secure };
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  when { context.tls < 12 };
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  unless { context.from.isInRange(ip("10.0.0.0/8")) || context.from.isInRange(ip("192.0.2.0/24")) };
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  when { context.agent like "*curl*" || context.agent like "wget/*" };
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  when { context has acl && (context.acl == "public-read" || context.acl == "public-read-write") };
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  when { context.now > 3786912000 };
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  unless { context has agent };
forbid(principal == User::"ben", action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket");
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  when { context.account == "999999999999" };
forbid(principal, action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"bucket")
  when { context has referer && context.referer == context.user };
"#;

const ENTITIES: &str = r#"[
  {"uid": {"type": "Object", "id": "a/key"}, "attrs": {}, "parents": [{"type": "Bucket", "id": "bucket"}]},
  {"uid": {"type": "Bucket", "id": "bucket"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "ana"}, "attrs": {}, "parents": []}
]"#;

const CONTEXT: &str = r#"{"secure": true, "tls": 13, "agent": "Boto3/1.44.8", "now": 0, "account": "111122223333",
  "user": "ana", "from": {"__extn": {"fn": "ip", "arg": "192.0.2.1"}}}"#;

/// Policies, entities and a request, ready.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    request: Request,
}

impl Cedar {
    /// Makes them ready.
    pub fn new() -> Result<Self, String> {
        let uid = |text: &str| text.parse::<EntityUid>().map_err(|error| error.to_string());
        let context = Context::from_json_str(CONTEXT, None).map_err(|error| error.to_string())?;
        let (ana, action, object) =
            (uid("User::\"ana\"")?, uid("Action::\"GetObject\"")?, uid("Object::\"a/key\"")?);
        let made = Self {
            authorizer: Authorizer::new(),
            policies: POLICIES.parse::<PolicySet>().map_err(|error| error.to_string())?,
            entities: Entities::from_json_str(ENTITIES, None).map_err(|error| error.to_string())?,
            request: Request::new(ana, action, object, context, None).map_err(|error| error.to_string())?,
        };
        let response = made.authorizer.is_authorized(&made.request, &made.policies, &made.entities);
        match (response.decision(), response.diagnostics().errors().next()) {
            (Decision::Allow, None) => Ok(made),
            (decision, error) => Err(format!("Cedar decides {decision:?}: {error:?}")),
        }
    }

    /// Decides about the request.
    pub fn decide(&self) -> Decision {
        self.authorizer.is_authorized(&self.request, &self.policies, &self.entities).decision()
    }
}
