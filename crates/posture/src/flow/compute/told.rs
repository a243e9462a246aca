//! What code is told: variables, secrets, parameters and user data that name a far end.

use super::super::behind::party;
use super::super::connection::{Wish, of_attribute, of_text};
use super::super::words::{self, Line, lines};
use super::outside::Outside;
use super::settings::{self, Setting};
use super::switch::Switch;
use super::{Far, called, mounts, outside};
use crate::graph::Origin;
use crate::path::Path;
use crate::span::Span;
use crate::subject::{Subject, text_of};
use crate::value::{Node, Value};

/// What code is told.
pub struct Told<'g> {
    /// The far ends that its settings name.
    pub far: Vec<Far<'g>>,
    /// What variables say of connections that others name.
    pub switches: Vec<Switch>,
    /// The ways to whom the code names by an address alone.
    pub outside: Vec<(Outside, Span)>,
}

/// Secrets and parameters may name each other; no more than this are followed.
const DEEPEST: u8 = 3;

/// Reads all settings of a function, service or instance.
pub fn read<'g>(compute: &Subject<'g>) -> Told<'g> {
    let told = Told { far: Vec::new(), switches: Vec::new(), outside: Vec::new() };
    let mut reader = Reader { compute: *compute, told };
    for Setting { subject, value, variables } in settings::of(compute) {
        if variables {
            reader.variables(&subject, None, value);
        } else {
            reader.text(&subject, value);
        }
    }
    let Told { far, switches, outside } = reader.told;
    let with_switches = |(outside, at): (Outside, Span)| {
        let of = |name: &String| switches.iter().filter_map(|switch| switch.says_of(name)).min();
        let wish = outside.alone.as_ref().and_then(of);
        (outside.told(wish), at)
    };
    let outside = outside.into_iter().map(with_switches).collect();
    Told { far, switches, outside }
}

struct Reader<'g> {
    compute: Subject<'g>,
    told: Told<'g>,
}

impl<'g> Reader<'g> {
    fn variables(&mut self, subject: &Subject<'g>, name: Option<&str>, value: &'g Value) {
        let value = subject.resolve(value);
        match &value.node {
            Node::Map(map) => {
                // A container's variable is a map of `Name` and `Value` or `ValueFrom`, Beanstalk's of `OptionName` and `Value`.
                let variable = map
                    .entry("Name")
                    .or(map.entry("OptionName"))
                    .and_then(|name| text_of(subject.resolve(name)).ok());
                let entries = map
                    .entries
                    .iter()
                    .filter(|(key, _)| variable.is_none() || matches!(&*key.text, "Value" | "ValueFrom"));
                for (key, value) in entries {
                    self.variables(subject, Some(variable.as_deref().unwrap_or(&key.text)), value);
                }
            }
            Node::List(list) => list.iter().for_each(|value| self.variables(subject, name, value)),
            _ => self.variable(subject, name.unwrap_or_default(), value),
        }
    }

    fn variable(&mut self, subject: &Subject<'g>, name: &str, value: &'g Value) {
        self.told.switches.extend(Switch::of(name, value));
        if self.take(subject, name, value, 0) {
            return;
        }
        let text = words::text(subject, value);
        match outside::host(&text).and_then(|host| called(&self.compute, host)) {
            Some((end, known)) => {
                let how = "a name within its network";
                self.add(Far { wish: of_text(&text), known, ..Far::new(end, how, value.at) }, name);
            }
            None => {
                let ways = outside::ways(name, &text).into_iter();
                self.told.outside.extend(ways.map(|outside| (outside, value.at)));
            }
        }
    }

    fn text(&mut self, subject: &Subject<'g>, value: &'g Value) {
        let value = subject.resolve(value);
        match &value.node {
            Node::Map(map) => map.entries.iter().for_each(|(_, value)| self.text(subject, value)),
            Node::List(list) => list.iter().for_each(|value| self.text(subject, value)),
            _ => {
                self.take(subject, "", value, 0);
            }
        }
    }

