//! Which cache behaviors send what to an origin, and whether plain HTTP is among it.

use std::sync::Arc;

use crate::subject::{Seen, Subject, text_of};
use crate::value::Value;
use crate::verdict::{Judgement, Standing};

/// All cache behaviors of a distribution, the default one first.
pub(super) fn all<'g>(distribution: &Subject<'g>) -> Vec<Seen<&'g Value>> {
    let mut all = vec![distribution.value(path!("DistributionConfig.DefaultCacheBehavior"))];
    all.extend(distribution.all(path!("DistributionConfig.CacheBehaviors[]")));
    all
}

/// Whether all that reaches this origin came by HTTPS: then the edge goes on by HTTPS where it follows the viewer.
pub(crate) fn all_https<'g>(distribution: &Subject<'g>, origin: &'g Value) -> Judgement {
    let id = match distribution.value_in(origin, path!("Id")).and_then(text_of) {
        Seen::Known(id, _) => id,
        other => return Judgement::unknown("the Id of the origin is not known", other.at()),
    };
    let (names, all_known) = names_of(distribution, id);
    let judged = all(distribution).into_iter().map(|behavior| {
        let skipped = |_| Judgement::not_applicable();
        behavior.judge(
            "a cache behavior",
            |behavior, _| of_one(distribution, behavior, &names, all_known),
            skipped,
        )
    });
    let nothing = Judgement::pass("no cache behavior sends it plain HTTP", origin.at);
    nothing.and(judged.collect())
}

/// The origin's own id, and those of the groups of origins that it is in; and whether these are all.
fn names_of(distribution: &Subject<'_>, id: Arc<str>) -> (Vec<Arc<str>>, bool) {
    let (mut names, mut all_known) = (Vec::new(), true);
    for group in distribution.all(path!("DistributionConfig.OriginGroups.Items[]")) {
        let Seen::Known(group, _) = group else {
            all_known &= !matches!(group, Seen::Unknown(..));
            continue;
        };
        let members = distribution.below(group, path!("Members.Items[].OriginId")).into_iter();
        let members: Vec<Seen<Arc<str>>> = members.map(|member| member.and_then(text_of)).collect();
        let name = distribution.value_in(group, path!("Id")).and_then(text_of);
        match name {
            Seen::Known(name, _)
                if members.iter().any(|it| matches!(it, Seen::Known(it, _) if *it == id)) =>
            {
                names.push(name);
            }
            Seen::Known(..) if !members.iter().any(|it| matches!(it, Seen::Unknown(..))) => {}
            _ => all_known = false,
        }
    }
    names.push(id);
    (names, all_known)
}

fn of_one<'g>(
    distribution: &Subject<'g>,
    behavior: &'g Value,
    names: &[Arc<str>],
    all_known: bool,
) -> Judgement {
    let target = distribution.value_in(behavior, path!("TargetOriginId")).and_then(text_of);
    let policy = distribution.value_in(behavior, path!("ViewerProtocolPolicy")).and_then(text_of);
    let of_policy = policy.judge(
        "ViewerProtocolPolicy",
        |policy, at| match &*policy {
            "https-only" | "redirect-to-https" => {
                Judgement::pass(format!("viewers come by HTTPS: {policy}"), at)
            }
            _ => {
                let path = distribution.value_in(behavior, path!("PathPattern")).and_then(text_of).known();
                let path = path.map_or_else(|| "the default".to_owned(), |path| format!("that of {path}"));
                Judgement::fail(
                    format!("it follows the viewer, and a cache behavior, {path}, lets HTTP in"),
                    at,
                )
            }
        },
        |at| Judgement::unknown("ViewerProtocolPolicy is not set", at),
    );
    match target {
        Seen::Known(target, _) if names.contains(&target) => of_policy,
        Seen::Known(..) if !all_known => of_policy.unless_sure("which origins its group has is not known"),
        Seen::Known(..) | Seen::Absent(_) => Judgement::not_applicable(),
        Seen::Unknown(..) if of_policy.standing == Standing::Pass => of_policy,
        Seen::Unknown(why, at) => Judgement::unknown(format!("TargetOriginId: {why}"), at),
    }
}
