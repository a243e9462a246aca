//! What a plan or a state holds, found in one walk: where each resource's values are, what is not known of them, and
//! what the code says.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::configuration::Module;
use super::returns;
use crate::read_error::ReadError;
use crate::scan::Cursor;
use crate::span::Span;

/// What a plan or a state holds.
#[derive(Debug, Default)]
pub(super) struct Document<'t> {
    /// All instances of resources and data sources.
    pub instances: Vec<Instance<'t>>,
    /// What the code says; a state has none.
    pub configuration: Option<Module<'t>>,
}

/// An instance of a resource or a data source.
#[derive(Debug)]
pub(super) struct Instance<'t> {
    /// Its address.
    pub address: Arc<str>,
    /// Its type in Terraform, after `data.` for a data source.
    pub kind: Cow<'t, str>,
    /// Its values.
    pub values: Cursor<'t>,
    /// Where they begin.
    pub at: Span,
    /// What of them is known only after apply.
    pub unknown: Option<Cursor<'t>>,
    /// What of them is not to be shown.
    pub sensitive: Option<Cursor<'t>>,
    /// What it depends on, as a state tells it.
    pub depends_on: Vec<Cow<'t, str>>,
    /// What it is called elsewhere: the attribute, and its text.
    pub identities: Vec<(Cow<'t, str>, Cow<'t, str>)>,
}

/// Where values are, and what they say by which others call their resource.
struct Values<'t> {
    start: Cursor<'t>,
    identities: Vec<(Cow<'t, str>, Cow<'t, str>)>,
}

impl<'t> Values<'t> {
    fn read(cursor: &mut Cursor<'t>) -> Result<Self, ReadError> {
        cursor.peek();
        let start = *cursor;
        let mut identities = Vec::new();
        if cursor.peek() != Some(b'{') {
            cursor.skip()?;
            return Ok(Self::none(start.here_now()));
        }
        cursor.object(|cursor, key| {
            if returns::is_identity(&key) {
                identities.extend(cursor.text()?.filter(|text| !text.is_empty()).map(|text| (key, text)));
            } else {
                cursor.skip()?;
            }
            Ok(())
        })?;
        Ok(Self { start, identities })
    }

    /// Where nothing of a resource is known before apply, Terraform writes no values.
    fn none(at: Span) -> Self {
        Self { start: Cursor::within("{}", at), identities: Vec::new() }
    }
}

impl<'t> Instance<'t> {
    fn new(address: Arc<str>, kind: Cow<'t, str>, values: Values<'t>) -> Self {
        let Values { start, identities } = values;
        Self {
            address,
            kind,
            values: start,
            at: start.here_now(),
            unknown: None,
            sensitive: None,
            depends_on: Vec::new(),
            identities,
        }
    }

    /// Whether it is a data source.
    pub fn is_data(&self) -> bool {
        self.kind.starts_with("data.")
    }

    /// What it has under an attribute by which others call it.
    pub fn identity(&self, attribute: &str) -> Option<&str> {
        self.identities.iter().find(|(name, _)| name == attribute).map(|(_, text)| &**text)
    }
}

impl<'t> Document<'t> {
    /// Reads a plan, or a state as `terraform show -json` writes it.
    pub fn shown(cursor: &mut Cursor<'t>) -> Result<Self, ReadError> {
        let mut document = Self::default();
        let mut changes = HashMap::new();
        let mut earlier = Vec::new();
        cursor.object(|cursor, key| match &*key {
            "format_version" => format_version(cursor),
            "errored" => refuse_errored(cursor),
            "planned_values" | "values" => values(cursor, &mut document.instances),
            "prior_state" => prior_state(cursor, &mut earlier),
            "resource_changes" => cursor.list(|cursor, _| change(cursor, &mut changes)),
            "configuration" => {
                document.configuration = root_module(cursor, Module::read)?;
                Ok(())
            }
            _ => cursor.skip().map(drop),
        })?;
        cursor.end()?;
        document.take(earlier);
        for instance in &mut document.instances {
            instance.unknown = changes.remove(&*instance.address);
        }
        Ok(document)
    }

