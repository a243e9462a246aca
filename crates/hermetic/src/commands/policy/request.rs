//! A request in a file, as `prove` prints its counter-examples.

use std::path::Path;

use hermetic_iam::document::Key;
use hermetic_iam::json::{self, Node, Place, Value};
use hermetic_iam::request::{Caller, Context, Request};

use crate::exit::Failure;

/// Reads one.
pub fn read(file: &Path) -> Result<Request, Failure> {
    let text = super::text(file)?;
    let root = json::read(&text).map_err(|error| super::unread(&error, file, &text))?;
    let reader = Reader { file, text: &text };
    reader.request(&root)
}

struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
}

const FORM: &str = "write { \"principal\": …, \"action\": …, \"resource\": …, \"context\": { … } }";

impl Reader<'_> {
    fn wrong(&self, byte: usize, what: impl Into<String>) -> Failure {
        let place = Place::of(self.text, byte);
        let name = super::name(self.file);
        Failure::wrong(what).in_text(Path::new(&name), (place.line, place.column), self.text).remedy(FORM)
    }

    fn request(&self, root: &Node) -> Result<Request, Failure> {
        let Value::Object(members) = &root.value else {
            return Err(self.wrong(root.span.start, "a request is an object"));
        };
        let (mut principal, mut action, mut resource) = (Caller::Anonymous, None, None);
        let mut context = Context::default();
        for member in members {
            match member.key.as_str() {
                "principal" => principal = self.caller(&member.node)?,
                "action" => action = Some(self.text(&member.node)?),
                "resource" => resource = Some(self.text(&member.node)?),
                "context" => context = self.context(&member.node)?,
                other => {
                    return Err(self.wrong(member.key_span.start, format!("a request has no `{other}`")));
                }
            }
        }
        let missing = |name| self.wrong(root.span.start, format!("the request lacks `{name}`"));
        let action = action.ok_or_else(|| missing("action"))?;
        Ok(Request { principal, action, resource: resource.ok_or_else(|| missing("resource"))?, context })
    }

    /// An ARN, a service's name, or `anonymous`.
    fn caller(&self, node: &Node) -> Result<Caller, Failure> {
        let text = self.text(node)?;
        match text.as_str() {
            "anonymous" => Ok(Caller::Anonymous),
            _ if text.starts_with("arn:") => Ok(Caller::Arn(text)),
            _ if text.contains('.') => Ok(Caller::Service(text)),
            _ => {
                Err(self
                    .wrong(node.span.start, format!("`{text}` is no ARN, no service and not `anonymous`")))
            }
        }
    }

    fn context(&self, node: &Node) -> Result<Context, Failure> {
        let Value::Object(members) = &node.value else {
            return Err(self.wrong(node.span.start, "a context is an object of keys"));
        };
        members.iter().try_fold(Context::default(), |context, member| {
            let key = Key::read(&member.key)
                .map_err(|problem| self.wrong(member.key_span.start, problem.to_string()))?;
            let values = match &member.node.value {
                Value::List(nodes) => nodes.iter().map(|node| self.scalar(node)).collect::<Result<_, _>>()?,
                _ => vec![self.scalar(&member.node)?],
            };
            Ok(context.with(key, values))
        })
    }

    fn scalar(&self, node: &Node) -> Result<String, Failure> {
        match &node.value {
            Value::Text(text) | Value::Number(text) => Ok(text.clone()),
            Value::Bool(value) => Ok(value.to_string()),
            other => Err(self.wrong(node.span.start, format!("a value of a key is no {}", other.kind()))),
        }
    }

    fn text(&self, node: &Node) -> Result<String, Failure> {
        match &node.value {
            Value::Text(text) => Ok(text.clone()),
            other => Err(self.wrong(node.span.start, format!("it must be a text, not {}", other.kind()))),
        }
    }
}
