//! Terraform plans and states read into resources.
//!
//! A walk finds where each resource's values are (`document`); then each is translated into CloudFormation's shape
//! (`translate`) by the tables in `types/`, and what Terraform splits and CloudFormation does not is put together.

mod address;
mod configuration;
mod document;
mod hints;
mod merge;
mod names;
mod policy_document;
mod recognise;
mod references;
mod returns;
mod table;
#[cfg(test)]
mod tests;
mod translate;
mod written;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::graph::{Origin, Part, Resource};
use crate::read_error::ReadError;
use crate::scan::Cursor;
use crate::schema;
use crate::side_by_side;
use crate::span::FileId;
use crate::value::{Map, Node, PartId, Reference, Value};
pub(crate) use address::Address;
use document::{Document, Instance};
use hints::Hints;
use merge::Lists;
pub use recognise::{Kind, recognise};
use references::{References, Target};
use table::Entry;
use translate::{Frame, Shared, Translation, Translator};
use written::Written;

/// Reads a plan or a state, as the part of that id. [`recognise`] says which it is.
///
/// # Errors
/// It is no JSON, or none of Terraform's, or of a version that is not known; or planning failed.
pub fn read(text: &str, file: FileId, part: PartId) -> Result<Part, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut cursor = Cursor::new(text, file);
    let document = match recognise(text.as_bytes()) {
        Some(Kind::Plan | Kind::ShownState) => Document::shown(&mut cursor)?,
        Some(Kind::State) => Document::state(&mut cursor)?,
        Some(kind) => return Err(ReadError::new(cursor.here(), kind.told(), kind.remedy())),
        None => {
            let remedy = "give the output of `terraform show -json`, or a terraform.tfstate";
            return Err(ReadError::new(cursor.here(), "this is no plan and no state of Terraform", remedy));
        }
    };
    Ok(Part { resources: resources(&document, part)?, ..Part::default() })
}

fn resources(document: &Document<'_>, part: PartId) -> Result<Vec<Resource>, ReadError> {
    let references = References::new(document);
    let shared = Shared { document, references: &references, part };
    let merged = merged(&Translator::new(shared, &HashMap::new()))?;
    let apart = apart(&Translator::new(shared, &merged))?;
    let outcomes = side_by_side::each(
        &document.instances,
        || Translator::new(shared, &merged),
        |translator, index, instance| Reading::new(translator, index, instance).outcome(&apart),
    );
    let mut resources = Vec::with_capacity(document.instances.len());
    let mut places = HashMap::new();
    let mut parts = Vec::new();
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match outcome? {
            Outcome::Resources(own) => {
                places.insert(index, resources.len());
                resources.extend(own);
            }
            Outcome::Part { whole, properties, lists } => parts.push((whole, properties, lists)),
            Outcome::Nothing => {}
        }
    }
    for (whole, properties, lists) in parts {
        let place = places.get(&whole).and_then(|place| resources.get_mut(*place));
        if let (Some(resource), Node::Map(properties)) = (place, properties.node)
            && let Node::Map(known) = &mut resource.properties.node
        {
            merge::merge(Arc::make_mut(known), Arc::unwrap_or_clone(properties), lists);
        }
    }
    Ok(resources)
}

/// What an instance is in CloudFormation.
enum Outcome {
    /// A resource, and what it declares besides itself.
    Resources(Vec<Resource>),
    /// A part of another instance.
    Part { whole: usize, properties: Value, lists: Lists<'static> },
    /// No resource: a data source.
    Nothing,
}

/// The address of what declares a resource of that name: a policy within a queue has the queue's before its own, and of
/// rules that are told apart by a number all have one.
pub(crate) fn declaring<'a>(kind: &str, name: &'a str) -> &'a str {
    let name = name.split_once(" (").map_or(name, |(name, _)| name);
    let also = table::entry(kind).into_iter().flat_map(|entry| &entry.also);
    let mut owners = also.filter_map(|also| name.strip_suffix(&*also.condition)?.strip_suffix('.'));
    owners.next().unwrap_or(name)
}

/// A resource for each source of a security group's rule. All but the first are told apart by a number.
fn spread(resource: Resource, resources: &mut Vec<Resource>) {
    let Node::Map(properties) = &resource.properties.node else { return };
    for (index, map) in merge::spread(properties).into_iter().enumerate() {
        let name = match index {
            0 => Arc::clone(&resource.name),
            _ => format!("{} ({})", resource.name, index + 1).into(),
        };
        let properties = Value::new(Node::Map(Arc::new(map)), resource.properties.at);
        resources.push(Resource { name, properties, ..resource.clone() });
    }
}

