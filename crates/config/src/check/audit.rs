//! What an audit may find, and which controls count for it. What there is in neither, only the audit knows.

use hermetic_hop::{Exception, Requirement};

use super::{entries, flow};
use crate::model::{Accepted, AuditTerms, ControlRequirement, NamedAt};
use crate::problem::Problems;
use crate::written::table::{At, Optional};
use crate::written::text::Line;
use crate::written::value::List;
use crate::written::{self};

/// What a configuration says to an audit. What is wrong with flows is not told here.
pub(crate) fn audit_terms(written: &written::File, problems: &mut Problems<'_>) -> AuditTerms {
    let mut terms = AuditTerms::default();
    terms.accepted.extend(
        entries(&written.exception).iter().filter_map(|exception| accepted(&exception.value, problems)),
    );
    for requirement in entries(&written.requirement) {
        if is_of_controls(&requirement.value) {
            terms.requirements.extend(of_controls(&requirement.value, problems));
        } else {
            terms.of_flows.extend(of_flows(&requirement.value));
        }
    }
    terms
}

/// Whether a requirement is about what an audit judges, and not about hops.
pub(super) fn is_of_controls(written: &written::Requirement) -> bool {
    let names = [&written.frameworks, &written.controls].map(|list| matches!(list, Optional::Absent));
    let absent = |is_absent: bool| is_absent;
    !(names.into_iter().all(absent)
        && matches!(written.parameters, Optional::Absent)
        && matches!(written.severity, Optional::Absent)
        && matches!(written.fail_on, Optional::Absent))
}

fn accepted(written: &written::Exception, problems: &Problems<'_>) -> Option<Accepted> {
    Some(Accepted {
        control: named(written.control.written()?, problems),
        resource: written.resource.written().map_or_else(|| "*".to_owned(), |line| line.value.0.clone()),
        // One that has ended is no mistake: it counts no more, and the audit says so.
        exception: Exception {
            reason: written.reason.written()?.value.0.clone(),
            owner: written.owner.written()?.value.0.clone(),
            until: written.until.written()?.value,
        },
    })
}

fn of_controls(written: &written::Requirement, problems: &mut Problems<'_>) -> Option<ControlRequirement> {
    let of_hops = [
        ("flows", written.flows.place()),
        ("tags", written.tags.place()),
        ("tls", written.tls.place()),
        ("verified", written.verified.place()),
        ("post_quantum", written.post_quantum.place()),
        ("mutual", written.mutual.place()),
    ];
    let both = of_hops.iter().find_map(|(name, place)| place.written().map(|place| (name, place.key)));
    if let Some((name, key)) = both {
        let message = format!("this requirement is about controls of an audit, and `{name}` is about hops");
        problems.tell(key, message, "write a second [[requirement]]");
    }
    let parameters = match &written.parameters {
        Optional::Absent => &[][..],
        Optional::Wrong => return None,
        Optional::Written(parameters) => {
            if matches!(written.controls, Optional::Absent) {
                let message = "parameters are of controls, and this requirement names none";
                problems.tell(parameters.key, message, "write which in `controls`");
            }
            &parameters.value.0
        }
    };
    let parameters = parameters.iter().map(|(name, value)| {
        let (line, column) = problems.place(name.key);
        (NamedAt { name: name.value.clone(), line, column }, value.clone())
    });
    Some(ControlRequirement {
        parameters: parameters.collect(),
        frameworks: all_named(&written.frameworks, "framework", problems)?,
        controls: all_named(&written.controls, "control", problems)?,
        severity: written.severity.if_any()?.map(Into::into),
        fail_on: written.fail_on.if_any()?.map(Into::into),
    })
}

/// What is demanded of hops, as far as it can be read.
fn of_flows(written: &written::Requirement) -> Option<Requirement> {
    Some(Requirement {
        flows: written.flows.or(List(Vec::new()))?.0.into_iter().map(|flow| flow.value).collect(),
        tags: flow::texts(written.tags.written().map_or(&[], |tags| &tags.value.0)),
        tls: written.tls.if_any()?,
        post_quantum: written.post_quantum.or(false)?,
        mutual: written.mutual.or(false)?,
        verified: written.verified.or(false)?,
    })
}

fn all_named(list: &Optional<List<Line>>, what: &str, problems: &mut Problems<'_>) -> Option<Vec<NamedAt>> {
    let list = match list {
        Optional::Absent => return Some(Vec::new()),
        Optional::Wrong => return None,
        Optional::Written(list) => list,
    };
    if list.value.0.is_empty() {
        problems.tell(list.at, format!("this names no {what}"), "leave it out, or write which");
    }
    Some(list.value.0.iter().map(|line| named(line, problems)).collect())
}

fn named(line: &At<Line>, problems: &Problems<'_>) -> NamedAt {
    let (line_number, column) = problems.place(line.at);
    NamedAt { name: line.value.0.clone(), line: line_number, column }
}
