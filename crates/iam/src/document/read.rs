//! From JSON to a document.

use std::cell::Cell;
use std::collections::HashSet;

use super::condition::{Key, Operand, Quantifier, Test};
use super::operator::{Comparison, Operator};
use super::principal::{Principal, Principals};
use super::resource::ResourcePattern;
use super::{Actions, Document, Effect, Resources, Statement, Version};
use crate::error::{Problem, ReadError};
use crate::json::{self, Member, Node, Place, Value};
use crate::pattern::{Pattern, Reading};

const DOCUMENT: &str = "a policy document";
const STATEMENT: &str = "a statement";

/// Reads a document.
pub(super) fn document(text: &str) -> Result<Document, ReadError> {
    let node = json::read(text)?;
    Reader { text, passed: Cell::new((0, Place { line: 1, column: 1 })) }.document(&node)
}

struct Reader<'a> {
    text: &'a str,
    /// How far lines and columns are counted: from the start each time would take for ever.
    passed: Cell<(usize, Place)>,
}

/// The members of an object by the names that it may have, whatever their case.
struct Elements<'a, const N: usize>([Option<&'a Member>; N]);

impl Reader<'_> {
    fn fail<T>(&self, node: &Node, problem: Problem) -> Result<T, ReadError> {
        Err(ReadError::at(self.text, node.span.start, problem))
    }

    fn place(&self, byte: usize) -> Place {
        let (passed, place) = self.passed.get();
        let place = match self.text.get(passed..byte) {
            Some(between) => place.behind(between),
            None => Place::of(self.text, byte),
        };
        self.passed.set((byte, place));
        place
    }

    fn document(&self, node: &Node) -> Result<Document, ReadError> {
        let names = ["Version", "Id", "Statement"];
        let Elements([version, id, statements]) = self.elements(node, DOCUMENT, names)?;
        let version = match version {
            None => Version::V2008,
            Some(member) => self.version(&member.node)?,
        };
        let id = id.map(|member| self.text(&member.node, "Id")).transpose()?.map(str::to_owned);
        let Some(statements) = statements else {
            return self.fail(node, Problem::Missing { parent: DOCUMENT, element: "Statement" });
        };
        let statements = match &statements.node.value {
            Value::List(nodes) => {
                nodes.iter().map(|node| self.statement(node, version)).collect::<Result<_, _>>()?
            }
            Value::Object(_) => vec![self.statement(&statements.node, version)?],
            other => {
                return self.wrong_type(
                    &statements.node,
                    "Statement",
                    "a statement or a list of them",
                    other,
                );
            }
        };
        Ok(Document { version, id, statements })
    }

    fn version(&self, node: &Node) -> Result<Version, ReadError> {
        match self.text(node, "Version")? {
            "2012-10-17" => Ok(Version::V2012),
            "2008-10-17" => Ok(Version::V2008),
            other => self.fail(node, Problem::Version(other.to_owned())),
        }
    }

    fn statement(&self, node: &Node, version: Version) -> Result<Statement, ReadError> {
        let names = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        let Elements(
            [sid, effect, principal, not_principal, action, not_action, resource, not_resource, condition],
        ) = self.elements(node, STATEMENT, names)?;
        // Before those of its conditions: places are counted onwards.
        let place = self.place(node.span.start);
        let missing = |element| Problem::Missing { parent: STATEMENT, element };
        let Some(effect) = effect else { return self.fail(node, missing("Effect")) };
        let variables = version == Version::V2012;
        let principals = self.one_of(principal, not_principal, ("Principal", "NotPrincipal"))?;
        let actions = self.one_of(action, not_action, ("Action", "NotAction"))?;
        let resources = self.one_of(resource, not_resource, ("Resource", "NotResource"))?;
        let Some((all_but, actions)) = actions else {
            return self.fail(node, missing("Action or NotAction"));
        };
        Ok(Statement {
            sid: sid.map(|member| self.text(&member.node, "Sid")).transpose()?.map(str::to_owned),
            effect: self.effect(&effect.node)?,
            principals: principals
                .map(|(all_but, member)| self.principals(&member.node, all_but))
                .transpose()?,
            actions: Actions { all_but, patterns: self.actions(&actions.node)? },
            resources: resources
                .map(|(all_but, member)| self.resources(&member.node, all_but, variables))
                .transpose()?,
            tests: condition
                .map(|member| self.condition(&member.node, variables))
                .transpose()?
                .unwrap_or_default(),
            span: node.span,
            place,
        })
    }

    /// An element or its opposite; not both.
    fn one_of<'m>(
        &self,
        these: Option<&'m Member>,
        all_but: Option<&'m Member>,
        names: (&'static str, &'static str),
    ) -> Result<Option<(bool, &'m Member)>, ReadError> {
        match (these, all_but) {
            (Some(_), Some(second)) => {
                Err(ReadError::at(self.text, second.key_span.start, Problem::Both(names.0, names.1)))
            }
            (Some(member), None) => Ok(Some((false, member))),
            (None, Some(member)) => Ok(Some((true, member))),
            (None, None) => Ok(None),
        }
    }

    fn effect(&self, node: &Node) -> Result<Effect, ReadError> {
        match self.text(node, "Effect")? {
            "Allow" => Ok(Effect::Allow),
            "Deny" => Ok(Effect::Deny),
            other => self.fail(node, Problem::Effect(other.to_owned())),
        }
    }

    fn principals(&self, node: &Node, all_but: bool) -> Result<Principals, ReadError> {
        let mut named = Vec::new();
        match &node.value {
            Value::Text(text) if text == "*" => named.push(Principal::Everyone),
            Value::Text(text) => return self.fail(node, Problem::Principal(text.clone())),
            Value::Object(members) => {
                for member in members {
                    for (node, text) in self.texts(&member.node, "Principal")? {
                        let principal = Principal::of_kind(&member.key, text);
                        named.push(
                            principal
                                .map_err(|problem| ReadError::at(self.text, node.span.start, problem))?,
                        );
                    }
                }
            }
            other => {
                return self.wrong_type(node, "Principal", "`*` or an object of kinds of principals", other);
            }
        }
        match named.is_empty() {
            true => self.fail(node, Problem::Empty("Principal")),
            false => Ok(Principals { all_but, named }),
        }
    }

    fn actions(&self, node: &Node) -> Result<Vec<Pattern>, ReadError> {
        let texts = self.texts(node, "Action")?;
        if texts.is_empty() {
            return self.fail(node, Problem::Empty("Action"));
        }
        let read = |(node, text): (&Node, &str)| {
            let is_action = text.bytes().all(|byte| byte == b'*') && !text.is_empty()
                || text
                    .split_once(':')
                    .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
            if !is_action {
                return self.fail(node, Problem::Action(text.to_owned()));
            }
            let reading = Reading { wildcards: true, variables: false };
            Pattern::read(&text.to_ascii_lowercase(), reading)
                .map_err(|problem| ReadError::at(self.text, node.span.start, problem))
        };
        texts.into_iter().map(read).collect()
    }

    fn resources(&self, node: &Node, all_but: bool, variables: bool) -> Result<Resources, ReadError> {
        let texts = self.texts(node, "Resource")?;
        if texts.is_empty() {
            return self.fail(node, Problem::Empty("Resource"));
        }
        let read = |(node, text): (&Node, &str)| {
            ResourcePattern::read(text, variables)
                .map_err(|problem| ReadError::at(self.text, node.span.start, problem))
        };
        Ok(Resources { all_but, patterns: texts.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    fn condition(&self, node: &Node, variables: bool) -> Result<Vec<Test>, ReadError> {
        let Value::Object(operators) = &node.value else {
            return self.wrong_type(node, "Condition", "an object of operators", &node.value);
        };
        let mut tests = Vec::new();
        for operator in operators {
            let at = |problem| ReadError::at(self.text, operator.key_span.start, problem);
            let (quantifier, named, if_exists) = modified(&operator.key).map_err(at)?;
            let Value::Object(keys) = &operator.node.value else {
                return self.wrong_type(
                    &operator.node,
                    &operator.key,
                    "an object of keys",
                    &operator.node.value,
                );
            };
            let mut seen = HashSet::new();
            for key in keys {
                let at = |problem| ReadError::at(self.text, key.key_span.start, problem);
                let read = Key::read(&key.key).map_err(at)?;
                // Two keys that differ in their capitals alone are one key twice.
                if !seen.insert(read.clone()) {
                    return Err(at(Problem::Twice(key.key.clone())));
                }
                tests.push(Test {
                    operator: named,
                    quantifier,
                    if_exists,
                    key: read,
                    operands: self.operands(&key.node, &key.key, named, variables)?,
                    span: key.node.span,
                    place: self.place(key.key_span.start),
                });
            }
        }
        Ok(tests)
    }

    fn operands(
        &self,
        node: &Node,
        key: &str,
        operator: Operator,
        variables: bool,
    ) -> Result<Vec<Operand>, ReadError> {
        let nodes = match &node.value {
            Value::List(nodes) => nodes.iter().collect(),
            _ => vec![node],
        };
        let read = |node: &Node| {
            let text = match &node.value {
                Value::Text(text) | Value::Number(text) => text,
                Value::Bool(true) => "true",
                Value::Bool(false) => "false",
                other => {
                    return self.wrong_type(
                        node,
                        key,
                        "a text, a number, a boolean or a list of them",
                        other,
                    );
                }
            };
            Operand::read(text, operator, variables)
                .map_err(|problem| ReadError::at(self.text, node.span.start, problem))
        };
        nodes.into_iter().map(read).collect()
    }

    fn text<'n>(&self, node: &'n Node, element: &str) -> Result<&'n str, ReadError> {
        match &node.value {
            Value::Text(text) => Ok(text),
            other => self.wrong_type(node, element, "a text", other),
        }
    }

    /// One text or a list of them.
    fn texts<'n>(&self, node: &'n Node, element: &str) -> Result<Vec<(&'n Node, &'n str)>, ReadError> {
        match &node.value {
            Value::List(nodes) => {
                nodes.iter().map(|node| self.text(node, element).map(|text| (node, text))).collect()
            }
            Value::Text(text) => Ok(vec![(node, text)]),
            other => self.wrong_type(node, element, "a text or a list of texts", other),
        }
    }

    fn wrong_type<T>(
        &self,
        node: &Node,
        element: &str,
        expected: &'static str,
        found: &Value,
    ) -> Result<T, ReadError> {
        self.fail(node, Problem::Type { element: element.to_owned(), expected, found: found.kind() })
    }

    fn elements<'n, const N: usize>(
        &self,
        node: &'n Node,
        parent: &'static str,
        names: [&'static str; N],
    ) -> Result<Elements<'n, N>, ReadError> {
        let Value::Object(members) = &node.value else {
            return self.wrong_type(node, parent, "an object", &node.value);
        };
        let mut found = [None; N];
        for member in members {
            let at = |problem| ReadError::at(self.text, member.key_span.start, problem);
            let slot = found.iter_mut().zip(names).find(|(_, name)| name.eq_ignore_ascii_case(&member.key));
            match slot {
                Some((slot @ None, _)) => *slot = Some(member),
                Some((Some(_), _)) => return Err(at(Problem::Twice(member.key.clone()))),
                None => {
                    let suggestion = meant(&member.key, names);
                    return Err(at(Problem::Unknown { parent, name: member.key.clone(), suggestion }));
                }
            }
        }
        Ok(Elements(found))
    }
}

/// `ForAnyValue:StringLikeIfExists` in its three parts.
fn modified(name: &str) -> Result<(Option<Quantifier>, Operator, bool), Problem> {
    let (quantifier, rest) = match name.split_once(':') {
        Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => (Some(Quantifier::All), rest),
        Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (Some(Quantifier::Any), rest),
        _ => (None, name),
    };
    let length = rest.len().saturating_sub("IfExists".len());
    let (base, if_exists) = match (rest.get(..length), rest.get(length..)) {
        (Some(base), Some(end)) if end.eq_ignore_ascii_case("IfExists") => (base, true),
        _ => (rest, false),
    };
    let operator = Operator::named(base)?;
    if operator.comparison == Comparison::Null && (if_exists || quantifier.is_some()) {
        return Err(Problem::Modifier(
            "Null takes neither IfExists nor a set of values; it asks whether the key is there",
        ));
    }
    Ok((quantifier, operator, if_exists))
}

/// The name that differs from what is written by an `s` at its end.
fn meant<const N: usize>(written: &str, names: [&'static str; N]) -> Option<&'static str> {
    let bare = |name: &str| name.to_ascii_lowercase().trim_end_matches('s').to_owned();
    names.into_iter().find(|name| bare(name) == bare(written))
}
