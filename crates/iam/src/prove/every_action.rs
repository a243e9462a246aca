//! A service whose actions are not known here: only what denies all of them, on all resources, denies each for sure.

use super::{Proof, Question, denials, prove};
use crate::document::{Actions, Document, ResourcePattern, Statement};
use crate::pattern::{Folding, Pattern, Piece};
use crate::services::ResourceError;

/// Stands for what nobody knows of: its ARN has neither account nor Region, so no condition about these is settled.
const STAND_IN: &str = "arn:aws:s3:::any";

/// Proves that no action of a service gets through in cleartext, on whatever resource; or that nothing denies some.
///
/// Where Denies speak of some of its actions or resources alone, it is unknown whether these are all.
pub fn prove_of_every_action(documents: &[&Document], service: &str) -> Result<Proof, ResourceError> {
    let all = denials(&Question { documents, resource: STAND_IN, account: None, floor: None });
    let prefix = format!("{}:", service.to_ascii_lowercase());
    let speaking: Vec<&Statement> = all.into_iter().filter(|denial| speaks(denial, &prefix)).collect();
    let (whole, partly): (Vec<&Statement>, Vec<&Statement>) =
        speaking.into_iter().partition(|denial| is_whole(denial, &prefix));
    let version = documents.first().map_or(crate::document::Version::V2012, |document| document.version);
    let statements =
        whole.into_iter().map(|denial| Statement { actions: every(), ..denial.clone() }).collect();
    let document = Document { version, id: None, statements };
    let proof = prove(&Question { documents: &[&document], resource: STAND_IN, account: None, floor: None })?;
    Ok(match proof {
        Proof::Open(_) if !partly.is_empty() => Proof::Unknown(format!(
            "whether what is denied is all that `{service}` can do is not known here; deny `{service}:*` on `*`"
        )),
        Proof::Open(mut example) => {
            example.request.action = format!("{service}:*");
            example.request.resource = "*".to_owned();
            Proof::Open(example)
        }
        other => other,
    })
}

fn every() -> Actions {
    Actions { all_but: false, patterns: vec![Pattern(vec![Piece::Any])] }
}

/// Whether a Deny is about any action of the service.
fn speaks(denial: &Statement, prefix: &str) -> bool {
    denial.actions.all_but || denial.actions.patterns.iter().any(|pattern| may_begin_with(pattern, prefix))
}

/// Whether a Deny is about every action of the service, on every resource.
fn is_whole(denial: &Statement, prefix: &str) -> bool {
    let Actions { all_but, patterns } = &denial.actions;
    let of_all_actions = match all_but {
        true => !patterns.iter().any(|pattern| may_begin_with(pattern, prefix)),
        false => patterns.iter().any(|pattern| takes_all_that_begins_with(pattern, prefix)),
    };
    let of_all_resources = denial
        .resources
        .as_ref()
        .is_none_or(|resources| !resources.all_but && resources.patterns.contains(&ResourcePattern::All));
    of_all_actions && of_all_resources
}

/// Whether a pattern takes every text with this beginning: it is something that takes the start of it, and `*`.
fn takes_all_that_begins_with(pattern: &Pattern, prefix: &str) -> bool {
    let Some((Piece::Any, before)) = pattern.0.split_last() else { return false };
    let before = Pattern(before.to_vec());
    let starts = (0..=prefix.len()).filter_map(|end| prefix.get(..end));
    starts.into_iter().any(|start| before.takes(start, Folding::Folded, &|_| None))
}

/// Whether a pattern takes any text with this beginning.
fn may_begin_with(pattern: &Pattern, prefix: &str) -> bool {
    let mut expected = prefix.chars();
    for piece in &pattern.0 {
        match piece {
            Piece::Any | Piece::Variable(_) => return true,
            Piece::One => drop(expected.next()),
            Piece::Char(found) => match expected.next() {
                Some(wanted) if wanted.eq_ignore_ascii_case(found) => {}
                Some(_) => return false,
                None => return true,
            },
        }
    }
    expected.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is proved of rekognition by a Deny of cleartext with these elements.
    fn proof(elements: &str) -> Proof {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": "*", {elements},
            "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}}}"#
        );
        let document = Document::read(&text).unwrap();
        prove_of_every_action(&[&document], "rekognition").unwrap()
    }

    #[test]
    fn a_deny_of_every_action_denies_those_of_a_service_that_nobody_listed() {
        for actions in [
            r#""Action": "*""#,
            r#""Action": ["s3:*", "Rekognition:*"]"#,
            r#""Action": "*:*""#,
            r#""Action": "re?ognition:*""#,
            r#""NotAction": "s3:*""#,
        ] {
            assert_eq!(proof(&format!("{actions}, \"Resource\": \"*\"")), Proof::Denied, "{actions}");
        }
    }

    #[test]
    fn a_deny_of_some_actions_or_resources_may_be_all_there_are() {
        for elements in [
            r#""Action": "rekognition:Detect*", "Resource": "*""#,
            r#""NotAction": "rekognition:Detect*", "Resource": "*""#,
            r#""Action": "*", "Resource": "arn:aws:rekognition:*:*:collection/*""#,
            r#""Action": "*", "NotResource": "arn:aws:s3:::logs""#,
        ] {
            assert!(matches!(proof(elements), Proof::Unknown(_)), "{elements}: {:?}", proof(elements));
        }
    }

    #[test]
    fn a_deny_of_another_services_actions_denies_none() {
        for actions in ["s3:*", "rekognitionx:*"] {
            let open = proof(&format!(r#""Action": "{actions}", "Resource": "*""#));
            let Proof::Open(example) = open else { panic!("{actions}: {open:?}") };
            assert_eq!(example.request.action, "rekognition:*");
        }
    }

    #[test]
    fn a_condition_that_lets_somebody_through_does_so_here_too() {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*",
            "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"},
            "StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}}"#;
        let document = Document::read(text).unwrap();
        let proof = prove_of_every_action(&[&document], "rekognition").unwrap();
        assert!(matches!(proof, Proof::Open(_)), "{proof:?}");
    }
}
