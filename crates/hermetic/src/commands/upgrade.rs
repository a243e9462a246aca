//! `hermetic upgrade`: has the program on the disk take over from the running instance.

use std::path::Path;
use std::time::Duration;

use hermetic_tls::SystemClock;
use serde_json::json;

use crate::admin::client::Admin;
use crate::arguments::{Format, Upgrade};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::up::{UPGRADE_PATIENCE, Upgraded};

/// For each of the two things that the instance may wait for, and a little more.
const DEADLINE: Duration = Duration::from_secs(2 * UPGRADE_PATIENCE.as_secs() + 5);

/// Asks for it, waits until the new process serves, and tells which it is.
pub async fn run(arguments: &Upgrade) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let admin = Admin::of(&place.data);
    let upgraded: Upgraded = admin.post_and_wait("/v1/upgrade", &json!({}), DEADLINE).await?;
    match arguments.format {
        Format::Json => output::print_json(&upgraded)?,
        Format::Table => output::print(&format!("upgraded; process {} serves\n", upgraded.pid))?,
    }
    Ok(Exit::Fine)
}
