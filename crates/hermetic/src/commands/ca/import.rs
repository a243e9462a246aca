//! `hermetic ca import`: the certificate of an authority that was signed elsewhere.

use std::path::PathBuf;

use hermetic_tls::Certificate;
use hermetic_x509::{Certified, Contents};

use super::order::Order;
use super::show;
use crate::arguments::ImportAuthority;
use crate::exit::{Exit, Failure};

/// Gives it to the authority.
pub async fn run(arguments: &ImportAuthority) -> Result<Exit, Failure> {
    let Certified { leaf, chain } = certified(&arguments.files)?;
    let chain_pem = std::iter::once(&leaf).chain(&chain).map(Certificate::to_pem).collect();
    let order = Order::Import { which: (&arguments.authority).into(), chain_pem };
    let done = order.carry_out(&arguments.place).await?;
    show::changed(&done.generation, arguments.format, &arguments.place).await
}

/// The certificate among those of all files, and the others in the order in which they stand there.
fn certified(files: &[PathBuf]) -> Result<Certified, Failure> {
    let mut contents = Contents::default();
    for path in files {
        let at = |what: String| Failure::wrong(what).at(path.display().to_string());
        let bytes = std::fs::read(path).map_err(|error| at(format!("the file can't be read: {error}")))?;
        contents = contents.with(Contents::read(&bytes, None).map_err(|error| at(error.to_string()))?);
    }
    contents.certified().map_err(|error| Failure::wrong(error.to_string()))
}
