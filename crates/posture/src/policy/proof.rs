//! Whether documents refuse cleartext: proved for every caller, every action, and all that is in the resource.

use hermetic_iam::{Document, Floor, Proof, Question, ResourceError, prove, prove_by, prove_of_every_action};
use serde_json::json;

use crate::span::Span;
use crate::verdict::Judgement;

use super::denials::Denials;
use super::names::is_unlisted;
use super::render::UNKNOWN;

/// What is to be proved.
pub(crate) struct Asked<'a> {
    /// The Denies that hold for the resource.
    pub(crate) denials: &'a [Denials],
    /// Its ARN.
    pub(crate) arn: &'a str,
    /// The service whose actions are asked about, where that is not the one in the ARN.
    pub(crate) by: Option<&'a str>,
    /// Only these actions; all of the service where there are none.
    pub(crate) actions: &'a [String],
    /// The lowest version of TLS; then cleartext is left to another control.
    pub(crate) floor: Option<Floor>,
    /// Where to point at.
    pub(crate) at: Span,
}

/// The id of what is taken for granted: no finding tells of it.
const ASSUMED: &str = "assumed";

/// Judges whether every request that travels too openly is denied.
pub(crate) fn denied(asked: &Asked<'_>) -> Judgement {
    let sure: Vec<&Document> = asked.denials.iter().filter_map(|it| it.sure.as_deref()).collect();
    let first = judge(asked, &sure);
    if first.standing != crate::verdict::Standing::Fail || asked.denials.iter().all(|it| it.hopeful.is_none())
    {
        return first;
    }
    let hopeful: Vec<&Document> =
        asked.denials.iter().filter_map(|it| it.hopeful.as_deref().or(it.sure.as_deref())).collect();
    let second = judge(asked, &hopeful);
    if second.standing == crate::verdict::Standing::Pass {
        return Judgement::unknown(
            "whether cleartext is denied hangs on parts of the policy that are not known",
            asked.at,
        );
    }
    second
}

fn judge(asked: &Asked<'_>, documents: &[&Document]) -> Judgement {
    let assumed = match assumed(asked) {
        Ok(assumed) => assumed,
        Err(why) => return Judgement::unknown(why, asked.at),
    };
    let documents: Vec<&Document> = documents.iter().copied().chain(&assumed).collect();
    let question = Question { documents: &documents, resource: asked.arn, account: None, floor: asked.floor };
    let proof = match asked.by {
        Some(service) => prove_by(service, &question),
        None => prove(&question),
    };
    // Of a service without a table a Deny of everything says all the same.
    let proof = match proof {
        Err(ResourceError::UnknownService { service, .. })
            if asked.floor.is_none() && !is_unlisted(&service) =>
        {
            prove_of_every_action(&documents, &service)
        }
        proof => proof,
    };
    match proof {
        Ok(Proof::Denied) => Judgement::pass(format!("{} is refused", travelling(asked.floor)), asked.at),
        Ok(Proof::Open(example)) => {
            let request = &example.request;
            let why = why(&example.reason);
            let message = format!(
                "{} on {} by {} in {} is not denied{why}",
                request.action,
                request.resource,
                who(&request.principal.to_string()),
                travelling(asked.floor)
            );
            // What stands for something unknown is told by its name alone.
            Judgement::fail(message.replace(UNKNOWN, ""), asked.at)
        }
        Ok(Proof::Unknown(why)) => Judgement::unknown(why, asked.at),
        Err(error) => Judgement::unknown(error.to_string(), asked.at),
    }
}

/// Somebody of an account that no policy names may be anybody.
fn who(principal: &str) -> &str {
    if principal.ends_with(":user/anyone") { "anybody" } else { principal }
}

/// What is taken for granted: other actions than those that are asked about, and cleartext where a version is asked for.
fn assumed(asked: &Asked<'_>) -> Result<Option<Document>, String> {
    let mut statements = Vec::new();
    if !asked.actions.is_empty() {
        statements.push(json!({
            "Sid": ASSUMED, "Effect": "Deny", "Principal": "*", "NotAction": asked.actions, "Resource": "*"
        }));
    }
    if asked.floor.is_some() {
        statements.push(json!({
            "Sid": ASSUMED, "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": "false" } }
        }));
    }
    if statements.is_empty() {
        return Ok(None);
    }
    let document = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    Document::read(&document).map(Some).map_err(|error| error.to_string())
}

/// What must be refused.
pub(crate) fn travelling(floor: Option<Floor>) -> String {
    floor.map_or_else(|| "cleartext".to_owned(), |floor| format!("TLS below {floor}"))
}

/// By what the Denies miss the request. Lines are those of the text that was proved, which nobody wrote.
fn why(reason: &str) -> String {
    let Some((_, why)) = reason.split_once(" is denied by nothing: ") else { return String::new() };
    let why = why.replace(" (line 1)", "");
    let told: Vec<&str> = why.split("; ").filter(|miss| !miss.contains(ASSUMED)).collect();
    match told.as_slice() {
        [] => ": no statement denies it".to_owned(),
        told => format!(": {}", told.join("; ")),
    }
}