/// Which instances are a part of another in CloudFormation, and of which.
fn merged(translator: &Translator<'_, '_>) -> Result<HashMap<usize, usize>, ReadError> {
    let mut merged = HashMap::new();
    for (index, instance) in translator.document.instances.iter().enumerate() {
        let Some(pointer) = table::entry(&instance.kind).and_then(|entry| entry.into.as_deref()) else {
            continue;
        };
        let reading = Reading::new(translator, index, instance);
        if let Some(target) = reading.target(pointer)? {
            merged.insert(index, target);
        }
    }
    Ok(merged)
}

/// The instances whose policy is a resource of its own, with its type. What is left of it in the instance itself is
/// what was there before the plan.
fn apart(translator: &Translator<'_, '_>) -> Result<HashSet<(usize, &'static str)>, ReadError> {
    let pointers = table::apart();
    let mut apart = HashSet::new();
    for (index, instance) in translator.document.instances.iter().enumerate() {
        if let Some((kind, pointer)) = pointers.get_key_value(&*instance.kind)
            && let Some(target) = Reading::new(translator, index, instance).target(pointer)?
        {
            apart.insert((target, *kind));
        }
    }
    Ok(apart)
}

/// One instance on its way to be a resource.
struct Reading<'d, 't> {
    translation: Translation<'d, 't>,
    instance: &'d Instance<'t>,
    entry: Option<&'static Entry>,
    kind: Arc<str>,
    alone: bool,
}

impl<'d, 't> Reading<'d, 't> {
    fn new(translator: &'d Translator<'d, 't>, index: usize, instance: &'d Instance<'t>) -> Self {
        let address = Address::of(&instance.address);
        let translation = Translation { of: translator, instance: index, address, at: instance.at };
        let mut reading =
            Self { translation, instance, entry: table::entry(&instance.kind), kind: "".into(), alone: true };
        reading.alone = !translator.merged.contains_key(&index);
        // What is a part of something that is not here is judged as itself, if it can be.
        if reading.alone && reading.entry.is_some_and(|entry| entry.into.is_some() && !entry.alone) {
            reading.entry = None;
        }
        reading.kind = reading.kind();
        reading
    }

