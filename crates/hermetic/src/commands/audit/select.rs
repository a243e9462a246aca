//! Which controls are judged.

use std::path::Path;

use hermetic_config::nearest;
use hermetic_posture::controls::Mistaken;
use hermetic_posture::framework::{self, Framework};
use hermetic_posture::requirement::Requirements;
use hermetic_posture::{Control, ControlError, Parameters, controls};

use crate::arguments::Audit;
use crate::exit::Failure;

/// All controls that there are, and those of the user's own.
pub fn known(arguments: &Audit) -> Result<Vec<&'static Control>, Failure> {
    let mut known: Vec<&'static Control> = controls::all().iter().collect();
    for path in &arguments.control_files {
        let own = own(path)?;
        if known.iter().any(|control| control.is_called(&own.id)) {
            return Err(Failure::wrong(format!("there is a control `{}` already", own.id))
                .at(path.display().to_string())
                .remedy("call this one something else"));
        }
        known.push(own);
    }
    Ok(known)
}

/// Those that are asked for: by name or by framework on the command line, else by the configuration's requirements
/// and by files of one's own.
pub fn asked_for(
    arguments: &Audit,
    known: &[&'static Control],
    requirements: &Requirements,
) -> Result<Vec<&'static Control>, Failure> {
    let by_name = by_name(known, &arguments.controls)?;
    let frameworks = frameworks(arguments)?;
    let asked = !arguments.controls.is_empty() || !arguments.frameworks.is_empty();
    let is_own = |control: &Control| !controls::all().iter().any(|built_in| built_in.id == control.id);
    let chosen = |control: &&&'static Control| {
        let is = |other: &&'static Control| other.id == control.id;
        match asked {
            true => by_name.iter().any(is) || frameworks.iter().any(|framework| framework.selects(control)),
            false => requirements.ask_for(control) || is_own(control),
        }
    };
    known.iter().filter(chosen).map(|control| set(control, &frameworks, requirements)).collect()
}

/// A control with what frameworks and requirements set. It lives as long as the program, as all do.
fn set(
    control: &'static Control,
    frameworks: &[&'static Framework],
    requirements: &Requirements,
) -> Result<&'static Control, Failure> {
    let asked = frameworks.iter().filter_map(|framework| framework.parameters.get(&control.id));
    let mut parameters: Parameters = asked.flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
    parameters.extend(requirements.parameters(control));
    if parameters.is_empty() {
        return Ok(control);
    }
    let control = control.with(&parameters).map_err(|error| Failure::wrong(error.to_string()))?;
    Ok(Box::leak(Box::new(control)))
}

/// Nothing is called so.
pub fn unknown(name: &str) -> Failure {
    if let Some(Mistaken { id, checks, instead }) = controls::mistaken(name) {
        return Failure::wrong(format!("{id} is Checkov's check of {checks}, which no control is about"))
            .remedy(format!("write {instead}, which is its check of transport"));
    }
    let names = controls::all().iter().flat_map(Control::names);
    let remedy = match nearest(name, names) {
        Some(meant) => format!("did you mean `{meant}`? `hermetic audit --list` shows all controls"),
        None => "`hermetic audit --list` shows all of them".to_owned(),
    };
    Failure::wrong(format!("no control is called `{name}`")).remedy(remedy)
}

/// No framework is called so.
pub fn no_framework(name: &str) -> Failure {
    let all: Vec<&str> = framework::all().iter().map(|framework| &*framework.id).collect();
    let all = all.join(", ");
    let remedy = match nearest(name, framework::names()) {
        Some(meant) => format!("did you mean `{meant}`? there are {all}"),
        None => format!("write one of {all}"),
    };
    Failure::wrong(format!("no framework is called `{name}`")).remedy(remedy)
}

/// The id that is meant by one. Who gives that of another check asks about transport, and is told of the difference.
pub fn meant_by(name: &str) -> &str {
    let Some(Mistaken { id, checks, instead }) = controls::mistaken(name) else { return name };
    eprintln!(
        "note: {id} is Checkov's check of {checks}; its check of transport, {instead}, is taken instead"
    );
    instead
}

/// With what is judged in any case: what was not seen may hold whatever was asked for.
pub fn with_what_is_nested(controls: &mut Vec<&'static Control>) {
    let nested = controls::called(NESTED).filter(|nested| !controls.iter().any(|it| it.id == nested.id));
    let nested: Vec<_> = nested.collect();
    controls.extend(nested);
}

/// The control that tells of what is nested and was not seen.
const NESTED: &str = "cloudformation-nested-template";

fn by_name(known: &[&'static Control], names: &[String]) -> Result<Vec<&'static Control>, Failure> {
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        let meant = meant_by(name);
        chosen.extend(known.iter().filter(|control| control.is_called(meant)).copied());
        if chosen.len() == before {
            return Err(unknown(name));
        }
    }
    Ok(chosen)
}

/// Those of the command line.
pub fn frameworks(arguments: &Audit) -> Result<Vec<&'static Framework>, Failure> {
    let named = |name: &String| framework::called(name).ok_or_else(|| no_framework(name));
    arguments.frameworks.iter().map(named).collect()
}

/// A control of the user's own. It lives as long as the program, as those that are built in do.
fn own(path: &Path) -> Result<&'static Control, Failure> {
    let at = |failure: Failure| failure.at(path.display().to_string());
    let text = std::fs::read_to_string(path)
        .map_err(|error| at(Failure::wrong(format!("it can't be read: {error}"))))?;
    let control = Control::read(&text).map_err(|error| match &error {
        ControlError::Form(form) => {
            let start = form.span().map_or(0, |span| span.start);
            Failure::wrong(form.message()).in_text(path, place(&text, start), &text)
        }
        _ => at(Failure::wrong(error.to_string())),
    })?;
    Ok(Box::leak(Box::new(control)))
}

/// The line and column of a byte, both from one.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let last = before.rsplit('\n').next().unwrap_or(before);
    (before.matches('\n').count() + 1, last.chars().count() + 1)
}
