//! The `configuration` of a plan: what the code says of each block, before it was worked out.

use std::borrow::Cow;
use std::collections::HashMap;

use super::address::{Address, calls};
use crate::read_error::ReadError;
use crate::scan::{Cursor, Json};

/// A module as it is written.
#[derive(Debug, Default)]
pub(super) struct Module<'t> {
    blocks: HashMap<Cow<'t, str>, Block<'t>>,
    outputs: HashMap<Cow<'t, str>, Cursor<'t>>,
    calls: HashMap<Cow<'t, str>, Call<'t>>,
}

/// A resource as it is written.
#[derive(Debug, Default)]
struct Block<'t> {
    expressions: Option<Cursor<'t>>,
    for_each: Option<Cursor<'t>>,
}

/// A call of a module.
#[derive(Debug, Default)]
struct Call<'t> {
    expressions: Option<Cursor<'t>>,
    module: Module<'t>,
}

impl<'t> Module<'t> {
    /// Reads a module and all that it calls.
    pub fn read(cursor: &mut Cursor<'t>) -> Result<Self, ReadError> {
        let mut module = Self::default();
        cursor.object(|cursor, key| match &*key {
            "resources" => cursor.list(|cursor, _| module.block(cursor)),
            "outputs" => cursor.object(|cursor, name| {
                module.outputs.insert(name, cursor.skip()?);
                Ok(())
            }),
            "module_calls" => cursor.object(|cursor, name| {
                module.calls.insert(name, call(cursor)?);
                Ok(())
            }),
            _ => cursor.skip().map(drop),
        })?;
        Ok(module)
    }

    /// What is written for the arguments of a resource; none where the plan does not have its code.
    pub fn expressions(&self, address: Address<'_>) -> Option<Json<'t>> {
        let block = self.at(address.scope)?.blocks.get(address.block)?;
        // A block without arguments has no expressions: nothing of it is written.
        block.expressions.map_or(Some(Json::Map(Vec::new())), |mut cursor| cursor.json().ok())
    }

    /// What a block is made for each of.
    pub fn for_each(&self, address: Address<'_>) -> Option<Json<'t>> {
        self.at(address.scope)?.blocks.get(address.block)?.for_each?.json().ok()
    }

    /// What a module in this scope is given for a variable.
    pub fn argument(&self, scope: &str, call: &str, variable: &str) -> Option<Json<'t>> {
        let expressions = self.at(scope)?.calls.get(call)?.expressions?.json().ok()?;
        expressions.entry(variable).cloned()
    }

    /// What a module gives out under that name.
    pub fn output(&self, scope: &str, name: &str) -> Option<Json<'t>> {
        let output = self.at(scope)?.outputs.get(name)?.clone().json().ok()?;
        output.entry("expression").cloned()
    }

    fn at(&self, scope: &str) -> Option<&Self> {
        if scope.is_empty() {
            return Some(self);
        }
        calls(scope).into_iter().try_fold(self, |module, call| Some(&module.calls.get(call)?.module))
    }

    fn block(&mut self, cursor: &mut Cursor<'t>) -> Result<(), ReadError> {
        let mut block = Block::default();
        let mut address = Cow::Borrowed("");
        cursor.object(|cursor, key| {
            match &*key {
                "address" => address = cursor.text()?.unwrap_or_default(),
                "expressions" => block.expressions = Some(cursor.skip()?),
                "for_each_expression" => block.for_each = Some(cursor.skip()?),
                _ => drop(cursor.skip()?),
            }
            Ok(())
        })?;
        self.blocks.insert(address, block);
        Ok(())
    }
}

fn call<'t>(cursor: &mut Cursor<'t>) -> Result<Call<'t>, ReadError> {
    let mut call = Call::default();
    cursor.object(|cursor, key| {
        match &*key {
            "expressions" => call.expressions = Some(cursor.skip()?),
            "module" => call.module = Module::read(cursor)?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    })?;
    Ok(call)
}
