//! `hermetic ca rotate`: the next step by which another generation takes the place of the one that signs.

use hermetic_authority::Step;
use hermetic_hop::relative;
use hermetic_tls::{Clock, SystemClock};
use jiff::Timestamp;
use serde::Serialize;

use super::order::{Done, Order, Written};
use super::rotation::Rotation;
use crate::arguments::{Format, Rotate, RotationStep};
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    name: &'a str,
    generation: u32,
    #[serde(flatten)]
    rotation: Rotation,
}

/// Takes it.
pub async fn run(arguments: &Rotate) -> Result<Exit, Failure> {
    let step = arguments.step.map(Step::from);
    let name = Written(arguments.name.clone());
    let order = match arguments.automatic {
        Some(on) => Order::Automatic { name, on },
        None => Order::Rotate { name, step },
    };
    let Done { generation, rotation, .. } = order.carry_out(&arguments.place).await?;
    let rotation =
        rotation.ok_or_else(|| Failure::unable("the instance does not say how far the roll-over is"))?;
    match arguments.format {
        Format::Json => output::print_json(&Report {
            schema: "hermetic.certificate-authority-rotation/1",
            name: &generation.name,
            generation: generation.generation,
            rotation,
        })?,
        Format::Table => {
            output::print(&text(&generation.name, generation.generation, &rotation, SystemClock.now()))?
        }
    }
    Ok(Exit::Fine)
}

fn text(name: &str, generation: u32, rotation: &Rotation, now: Timestamp) -> String {
    let done = match rotation.step {
        Some(Step::Prepare) => "is prepared: it has its key, and nobody knows it yet",
        Some(Step::Publish) => "is published: who believes this authority comes to trust it",
        Some(Step::Activate) => "signs from now on, and the one before has retired",
        None if rotation.by_itself => "rolls over by itself, while an instance runs",
        None => "does not roll over by itself",
    };
    let instant = |at: Timestamp| format!("{} ({})", at.strftime("%Y-%m-%d %H:%M:%S UTC"), relative(at, now));
    let mut text = format!("generation {generation} of {name} {done}\n");
    if let Some(words) = rotation.words(now) {
        text.push_str(&format!("next       {words}\n"));
    }
    if let Some(from) = rotation.activation_from {
        text.push_str(&format!("activate   by hand from {}\n", instant(from)));
    }
    text
}

impl From<RotationStep> for Step {
    fn from(step: RotationStep) -> Self {
        match step {
            RotationStep::Prepare => Self::Prepare,
            RotationStep::Publish => Self::Publish,
            RotationStep::Activate => Self::Activate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T02:20:11Z".parse().unwrap()
    }

    fn told(rotation: &str) -> String {
        text("root", 2, &serde_json::from_str(rotation).unwrap(), now())
    }

    #[test]
    fn each_step_says_what_comes_next_and_when() {
        let steps = [
            r#"{"step":"prepare","signing":1,"successor":2,"next":{"step":"publish","due":"2026-11-24T02:20:11Z"},"by_itself":true}"#,
            r#"{"step":"publish","signing":1,"successor":2,"next":{"step":"activate","due":"2036-11-17T02:20:11Z"},"activation_from":"2026-11-25T02:20:11Z","by_itself":false}"#,
            r#"{"step":"activate","signing":2,"successor":null,"next":{"step":"prepare","due":"2036-10-25T02:20:11Z"},"by_itself":true}"#,
            r#"{"step":"prepare","signing":1,"successor":2,"next":null,"by_itself":true}"#,
        ];
        insta::assert_snapshot!(steps.map(told).join("\n"));
    }
}
