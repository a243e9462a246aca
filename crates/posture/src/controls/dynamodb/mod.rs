//! DynamoDB: clients to tables and their streams.

use super::{Entry, secure_transport};
use crate::control::Control;
use crate::policy::{Place, Renderer};
use crate::subject::Subject;
use crate::verdict::Judgement;

pub(super) const CONTROLS: &[Entry] = &[control!("dynamodb-resource-policy-secure-transport", judge)];

/// Whether the policy of a table refuses cleartext, and that of its stream where it has one.
fn judge(control: &Control, subject: &Subject<'_>) -> Judgement {
    let table = secure_transport::judge(control, subject);
    if &*subject.resource.kind != "AWS::DynamoDB::Table" {
        return table;
    }
    let arn = format!("{}/stream/label", Renderer::new(*subject, Place::default()).arn(subject.resource));
    let streams = subject.written("StreamSpecification.ResourcePolicy.PolicyDocument").into_iter();
    table.and(
        streams.map(|document| secure_transport::judge_document(control, subject, document, &arn)).collect(),
    )
}
