//! Which controls are judged.

use hermetic_posture::{Control, controls};

use crate::exit::Failure;

/// All controls, or those that are called so, here or in another tool.
pub fn controls(names: &[String]) -> Result<Vec<&'static Control>, Failure> {
    if names.is_empty() {
        return Ok(controls::all().iter().collect());
    }
    let mut chosen: Vec<&'static Control> = Vec::new();
    for name in names {
        let called: Vec<_> = controls::called(name).collect();
        if called.is_empty() {
            return Err(unknown(name));
        }
        chosen.extend(
            called
                .into_iter()
                .filter(|control| !chosen.iter().any(|known| known.id == control.id))
                .collect::<Vec<_>>(),
        );
    }
    Ok(chosen)
}

/// Nothing is called so.
pub fn unknown(name: &str) -> Failure {
    Failure::wrong(format!("no control is called `{name}`"))
        .remedy("`hermetic audit --list` shows all of them")
}