    /// What is planned goes before what was; of what was, only data sources hold.
    fn take(&mut self, earlier: Vec<Instance<'t>>) {
        let earlier: Vec<_> = earlier.into_iter().filter(Instance::is_data).collect();
        if earlier.is_empty() {
            return;
        }
        let planned: std::collections::HashSet<_> =
            self.instances.iter().map(|i| Arc::clone(&i.address)).collect();
        self.instances.extend(earlier.into_iter().filter(|instance| !planned.contains(&instance.address)));
    }

    /// Reads a state file: `terraform.tfstate`.
    pub fn state(cursor: &mut Cursor<'t>) -> Result<Self, ReadError> {
        let mut document = Self::default();
        cursor.object(|cursor, key| match &*key {
            "version" => state_version(cursor),
            "resources" => cursor.list(|cursor, _| state_resource(cursor, &mut document.instances)),
            _ => cursor.skip().map(drop),
        })?;
        cursor.end()?;
        Ok(document)
    }
}

fn format_version(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    let at = cursor.here();
    let version = cursor.text()?.unwrap_or_default();
    match version.split('.').next() {
        Some("0" | "1") if version.contains('.') => Ok(()),
        _ => {
            let what = format!("format_version is `{version}`, and only 0.x and 1.x can be read");
            Err(ReadError::new(at, what, "write it by `terraform show -json` of Terraform 1"))
        }
    }
}

fn state_version(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    let at = cursor.here();
    if cursor.json()? == crate::scan::Json::Number(4.0) {
        return Ok(());
    }
    let what = "the version of this state is not 4, and no other can be read";
    Err(ReadError::new(at, what, "write it anew by `terraform state pull` of Terraform 0.12 or later"))
}

/// What a plan that failed holds is not all that would be there.
fn refuse_errored(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    let at = cursor.here();
    if cursor.json()? != crate::scan::Json::Bool(true) {
        return Ok(());
    }
    let what = "planning failed, so this plan holds only a part of what the code declares";
    Err(ReadError::new(at, what, "mend what `terraform plan` says, and write the plan anew"))
}

/// The `root_module` below the next value.
fn root_module<'t, T>(
    cursor: &mut Cursor<'t>,
    mut read: impl FnMut(&mut Cursor<'t>) -> Result<T, ReadError>,
) -> Result<Option<T>, ReadError> {
    let mut root = None;
    cursor.object(|cursor, key| {
        match &*key {
            "root_module" => root = Some(read(cursor)?),
            _ => drop(cursor.skip()?),
        }
        Ok(())
    })?;
    Ok(root)
}

fn values<'t>(cursor: &mut Cursor<'t>, instances: &mut Vec<Instance<'t>>) -> Result<(), ReadError> {
    root_module(cursor, |cursor| module(cursor, instances)).map(drop)
}

fn prior_state<'t>(cursor: &mut Cursor<'t>, instances: &mut Vec<Instance<'t>>) -> Result<(), ReadError> {
    if cursor.peek() != Some(b'{') {
        return cursor.skip().map(drop);
    }
    cursor.object(|cursor, key| match &*key {
        "values" => values(cursor, instances),
        _ => cursor.skip().map(drop),
    })
}

fn module<'t>(cursor: &mut Cursor<'t>, instances: &mut Vec<Instance<'t>>) -> Result<(), ReadError> {
    cursor.object(|cursor, key| match &*key {
        "resources" => cursor.list(|cursor, _| resource(cursor, instances)),
        "child_modules" => cursor.list(|cursor, _| module(cursor, instances)),
        _ => cursor.skip().map(drop),
    })
}

fn resource<'t>(cursor: &mut Cursor<'t>, instances: &mut Vec<Instance<'t>>) -> Result<(), ReadError> {
    let (mut address, mut mode, mut kind, mut values) = (None, None, None, None);
    let (mut deposed, mut sensitive) = (false, None);
    let mut depends_on = Vec::new();
    let mut whole = *cursor;
    cursor.object(|cursor, key| {
        match &*key {
            "address" => address = cursor.text()?,
            "mode" => mode = cursor.text()?,
            "type" => kind = cursor.text()?,
            "values" => values = Some(Values::read(cursor)?),
            "sensitive_values" => sensitive = Some(cursor.skip()?),
            "depends_on" => depends_on = texts(cursor)?,
            "deposed_key" | "deposed" => deposed = cursor.text()?.is_some(),
            _ => drop(cursor.skip()?),
        }
        Ok(())
    })?;
    if deposed {
        return Ok(());
    }
    let (Some(address), Some(kind)) = (address, kind) else {
        return Err(whole.wrong("this resource has no address or no type", "give the plan as it was written"));
    };
    let values = values.unwrap_or_else(|| Values::none(whole.here()));
    let kind = in_mode(mode.as_deref(), kind);
    instances.push(Instance { sensitive, depends_on, ..Instance::new(address.into(), kind, values) });
    Ok(())
}

