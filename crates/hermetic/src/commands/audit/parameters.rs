//! The values that a user gives for the parameters of templates, and those that no template asks for.

use std::collections::HashSet;

use hermetic_config::nearest;
use hermetic_posture::Files;
use hermetic_posture::cloudformation::{Given, is_pseudo};

use super::inputs::text;
use crate::arguments::Audit;
use crate::exit::Failure;

/// What is given for parameters.
pub struct Parameters<'a> {
    arguments: &'a Audit,
    /// All of it, those on the command line before those in files.
    pub given: Given,
    in_files: Given,
}

impl<'a> Parameters<'a> {
    /// Reads what is given.
    pub fn read(arguments: &'a Audit) -> Result<Self, Failure> {
        let mut in_files = Given::default();
        let mut files = Files::default();
        for path in &arguments.parameter_files {
            let text = text(path)?;
            let file = files.add(path);
            in_files.take_file(&text, file).map_err(|error| Failure::wrong(error.told(&files)))?;
        }
        let mut given = in_files.clone();
        for (name, value) in &arguments.parameters {
            given.set(name, value);
        }
        let pseudo = [("AWS::Region", &arguments.region), ("AWS::AccountId", &arguments.account)];
        for (name, value) in pseudo {
            if let Some(value) = value {
                given.set(name, value);
            }
        }
        Ok(Self { arguments, given, in_files })
    }

    /// Refuses what the command line gives for a parameter that no template has: it would say nothing, and its
    /// writer would think that it did.
    pub fn refuse_unknown(&self, asked_for: &HashSet<&str>) -> Result<(), Failure> {
        let named = self.arguments.parameters.iter().map(|(name, _)| name.as_str());
        let Some(name) = named.into_iter().find(|name| !is_known(name, asked_for)) else { return Ok(()) };
        let mut all: Vec<&str> = asked_for.iter().copied().collect();
        all.sort_unstable();
        let remedy = match nearest(name, all.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if all.is_empty() => "leave it out: no template here has parameters".to_owned(),
            None => format!("there are {}", all.join(", ")),
        };
        Err(Failure::wrong(format!("no template has a parameter `{name}`")).remedy(remedy))
    }

    /// What a file gives, and no template here asks for: it may be for another.
    pub fn unknown_in_files(&self, asked_for: &HashSet<&str>) -> Vec<String> {
        let unknown = self.in_files.names().filter(|name| !is_known(name, asked_for));
        let mut names: Vec<&str> = unknown.collect();
        names.sort_unstable();
        let told = |name: &&str| format!("a file gives the parameter `{name}`, and no template has it");
        names.iter().map(told).collect()
    }
}

fn is_known(name: &str, asked_for: &HashSet<&str>) -> bool {
    is_pseudo(name) || asked_for.contains(name)
}
