//! Statements that deny insecure transport: put into a document that lacks them, or a document of their own.

use crate::document::Document;
use crate::error::ReadError;
use crate::json::{self, Node, Place, Value};
use crate::prove::{Floor, Proof, Question, prove};
use crate::services::{Reached, ResourceError, Service};

/// Why a document can't be mended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FixError {
    /// It is no document.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The resource is none.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// No condition key tells the version of TLS.
    #[error(
        "no request to {service} tells its version of TLS: a floor can't be held by a policy there; leave --floor away"
    )]
    NoFloor {
        /// The service.
        service: &'static str,
    },
    /// The statements were added, and something still gets through.
    #[error("with the statements added, this still gets through: {0}")]
    StillOpen(String),
}

/// A document that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// All of its text.
    pub text: String,
    /// The statements that were added, as JSON; none where nothing was open.
    pub added: Vec<String>,
}

/// Adds the smallest statements that close what is open. All else stays as it is, byte for byte.
pub fn fix(text: &str, resource: &str, floor: Option<Floor>) -> Result<Fixed, FixError> {
    let mut fixed = Fixed { text: text.to_owned(), added: Vec::new() };
    let (service, reached) = Reached::from(resource)?;
    for barrier in barriers(service, floor)? {
        if proof(&fixed.text, resource, barrier.floor)? == Proof::Denied {
            continue;
        }
        let document = Document::read(&fixed.text)?;
        let with_principal =
            document.statements.is_empty() || document.statements.iter().any(|it| it.principals.is_some());
        let sid = unused(barrier.sid, &document);
        let candidates = resources(resource, &reached)
            .into_iter()
            .map(|resources| barrier.statement(service, &sid, &resources, with_principal));
        let mut left = None;
        for statement in candidates {
            let text = with(&fixed.text, &statement)?;
            match proof(&text, resource, barrier.floor)? {
                Proof::Denied => {
                    left = None;
                    fixed.text = text;
                    fixed.added.push(statement.compact());
                    break;
                }
                Proof::Open(request) => left = Some(request.reason.clone()),
                Proof::Unknown(reason) => left = Some(reason),
            }
        }
        if let Some(reason) = left {
            return Err(FixError::StillOpen(reason));
        }
    }
    Ok(fixed)
}

/// A document that denies insecure transport to a resource, and no more.
pub fn generate(resource: &str, floor: Option<Floor>) -> Result<String, FixError> {
    let (service, reached) = Reached::from(resource)?;
    let all = resources(resource, &reached).pop().unwrap_or_default();
    let barriers = barriers(service, floor)?;
    let statements =
        barriers.iter().map(|barrier| barrier.statement(service, barrier.sid, &all, true).lines("    "));
    let statements = statements.collect::<Vec<_>>().join(",\n    ");
    Ok(format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {statements}\n  ]\n}}\n"))
}

fn proof(text: &str, resource: &str, floor: Option<Floor>) -> Result<Proof, FixError> {
    let document = Document::read(text)?;
    Ok(prove(&Question { documents: &[&document], resource, account: None, floor })?)
}

/// What is to be denied by one statement.
struct Barrier {
    sid: &'static str,
    condition: String,
    /// Up to which floor it is proved, together with those before it.
    floor: Option<Floor>,
}

