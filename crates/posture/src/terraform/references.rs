//! What the code refers to: through arguments and outputs of modules, counts and keys, to the resource itself.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::address::{Address, keyless, parent, steps};
use super::document::Document;
use super::table;
use crate::scan::Json;

/// A reference to more resources than this names none of them.
const MOST_TARGETS: usize = 16;
/// Modules that hand each other the same argument would go round for ever.
const DEEPEST: usize = 32;

/// Which resource is called what.
pub(super) struct References<'d, 't> {
    document: &'d Document<'t>,
    by_address: HashMap<&'d str, usize>,
    by_block: HashMap<&'d str, Vec<usize>>,
    scopes: HashSet<&'d str>,
    modules: HashMap<&'d str, Vec<&'d str>>,
    by_text: HashMap<&'d str, Option<(usize, &'d str)>>,
    by_name: HashMap<(&'static str, &'d str), Option<usize>>,
}

/// What is referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The instance, in the document.
    pub instance: usize,
    /// Its attribute in Terraform, without indexes; empty where the code does not tell.
    pub attribute: String,
}

/// From where something is referred to.
#[derive(Clone, Copy)]
struct From<'a> {
    scope: &'a str,
    block: &'a str,
    key: &'a str,
    depth: usize,
}

impl<'d, 't> References<'d, 't> {
    /// Takes in who is called what.
    pub fn new(document: &'d Document<'t>) -> Self {
        let mut references = Self {
            document,
            by_address: HashMap::new(),
            by_block: HashMap::new(),
            scopes: HashSet::new(),
            modules: HashMap::new(),
            by_text: HashMap::new(),
            by_name: by_name(document),
        };
        let all = || document.instances.iter().enumerate();
        for (index, instance) in all() {
            let address = Address::of(&instance.address);
            let block = instance.address.get(..instance.address.len() - address.key.len());
            references.by_address.insert(&instance.address, index);
            references.by_block.entry(block.unwrap_or_default()).or_default().push(index);
            references.take_module(address.scope);
        }
        // A policy has the URL of its queue for an id: the queue's own URL names the queue, whoever else is called so.
        for own in [true, false] {
            for (index, _) in all().filter(|(_, instance)| !instance.is_data()) {
                references.take_identities(index, own);
            }
        }
        references
    }

    /// What an expression of a resource refers to.
    pub fn targets(&self, address: Address<'_>, expression: &Json<'_>) -> Vec<Target> {
        let from = From { scope: address.scope, block: address.block, key: address.key, depth: 0 };
        self.of_expression(from, expression)
    }

    /// The resource that is called so wherever it is named: by ARN, id, or name in DNS.
    pub fn called(&self, text: &str) -> Option<(usize, &'d str)> {
        if is_unique(text) { self.by_text.get(text).copied().flatten() } else { None }
    }

    /// The resources that text names in its midst, each with its place: a host of a URL, an ARN with a path behind it.
    pub fn within(&self, text: &str) -> Vec<(Range<usize>, usize, &'d str)> {
        if !["arn:", ".amazonaws.com", ".cloudfront.net"].iter().any(|sign| text.contains(sign)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut start = 0;
        for (end, letter) in text.char_indices().chain([(text.len(), ' ')]) {
            if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') {
                continue;
            }
            let word = text.get(start..end).unwrap_or_default();
            // An ARN has colons within.
            if word == "arn" && letter == ':' {
                continue;
            }
            if word.starts_with("arn:") && matches!(letter, ':' | '/') {
                continue;
            }
            let known = self.longest(word);
            found.extend(known.map(|(length, (index, attribute))| (start..start + length, index, attribute)));
            start = end + letter.len_utf8();
        }
        found
    }

