//! Which controls are judged.

use std::path::Path;

use hermetic_posture::{Control, controls, framework};

use crate::arguments::Audit;
use crate::exit::Failure;

/// All controls, or those that are asked for by name, by framework, or by a file of one's own.
pub fn controls(arguments: &Audit) -> Result<Vec<&'static Control>, Failure> {
    let own = arguments.control_files.iter().map(|path| own(path)).collect::<Result<Vec<_>, _>>()?;
    let known: Vec<&'static Control> = controls::all().iter().chain(own.iter().copied()).collect();
    let by_name = by_name(&known, &arguments.controls)?;
    let by_framework = by_framework(&known, &arguments.frameworks)?;
    let asked = !arguments.controls.is_empty() || !arguments.frameworks.is_empty();
    let chosen = |control: &&&Control| {
        let is = |other: &&'static Control| other.id == control.id;
        !asked || by_name.iter().any(is) || by_framework.iter().any(is)
    };
    Ok(known.iter().filter(chosen).copied().collect())
}

/// Nothing is called so.
pub fn unknown(name: &str) -> Failure {
    Failure::wrong(format!("no control is called `{name}`"))
        .remedy("`hermetic audit --list` shows all of them")
}

fn by_name(known: &[&'static Control], names: &[String]) -> Result<Vec<&'static Control>, Failure> {
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        chosen.extend(known.iter().filter(|control| control.is_called(name)).copied());
        if chosen.len() == before {
            return Err(unknown(name));
        }
    }
    Ok(chosen)
}

fn by_framework(known: &[&'static Control], names: &[String]) -> Result<Vec<&'static Control>, Failure> {
    let mut chosen = Vec::new();
    for name in names {
        let Some(framework) = framework::called(name) else {
            let all: Vec<&str> = framework::all().iter().map(|framework| &*framework.id).collect();
            return Err(Failure::wrong(format!("no framework is called `{name}`"))
                .remedy(format!("write one of {}", all.join(", "))));
        };
        chosen.extend(known.iter().filter(|control| framework.selects(control)).copied());
    }
    Ok(chosen)
}

/// A control of the user's own. It lives as long as the program, as those that are built in do.
fn own(path: &Path) -> Result<&'static Control, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::wrong(error.to_string()).at(path.display().to_string());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let control = Control::read(&text).map_err(|error| wrong(&error))?;
    Ok(Box::leak(Box::new(control)))
}