    /// Takes the far ends that a text names; whether it names any. What a word of it says is about that word's own.
    fn take(&mut self, subject: &Subject<'g>, name: &str, value: &'g Value, depth: u8) -> bool {
        let lines = lines(subject, value);
        let alone = lines.iter().map(Line::names).sum::<usize>() == 1;
        let untold = self.says_more(&value.node, name);
        let whole = alone.then(|| lines.iter().map(Line::text).collect::<Vec<_>>().join(" "));
        let mut any = false;
        for line in &lines {
            for word in &line.words {
                let stores = word
                    .stores
                    .iter()
                    .filter_map(|store| Some((subject.of(subject.graph.target(store)?)?, None)));
                let ends = word.ends.iter().filter_map(|end| Some((subject.target(end)?, of_attribute(end))));
                for (target, by_attribute) in ends.chain(stores) {
                    let wish = of_text(&word.text).or(by_attribute);
                    let wish = wish.or_else(|| whole.as_deref().and_then(of_text));
                    let Seek { found, inner } = seek(&target);
                    for end in found {
                        any = true;
                        let known = mounts::by_command(&end, &line.text());
                        let untold = untold || word.encoded;
                        self.add(Far { wish, known, untold, ..Far::new(end, "a setting", value.at) }, name);
                    }
                    for (holder, inner) in inner.into_iter().filter(|_| depth < DEEPEST) {
                        any |= self.take(&holder, name, inner, depth + 1);
                    }
                }
            }
        }
        any
    }

    /// Whether a value may say more than is known of it. Of text that Terraform knows after apply alone a plan tells
    /// what it refers to, be that all of it or a host in the midst of a URL.
    fn says_more(&self, node: &Node, name: &str) -> bool {
        let is_address = |name: &str| {
            let name = name.to_ascii_lowercase();
            ["url", "uri", "dsn", "conn", "jdbc"].iter().any(|word| name.contains(word))
        };
        let is_text = |piece: &Value| matches!(piece.node, Node::Text(_));
        matches!(self.compute.resource.origin, Origin::Terraform(_))
            && match node {
                Node::Reference(_) => name.is_empty() || is_address(name),
                Node::Pieces(pieces) => !pieces.iter().any(is_text),
                _ => false,
            }
    }

    fn add(&mut self, far: Far<'g>, name: &str) {
        let known = self.told.far.iter_mut().find(|known| known.end.id == far.end.id);
        let far = match known {
            Some(known) => {
                known.wish = worse(known.wish, far.wish);
                known.untold |= far.untold;
                known
            }
            None => {
                self.told.far.push(far);
                let Some(last) = self.told.far.last_mut() else { return };
                last
            }
        };
        far.names.push(name.to_owned());
    }
}

fn worse(one: Option<Wish>, other: Option<Wish>) -> Option<Wish> {
    one.into_iter().chain(other).min()
}

/// Where a reference leads: parties, and texts that name others.
struct Seek<'g> {
    found: Vec<Subject<'g>>,
    inner: Vec<(Subject<'g>, &'g Value)>,
}

/// A secret leads to what it is attached to and to what its text names, a parameter to what its value names.
fn seek<'g>(target: &Subject<'g>) -> Seek<'g> {
    let texts = |paths: &[&Path]| {
        let values = paths.iter().filter_map(|path| target.value(path).known());
        values.map(|value| (*target, value)).collect::<Vec<_>>()
    };
    match &*target.resource.kind {
        "AWS::SSM::Parameter" => Seek { found: Vec::new(), inner: texts(&[path!("Value")]) },
        "AWS::SecretsManager::Secret" => {
            let attached = target
                .pointed_at_by("AWS::SecretsManager::SecretTargetAttachment", path!("SecretId"))
                .into_iter()
                .filter_map(|attachment| Some((attachment, attachment.value(path!("TargetId")).known()?)))
                .flat_map(|(attachment, id)| attachment.targets(id));
            Seek {
                found: attached.filter_map(|end| party(&end)).collect(),
                inner: texts(&[path!("SecretString"), path!("GenerateSecretString.SecretStringTemplate")]),
            }
        }
        // The secret that a database makes for itself is an attribute of it.
        _ => Seek { found: party(target).into_iter().collect(), inner: Vec::new() },
    }
}
