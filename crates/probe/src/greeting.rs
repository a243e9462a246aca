//! What a server says of itself before anybody asks: before TLS, or as the first thing within it.

use std::sync::Arc;

use hermetic_hop::Scheme;
use hermetic_tls::{Clock, Inspection};
use tokio::time::timeout;

use crate::observe::Manners;
use crate::prelude::{first_line, quoted};
use crate::probe::Target;
use crate::way::{Command, Destination};

/// What a server says of itself before anybody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Its first line, or the version that a database greets with; printable, and not long.
    pub text: String,
    /// Whether it came within TLS, and not in clear before it.
    pub within_tls: bool,
}

/// The most that a server may say for a greeting.
const LIMIT: usize = 2048;

/// Listens to the greeting of a server with which TLS comes first; `None` where its protocol has none, or none
/// comes in time.
pub(crate) async fn within_tls(
    target: &Target,
    address: &Destination,
    manners: &Manners,
    clock: Arc<dyn Clock>,
) -> Option<Greeting> {
    if !matches!(target.endpoint.scheme, Scheme::Smtps | Scheme::Imaps | Scheme::Pop3s | Scheme::Ftps) {
        return None;
    }
    let Target { trust, expected, credential, .. } = target;
    let inspection = Inspection::new(trust.clone(), expected.clone(), &[], clock).ok()?;
    let inspection = inspection.with_credential(credential.clone());
    let io = manners.way.of_command(Command::Greeting).connect(address, manners.connect).await.ok()?;
    let has_line = |heard: &[u8]| first_line(heard).is_some();
    let listening = inspection.ask(io, &[], LIMIT, has_line);
    let (_, heard) = timeout(manners.answer, listening).await.ok()?.ok()?;
    Some(Greeting { text: quoted(first_line(&heard)?), within_tls: true })
}