fn barriers(service: &'static Service, floor: Option<Floor>) -> Result<Vec<Barrier>, FixError> {
    let clear = r#"{ "Bool": { "aws:SecureTransport": "false" } }"#.to_owned();
    let mut barriers = vec![Barrier { sid: "DenyCleartext", condition: clear, floor: None }];
    if let Some(floor) = floor {
        let key = service.tls_version_key().ok_or(FixError::NoFloor { service: service.name })?;
        let condition = format!(r#"{{ "NumericLessThan": {{ "{key}": "{floor}" }} }}"#);
        barriers.push(Barrier { sid: "DenyOldTls", condition, floor: Some(floor) });
    }
    Ok(barriers)
}

/// A statement in JSON, element by element.
struct Written(Vec<(&'static str, String)>);

impl Barrier {
    fn statement(&self, service: &Service, sid: &str, resources: &[String], with_principal: bool) -> Written {
        let resources = match resources {
            [one] => format!("{one:?}"),
            several => format!("{several:?}"),
        };
        let mut elements = vec![("Sid", format!("{sid:?}")), ("Effect", "\"Deny\"".to_owned())];
        if with_principal {
            elements.push(("Principal", "\"*\"".to_owned()));
        }
        elements.push(("Action", format!("\"{}:*\"", service.name)));
        elements.extend([("Resource", resources), ("Condition", self.condition.clone())]);
        Written(elements)
    }
}

impl Written {
    fn compact(&self) -> String {
        let elements: Vec<String> =
            self.0.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{ {} }}", elements.join(", "))
    }

    /// An element a line, behind this space; the first line has its space already.
    fn lines(&self, space: &str) -> String {
        let elements: Vec<String> =
            self.0.iter().map(|(name, value)| format!("\n{space}  \"{name}\": {value}")).collect();
        format!("{{{}\n{space}}}", elements.join(","))
    }
}

/// Which resources may be all that is open, the fewest first.
fn resources(resource: &str, reached: &[Reached]) -> Vec<Vec<String>> {
    let mut inside: Vec<String> = reached
        .iter()
        .filter_map(|it| it.arn.strip_prefix(resource)?.chars().next())
        .map(|separator| format!("{resource}{separator}*"))
        .collect();
    inside.sort();
    inside.dedup();
    let whole = [vec![resource.to_owned()], inside.clone()].concat();
    match inside.is_empty() {
        true => vec![whole],
        false => vec![vec![resource.to_owned()], inside, whole],
    }
}

fn unused(sid: &str, document: &Document) -> String {
    let is_used = |sid: &str| document.statements.iter().any(|it| it.sid.as_deref() == Some(sid));
    let numbered = (2..).map(|number| format!("{sid}{number}"));
    std::iter::once(sid.to_owned()).chain(numbered).find(|sid| !is_used(sid)).unwrap_or_default()
}

/// The text with one statement more.
fn with(text: &str, statement: &Written) -> Result<String, ReadError> {
    let root = json::read(text)?;
    let Value::Object(members) = &root.value else { return Ok(text.to_owned()) };
    let Some(statements) = members.iter().find(|member| member.key.eq_ignore_ascii_case("Statement")) else {
        return Ok(text.to_owned());
    };
    let node = &statements.node;
    Ok(match &node.value {
        Value::List(nodes) => match nodes.last() {
            Some(last) => {
                let first = nodes.first().unwrap_or(last);
                insert(text, last.span.end, &format!(",{}", behind(text, first, statement)))
            }
            None => insert(text, node.span.start + 1, &format!(" {} ", statement.compact())),
        },
        // One statement without a list becomes the first of two.
        _ => {
            let text = insert(text, node.span.end, &format!(",{}]", behind(text, node, statement)));
            insert(&text, node.span.start, "[")
        }
    })
}

/// A statement as the one before it is written: in lines of the same depth, or in the same line.
fn behind(text: &str, before: &Node, statement: &Written) -> String {
    let line_start = text.get(..before.span.start).and_then(|it| it.rfind('\n')).map(|end| end + 1);
    let indent = line_start.and_then(|start| text.get(start..before.span.start));
    let is_of_lines = Place::of(text, before.span.start).line != Place::of(text, before.span.end).line;
    match indent {
        Some(space) if space.chars().all(char::is_whitespace) => {
            let written = if is_of_lines { statement.lines(space) } else { statement.compact() };
            format!("\n{space}{written}")
        }
        _ => format!(" {}", statement.compact()),
    }
}

fn insert(text: &str, at: usize, what: &str) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    format!("{before}{what}{after}")
}

#[cfg(test)]
mod tests {
    use super::{FixError, fix, generate};
    use crate::document::Document;
    use crate::prove::{Floor, Proof, Question, prove};

    const BUCKET: &str = "arn:aws:s3:::b";

    #[test]
    fn what_is_generated_is_proved() {
        for (resource, floor) in [
            (BUCKET, Some(Floor::Tls1_3)),
            ("arn:aws:sqs:eu-west-1:111122223333:orders", None),
            ("arn:aws:dynamodb:eu-west-1:111122223333:table/t", None),
        ] {
            let document = Document::read(&generate(resource, floor).unwrap()).unwrap();
            let question = Question { documents: &[&document], resource, account: None, floor };
            assert_eq!(prove(&question), Ok(Proof::Denied), "{resource}");
        }
    }

    #[test]
    fn only_what_is_open_is_closed_and_all_else_stays_as_it_is() {
        let text = "{\r\n  \"Statement\": [\n    {\n      \"Effect\": \"Deny\",  \"Principal\": \"*\", \"Action\": \"s3:*\",\n      \
                    \"Resource\": \"arn:aws:s3:::b/*\",\n      \"Condition\": {\"Bool\": {\"aws:SecureTransport\": false}}\n    }\n  ]\n}\n";
        let fixed = fix(text, BUCKET, None).unwrap();
        assert_eq!(
            fixed.added,
            [
                r#"{ "Sid": "DenyCleartext", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b", "Condition": { "Bool": { "aws:SecureTransport": "false" } } }"#
            ]
        );
        let added = ",\n    {\n      \"Sid\": \"DenyCleartext\",\n      \"Effect\": \"Deny\",\n      \"Principal\": \"*\",\n      \
                     \"Action\": \"s3:*\",\n      \"Resource\": \"arn:aws:s3:::b\",\n      \"Condition\": { \"Bool\": { \
                     \"aws:SecureTransport\": \"false\" } }\n    }";
        assert_eq!(fixed.text.replace(added, ""), text);
    }

    #[test]
    fn one_statement_without_a_list_becomes_the_first_of_two() {
        let text =
            r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
        let fixed = fix(text, BUCKET, Some(Floor::Tls1_2)).unwrap();
        assert_eq!(Document::read(&fixed.text).unwrap().statements.len(), 3);
        assert!(fixed.text.starts_with(
            r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}, {"#
        ));
    }

    #[test]
    fn a_document_that_denies_already_is_not_touched() {
        let text = generate(BUCKET, None).unwrap();
        let fixed = fix(&text, BUCKET, None).unwrap();
        assert!(fixed.text == text && fixed.added.is_empty());
    }

    #[test]
    fn a_floor_where_no_key_tells_the_version_is_refused() {
        let queue = "arn:aws:sqs:eu-west-1:111122223333:orders";
        assert_eq!(generate(queue, Some(Floor::Tls1_2)), Err(FixError::NoFloor { service: "sqs" }));
    }
}
