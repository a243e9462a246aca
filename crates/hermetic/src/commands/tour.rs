//! `hermetic tour`: breaks one hop of the running tour, and mends it.

use std::path::Path;

use hermetic_tls::SystemClock;
use http::StatusCode;
use serde_json::json;

use crate::admin::client::Admin;
use crate::arguments::{self, Format};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::tour::{Breakage, Broken};

/// Breaks it, and tells what became of a request.
pub async fn break_hop(kind: Breakage, format: Format, place: &arguments::Place) -> Result<Exit, Failure> {
    let broken: Broken = admin(place)?.post("/v1/tour/break", &json!({ "kind": kind })).await?;
    tell(&broken, format)
}

/// Mends it, and tells what became of a request.
pub async fn mend(format: Format, place: &arguments::Place) -> Result<Exit, Failure> {
    let mended: Broken = admin(place)?.post("/v1/tour/mend", &json!({})).await?;
    tell(&mended, format)
}

fn tell(state: &Broken, format: Format) -> Result<Exit, Failure> {
    match format {
        Format::Json => output::print_json(state)?,
        Format::Table => output::print(&text(state))?,
    }
    Ok(Exit::Fine)
}

fn text(state: &Broken) -> String {
    let Broken { broken, hop, status, verdict, reason } = state;
    let style = output::tone(*verdict);
    let status =
        StatusCode::from_u16(*status).map_or_else(|_| status.to_string(), |status| status.to_string());
    let judged = format!("{hop} is {style}{verdict}{style:#}: {}", output::plain(reason));
    match broken {
        Some(kind) => format!(
            "broken ({kind}): {}\na request through the edge got {status}\n{judged}\n\
             `hermetic hops` shows it red; `hermetic tour mend` puts it back\n",
            kind.meaning()
        ),
        None => format!("mended; a request through the edge got {status}\n{judged}\n"),
    }
}

fn admin(place: &arguments::Place) -> Result<Admin, Failure> {
    let place = Place::find(place, Path::new(""), &SystemClock)?;
    Ok(Admin::of(&place.data))
}