/// Where the unknown values of a change are, by address. What was deposed is on its way out.
fn change<'t>(
    cursor: &mut Cursor<'t>,
    changes: &mut HashMap<Cow<'t, str>, Cursor<'t>>,
) -> Result<(), ReadError> {
    let (mut address, mut deposed, mut unknown) = (None, false, None);
    cursor.object(|cursor, key| match &*key {
        "address" => cursor.text().map(|text| address = text),
        "deposed" => cursor.text().map(|text| deposed = text.is_some()),
        "change" if cursor.peek() == Some(b'{') => cursor.object(|cursor, key| {
            let place = cursor.skip()?;
            if key == "after_unknown" {
                unknown = Some(place);
            }
            Ok(())
        }),
        _ => cursor.skip().map(drop),
    })?;
    if let (Some(address), false, Some(unknown)) = (address, deposed, unknown) {
        changes.insert(address, unknown);
    }
    Ok(())
}

fn state_resource<'t>(cursor: &mut Cursor<'t>, instances: &mut Vec<Instance<'t>>) -> Result<(), ReadError> {
    let (mut module, mut mode, mut kind, mut name, mut found) = (None, None, None, None, None);
    cursor.object(|cursor, key| {
        match &*key {
            "module" => module = cursor.text()?,
            "mode" => mode = cursor.text()?,
            "type" => kind = cursor.text()?,
            "name" => name = cursor.text()?,
            "instances" => found = Some(cursor.skip()?),
            _ => drop(cursor.skip()?),
        }
        Ok(())
    })?;
    let (Some(kind), Some(name), Some(mut found)) = (kind, name, found) else { return Ok(()) };
    let kind = in_mode(mode.as_deref(), kind);
    let scope = module.map(|module| format!("{module}.")).unwrap_or_default();
    let block = format!("{scope}{kind}.{name}");
    found.list(|cursor, _| state_instance(cursor, &block, kind.clone(), instances))
}

fn state_instance<'t>(
    cursor: &mut Cursor<'t>,
    block: &str,
    kind: Cow<'t, str>,
    instances: &mut Vec<Instance<'t>>,
) -> Result<(), ReadError> {
    let (mut index, mut deposed, mut attributes, mut depends_on) = (None, false, None, Vec::new());
    cursor.object(|cursor, key| {
        match &*key {
            "index_key" => index = Some(cursor.json()?),
            "deposed" => deposed = cursor.text()?.is_some(),
            "attributes" => attributes = Some(Values::read(cursor)?),
            "dependencies" => depends_on = texts(cursor)?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    })?;
    let (false, Some(attributes)) = (deposed, attributes) else { return Ok(()) };
    let address = match index {
        Some(crate::scan::Json::Text(key)) => format!("{block}[{}]", serde_json::Value::from(&*key)),
        Some(crate::scan::Json::Number(index)) => format!("{block}[{index}]"),
        _ => block.to_owned(),
    };
    instances.push(Instance { depends_on, ..Instance::new(address.into(), kind, attributes) });
    Ok(())
}

fn in_mode<'t>(mode: Option<&str>, kind: Cow<'t, str>) -> Cow<'t, str> {
    match mode {
        Some("data") => format!("data.{kind}").into(),
        _ => kind,
    }
}

fn texts<'t>(cursor: &mut Cursor<'t>) -> Result<Vec<Cow<'t, str>>, ReadError> {
    let mut texts = Vec::new();
    match cursor.peek() {
        Some(b'[') => cursor.list(|cursor, _| {
            texts.extend(cursor.text()?);
            Ok(())
        })?,
        _ => drop(cursor.skip()?),
    }
    Ok(texts)
}