    /// What the longest beginning of a word that ends where a path may begin is called, and its length.
    fn longest(&self, word: &str) -> Option<(usize, (usize, &'d str))> {
        let ends = word.rmatch_indices(['/', ':']).map(|(end, _)| end);
        std::iter::once(word.len()).chain(ends).find_map(|end| Some((end, self.called(word.get(..end)?)?)))
    }

    /// The only one that is called so among what an instance depends on; a state tells that.
    pub fn among_dependencies(&self, instance: usize, text: &str) -> Option<(usize, &'d str)> {
        let depends_on = &self.document.instances.get(instance)?.depends_on;
        let known = depends_on.iter().flat_map(|block| self.of_block(block)).copied();
        let mut fitting = known.filter_map(|index| {
            let identities = &self.document.instances.get(index)?.identities;
            identities.iter().find(|(_, known)| known == text).map(|(attribute, _)| (index, &**attribute))
        });
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// The only resource of a CloudFormation type that has this name, where it is no part of another.
    pub fn named(&self, kind: &'static str, name: &str) -> Option<usize> {
        self.by_name.get(&(kind, name)).copied().flatten()
    }

    /// The resource with that address.
    pub fn at(&self, address: &str) -> Option<usize> {
        self.by_address.get(address).copied()
    }

    /// All instances of a block.
    pub fn of_block(&self, block: &str) -> &[usize] {
        self.by_block.get(block).map_or(&[], Vec::as_slice)
    }

    fn take_module(&mut self, scope: &'d str) {
        let mut scope = scope;
        while let Some((outer, _, key)) = parent(scope) {
            if !self.scopes.insert(scope) {
                return;
            }
            let call = scope.get(..scope.len() - key.len()).unwrap_or_default();
            self.modules.entry(call).or_default().push(key);
            scope = outer;
        }
    }

    /// Takes in what a resource is called by attributes of its own, or by its id.
    fn take_identities(&mut self, index: usize, own: bool) {
        let Some(instance) = self.document.instances.get(index) else { return };
        // A target of a rule and the policy of a topic have the ARN of another.
        let names_another =
            table::entry(&instance.kind).is_some_and(|entry| entry.block.field("arn").is_some());
        for (attribute, text) in &instance.identities {
            if attribute == "arn" && names_another {
                continue;
            }
            if (attribute != "id") != own || !is_unique(text) {
                continue;
            }
            let Some(known) = self.by_text.get_mut(&**text) else {
                self.by_text.insert(text, Some((index, attribute)));
                continue;
            };
            // What two resources are called names neither.
            if known.is_some_and(|(owner, by)| owner != index && (by == "id") != own) {
                *known = None;
            }
        }
    }

    fn of_expression(&self, from: From<'_>, expression: &Json<'_>) -> Vec<Target> {
        let Some(references) = expression.entry("references") else { return Vec::new() };
        let texts: Vec<&str> = references.elements().iter().filter_map(Json::as_text).collect();
        let keyed = texts.iter().any(|text| text.starts_with("each.") || *text == "count.index");
        let mut targets = Vec::new();
        let mut kept: Vec<&str> = Vec::new();
        for text in texts {
            // `aws_lb.a.arn` comes with the `aws_lb.a` that it begins with.
            let begins = |kept: &&str| {
                kept.strip_prefix(text).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            if kept.iter().any(begins) {
                continue;
            }
            kept.push(text);
            for target in self.of_text(from, text, keyed) {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        targets
    }

    fn of_text(&self, from: From<'_>, text: &str, keyed: bool) -> Vec<Target> {
        if from.depth > DEEPEST {
            return Vec::new();
        }
        let from = From { depth: from.depth + 1, ..from };
        let steps = steps(text);
        match steps.as_slice() {
            ["var", variable, ..] => self.of_variable(from, keyless(variable).0),
            ["module", call, output, ..] => self.of_output(from, call, keyless(output).0, keyed),
            ["each", "value", rest @ ..] => self.of_each(from, rest),
            ["each" | "count" | "path" | "terraform" | "local" | "self", ..] => Vec::new(),
            ["data", kind, name, rest @ ..] => {
                self.of_block_in(from, &format!("data.{kind}"), name, rest, keyed)
            }
            [kind, name, rest @ ..] => self.of_block_in(from, kind, name, rest, keyed),
            _ => Vec::new(),
        }
    }

    fn of_variable(&self, from: From<'_>, variable: &str) -> Vec<Target> {
        let written = parent(from.scope).and_then(|(scope, call, key)| {
            let written = self.document.configuration.as_ref()?.argument(scope, call, variable)?;
            Some((From { scope, block: "", key, ..from }, written))
        });
        written.map_or_else(Vec::new, |(from, written)| self.of_expression(from, &written))
    }

    fn of_output(&self, from: From<'_>, call: &str, output: &str, keyed: bool) -> Vec<Target> {
        let Some(configuration) = &self.document.configuration else { return Vec::new() };
        let (name, key) = keyless(call);
        let call = join(from.scope, &format!("module.{name}"));
        let has = |key: &str| self.scopes.contains(&*format!("{call}{key}"));
        let all = || {
            self.modules
                .get(&*call)
                .map_or(Vec::new(), |keys| keys.iter().take(MOST_TARGETS + 1).copied().collect())
        };
        let mut targets = Vec::new();
        for key in chosen(has, all, key, from.key, keyed) {
            let scope = format!("{call}{key}");
            if let Some(written) = configuration.output(&scope, output) {
                targets.extend(self.of_expression(From { scope: &scope, block: "", key, ..from }, &written));
            }
        }
        targets
    }

    /// The value of a key is the resource of that key, where all is made for each of one block.
    fn of_each(&self, from: From<'_>, rest: &[&str]) -> Vec<Target> {
        let address = Address { scope: from.scope, block: from.block, key: from.key };
        let written = self.document.configuration.as_ref().and_then(|module| module.for_each(address));
        let Some(written) = written else { return Vec::new() };
        let references = written.entry("references").map_or(&[][..], Json::elements);
        let texts = references.iter().filter_map(Json::as_text);
        let mut targets: Vec<Target> = texts.flat_map(|text| self.of_text(from, text, true)).collect();
        targets.dedup();
        for target in &mut targets {
            target.attribute = attribute(rest);
        }
        targets
    }

    fn of_block_in(&self, from: From<'_>, kind: &str, name: &str, rest: &[&str], keyed: bool) -> Vec<Target> {
        let (name, key) = keyless(name);
        let block = join(from.scope, &format!("{kind}.{name}"));
        let has = |key: &str| self.by_address.contains_key(&*format!("{block}{key}"));
        let all = || {
            let some = self.of_block(&block).iter().take(MOST_TARGETS + 1);
            some.filter_map(|index| self.document.instances.get(*index)?.address.get(block.len()..)).collect()
        };
        let chosen = chosen(has, all, key, from.key, keyed);
        let instances = chosen.iter().filter_map(|key| self.at(&format!("{block}{key}")));
        instances.map(|instance| Target { instance, attribute: attribute(rest) }).collect()
    }
}

/// Which instances are meant: that of the key in the reference, the only one, that of one's own key, or all.
fn chosen<'a>(
    has: impl Fn(&str) -> bool,
    all: impl Fn() -> Vec<&'a str>,
    written: &'a str,
    own: &'a str,
    keyed: bool,
) -> Vec<&'a str> {
    if has(written) {
        return vec![written];
    }
    if !written.is_empty() {
        return Vec::new();
    }
    if keyed && has(own) {
        return vec![own];
    }
    let all = all();
    if all.len() > MOST_TARGETS { Vec::new() } else { all }
}

fn join(scope: &str, rest: &str) -> String {
    if scope.is_empty() { rest.to_owned() } else { format!("{scope}.{rest}") }
}

fn attribute(steps: &[&str]) -> String {
    steps.iter().map(|step| keyless(step).0).collect::<Vec<_>>().join(".")
}

/// Names within the types that others become part of: of two resources that have the same one neither is meant.
fn by_name<'d>(document: &'d Document<'_>) -> HashMap<(&'static str, &'d str), Option<usize>> {
    let (wholes, mut by_name) = (table::wholes(), HashMap::new());
    for (index, instance) in document.instances.iter().enumerate().filter(|(_, it)| !it.is_data()) {
        let entry = table::entry(&instance.kind).filter(|entry| entry.into.is_none());
        let Some(kind) = entry.and_then(|entry| entry.kind.one()).filter(|kind| wholes.contains(kind)) else {
            continue;
        };
        for (_, text) in &instance.identities {
            let known = by_name.entry((kind, &**text)).or_insert(Some(index));
            if *known != Some(index) {
                *known = None;
            }
        }
    }
    by_name
}

/// Whether text can be the name of only one thing in the world: an ARN, an id that AWS made, or a name in DNS.
fn is_unique(text: &str) -> bool {
    let made = |text: &str| {
        text.rsplit_once('-')
            .is_some_and(|(_, end)| end.len() >= 8 && end.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    text.starts_with("arn:")
        || text.contains(".amazonaws.com")
        || text.contains(".cloudfront.net")
        || made(text)
}
