//! Buckets that are websites: anybody reads them, by HTTP alone.

use super::hop::Hop;
use super::way::Way;
use crate::subject::{Seen, Subject, text_of};
use crate::value::{Node, Value};

/// The hop from clients to a bucket's website endpoint, where everybody may read it.
pub fn hop(bucket: &Subject<'_>) -> Option<Hop> {
    let website = bucket.value(path!("WebsiteConfiguration")).known()?;
    if !everybody_may_read(bucket) {
        return None;
    }
    let way = Way::clear("everybody may read the bucket, and its website endpoint speaks HTTP alone");
    Some(Hop::entrance(bucket, way, website.at))
}

fn everybody_may_read(bucket: &Subject<'_>) -> bool {
    let by_list = bucket.text(path!("AccessControl")).known();
    if by_list.is_some_and(|list| matches!(&*list, "PublicRead" | "PublicReadWrite")) {
        return true;
    }
    let policies = bucket.pointed_at_by("AWS::S3::BucketPolicy", path!("Bucket"));
    policies.iter().any(|policy| {
        let document = policy.value(path!("PolicyDocument")).known();
        let statements = document.map(|document| policy.below(document, path!("Statement[]")));
        statements.unwrap_or_default().into_iter().filter_map(Seen::known).any(|it| lets_all_read(policy, it))
    })
}

fn lets_all_read<'g>(policy: &Subject<'g>, statement: &'g Value) -> bool {
    let allows = policy.value_in(statement, path!("Effect")).and_then(text_of).known();
    let any_condition = !matches!(policy.value_in(statement, path!("Condition")), Seen::Absent(_));
    let who = policy.value_in(statement, path!("Principal")).known();
    let everybody = who.is_some_and(|who| match &who.node {
        Node::Map(map) => map.entry("AWS").is_some_and(|who| is_everybody(policy.resolve(who))),
        _ => is_everybody(who),
    });
    let actions = policy.below(statement, path!("Action[]")).into_iter().filter_map(Seen::known);
    let mut actions = actions.filter_map(|action| text_of(action).ok());
    let reads = actions.any(|action| {
        let action = action.to_ascii_lowercase();
        action == "*" || action == "s3:*" || action.starts_with("s3:get")
    });
    allows.as_deref() == Some("Allow") && everybody && !any_condition && reads
}

fn is_everybody(who: &Value) -> bool {
    match &who.node {
        Node::List(list) => list.iter().any(is_everybody),
        _ => text_of(who).is_ok_and(|who| &*who == "*"),
    }
}
