//! Which suites a version is spoken with.

use hermetic_tls::answer::Answer;
use hermetic_tls::{CipherSuite, ProtocolVersion};

use super::dial::Dialer;
use super::offers;
use super::ranking::Ranked;

/// The suites that are accepted in a version. Without any, the version is not spoken.
pub(super) async fn accepted(dialer: &Dialer<'_>, version: ProtocolVersion) -> Ranked<CipherSuite> {
    let offer = |suites: &[CipherSuite]| offers::of_version(version, dialer.endpoint, suites);
    let named = |answer: &Answer| (answer.hello.version == version).then_some(answer.hello.suite);
    Ranked::of(dialer, offers::suites_of(version).to_vec(), offer, named).await
}