    fn outcome(&self, apart: &HashSet<(usize, &'static str)>) -> Result<Outcome, ReadError> {
        if let Some(whole) = self.translation.of.merged.get(&self.translation.instance) {
            let join = self.entry.and_then(|entry| entry.join.as_deref());
            let lists = join.map_or(Lists::OneAfterTheOther, Lists::By);
            return Ok(Outcome::Part { whole: *whole, properties: self.properties()?, lists });
        }
        let Some(resource) = self.resource()? else { return Ok(Outcome::Nothing) };
        let mut resources = Vec::with_capacity(1);
        match self.entry {
            Some(entry) if entry.spread => spread(resource, &mut resources),
            _ => resources.push(resource),
        }
        self.others(apart, &mut resources)?;
        Ok(Outcome::Resources(resources))
    }

    fn kind(&self) -> Arc<str> {
        let own = || format!("Terraform::{}", self.instance.kind).into();
        match self.entry.map(|entry| &entry.kind) {
            None => own(),
            Some(table::Kind::One(kind)) => (&**kind).into(),
            Some(table::Kind::By { by, of }) => {
                let value = self.attribute(by);
                value.and_then(|value| of.get(&*value)).map_or_else(own, |kind| (&**kind).into())
            }
        }
    }

    /// Data sources are no resources, but for those that a table knows.
    fn resource(&self) -> Result<Option<Resource>, ReadError> {
        if self.instance.is_data() && self.entry.is_none() {
            return Ok(None);
        }
        Ok(Some(self.as_resource(&self.instance.address, &self.kind, self.properties()?)))
    }

    fn as_resource(&self, name: &str, kind: &Arc<str>, properties: Value) -> Resource {
        Resource {
            part: self.translation.of.part,
            name: name.into(),
            kind: Arc::clone(kind),
            properties,
            exists: Value::new(Node::Bool(true), self.instance.at),
            metadata: None,
            origin: Origin::Terraform((&*self.instance.kind).into()),
            at: self.instance.at,
        }
    }

    fn properties(&self) -> Result<Value, ReadError> {
        let at = self.instance.at;
        self.with_hints(|hints| {
            let (Some(entry), Some(properties)) = (self.entry, schema::properties(&self.kind)) else {
                let raw = self.translation.raw(&mut { self.instance.values }, hints)?;
                return Ok(raw.unwrap_or_else(|| Value::new(Node::Map(Arc::default()), at)));
            };
            let mut out = Map::default();
            let rooted = match &entry.root {
                Some(root) => schema::at(properties, root.steps()).and_then(schema::Shape::properties),
                None => Some(properties),
            };
            if let Some(properties) = rooted {
                let frame = Frame { properties, rules: Some(&entry.block), only: entry.only };
                let mut inner = Map::default();
                self.translation.block(&mut { self.instance.values }, frame, hints, &mut inner)?;
                match &entry.root {
                    Some(root) => {
                        merge::at(&mut out, root, 0, Some(Value::new(Node::Map(Arc::new(inner)), at)));
                    }
                    None => out = inner,
                }
            }
            for with in &entry.with {
                merge::at(&mut out, &with.to, 0, Some(Value::new(merge::constant(&with.value), at)));
            }
            Ok(Value::new(Node::Map(Arc::new(out)), at))
        })
    }

    /// What it declares besides itself.
    fn others(
        &self,
        apart: &HashSet<(usize, &'static str)>,
        resources: &mut Vec<Resource>,
    ) -> Result<(), ReadError> {
        let is_apart = |kind: &'static str| apart.contains(&(self.translation.instance, kind));
        for also in self.entry.into_iter().flat_map(|entry| &entry.also) {
            if also.unless.as_ref().is_some_and(|(kind, _)| is_apart(kind)) {
                continue;
            }
            let Some(properties) = schema::properties(&also.kind) else { continue };
            let mut out = Map::default();
            let frame = Frame { properties, rules: Some(&also.block), only: true };
            self.with_hints(|hints| {
                self.translation.block(&mut { self.instance.values }, frame, hints, &mut out)
            })?;
            // Its one condition is that what it is made of is written.
            if out.entries.is_empty() {
                continue;
            }
            let of = Reference {
                part: self.translation.of.part,
                name: Arc::clone(&self.instance.address),
                attribute: also.of_attribute.as_deref().map(Into::into),
            };
            merge::at(&mut out, &also.of, 0, Some(Value::new(Node::Reference(of), self.instance.at)));
            let name = format!("{}.{}", self.instance.address, also.condition);
            let properties = Value::new(Node::Map(Arc::new(out)), self.instance.at);
            resources.push(self.as_resource(&name, &(&*also.kind).into(), properties));
        }
        Ok(())
    }

    /// The instance that an attribute points at.
    fn target(&self, pointer: &str) -> Result<Option<usize>, ReadError> {
        let text = self.attribute(pointer);
        self.with_hints(|hints| {
            if let Written::Expression(expression) = hints.written.of(pointer)
                && let [Target { instance, .. }] =
                    self.translation.of.references.targets(self.translation.address, expression).as_slice()
            {
                return Ok(Some(*instance));
            }
            let references = self.translation.of.references;
            let named = |text: &str| {
                let here = || references.among_dependencies(self.translation.instance, text);
                let entry =
                    table::entry(&self.instance.kind).filter(|entry| entry.into.as_deref() == Some(pointer));
                let named = || references.named(entry?.kind.one()?, text);
                references.called(text).or_else(here).map(|(instance, _)| instance).or_else(named)
            };
            Ok(text.as_deref().and_then(named))
        })
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let mut found = None;
        let walked = { self.instance.values }.object(|cursor, key| {
            if key == name {
                found = cursor.text()?.map(std::borrow::Cow::into_owned);
            } else {
                cursor.skip()?;
            }
            Ok(())
        });
        walked.ok().and(found)
    }

    fn with_hints<T>(
        &self,
        read: impl FnOnce(Hints<'_, 't>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let unknown = self.instance.unknown.map(|mut cursor| cursor.json()).transpose()?;
        let sensitive = self.instance.sensitive.map(|mut cursor| cursor.json()).transpose()?;
        let configuration = self.translation.of.document.configuration.as_ref();
        let written = configuration.and_then(|module| module.expressions(self.translation.address));
        read(Hints::new(unknown.as_ref(), written.as_ref(), sensitive.as_ref()))
    }
}
