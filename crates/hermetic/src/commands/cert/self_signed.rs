//! `hermetic cert self-signed`: a certificate for tests, which nobody vouches for and which says so.

use std::path::Path;

use hermetic_authority::Request;
use hermetic_tls::{Clock, SystemClock};
use hermetic_x509::{ProfileKind, TEST_ONLY};
use jiff::Timestamp;
use serde::Serialize;

use super::files::{Mode, NewFiles};
use super::{beside, file_stem, tell_instance};
use crate::arguments::{Format, SelfSigned};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    serial: String,
    subject: &'a str,
    profile: &'a str,
    not_after: Timestamp,
    /// The file of the certificate.
    certificate: &'a Path,
    /// That of the key.
    key: &'a Path,
    /// What stands in its subject.
    mark: &'static str,
}

/// Makes it, beside a running instance where there is one.
pub async fn run(arguments: &SelfSigned) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let subject = arguments.name.first().map(file_stem).unwrap_or_default();
    let certificate = arguments.out.join(format!("{subject}.pem"));
    let key = arguments.out.join(format!("{subject}-key.pem"));
    let files = NewFiles::of([(key.clone(), Mode::Private), (certificate.clone(), Mode::Public)])?;
    let request = Request {
        profile: arguments.profile.clone(),
        key: arguments.key,
        lifetime: arguments.lifetime,
        ..Request::new(subject.clone(), ProfileKind::Server, arguments.name.clone())
    };
    let credential = beside(&place).await?.self_sign(request).await?;
    let (chain, secret) = (credential.chain().to_pem(), credential.key().expose_pem());
    files.write([secret.as_bytes(), chain.as_bytes()])?;
    tell_instance(&place.data).await;
    let report = Report {
        schema: "hermetic.certificate-self-signed/1",
        serial: credential.leaf().serial.to_string(),
        subject: &subject,
        profile: &arguments.profile,
        not_after: credential.leaf().not_after,
        certificate: &certificate,
        key: &key,
        mark: TEST_ONLY,
    };
    match arguments.format {
        Format::Json => output::print_json(&report)?,
        Format::Table => output::print(&text(&report, SystemClock.now()))?,
    }
    Ok(Exit::Fine)
}

fn text(report: &Report<'_>, now: Timestamp) -> String {
    let expires = report.not_after.strftime("%Y-%m-%d %H:%M:%S UTC");
    format!(
        "certificate  {}\nkey          {}\nserial       {}\nexpires      {expires} ({})\n\
         note         for tests only: nobody vouches for it, and each hop that it is served on is weak\n",
        output::plain(&report.certificate.display().to_string()),
        output::plain(&report.key.display().to_string()),
        report.serial,
        hermetic_hop::relative(report.not_after, now)
    )
}
