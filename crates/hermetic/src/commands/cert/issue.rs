//! `hermetic cert issue`: a certificate with a fresh key, or for the key in a request, written to files.

use std::path::Path;

use hermetic_tls::{Clock, Identity, SpiffeId, SystemClock, TrustDomain};
use hermetic_x509::{CertificationRequest, DistinguishedName};
use jiff::Timestamp;
use serde::Serialize;

use super::files::{Mode, NewFiles};
use super::order::{Order, encoded};
use super::{beside, file_stem};
use crate::admin::client::{Admin, AskError};
use crate::arguments::{Format, Issue};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    serial: &'a str,
    subject: &'a str,
    identities: &'a [Identity],
    profile: &'a str,
    not_after: Timestamp,
    /// The file of the chain.
    certificate: &'a Path,
    /// That of the key, where it was made here.
    key: Option<&'a Path>,
}

/// Issues it, by the running instance where there is one.
pub async fn run(arguments: &Issue) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let names = names(arguments, &place.trust_domain)?;
    let csr = arguments.csr.as_deref().map(read).transpose()?;
    let subject = subject(&names, arguments, csr.as_deref())?;
    let certificate = arguments.out.join(format!("{subject}.pem"));
    let key = csr.is_none().then(|| arguments.out.join(format!("{subject}-key.pem")));
    let private = key.clone().map(|key| (key, Mode::Private));
    let files = NewFiles::of(private.into_iter().chain([(certificate.clone(), Mode::Public)]))?;
    let order = Order {
        subject: subject.clone(),
        names,
        distinguished_name: arguments.subject.as_ref().map(DistinguishedName::to_string),
        profile: arguments.profile.clone(),
        issuer: arguments.issuer.as_ref().map(ToString::to_string),
        key: arguments.key.map(|kind| kind.to_string()),
        lifetime_seconds: arguments.lifetime.map(|lifetime| lifetime.as_secs()),
        csr: csr.as_deref().map(encoded),
    };
    let issued = match Admin::of(&place.data).post("/v1/certificates", &order).await {
        Err(AskError::NoInstance { .. }) => order.issued_by(&beside(&place).await?).await?,
        answered => answered?,
    };
    let contents = issued.key_pem.iter().chain([&issued.chain_pem]).map(String::as_bytes);
    files.write(contents)?;
    let report = Report {
        schema: "hermetic.certificate-issue/1",
        serial: &issued.serial,
        subject: &subject,
        identities: &issued.identities,
        profile: &arguments.profile,
        not_after: issued.not_after,
        certificate: &certificate,
        key: key.as_deref(),
    };
    match arguments.format {
        Format::Json => output::print_json(&report)?,
        Format::Table => output::print(&text(&report, SystemClock.now()))?,
    }
    Ok(Exit::Fine)
}

/// Names and parties as the certificate will carry them; a bare party is one of our trust domain.
fn names(arguments: &Issue, trust_domain: &TrustDomain) -> Result<Vec<Identity>, Failure> {
    let party = |text: &String| {
        let id = if text.contains("://") { text.parse() } else { SpiffeId::new(trust_domain, text) };
        id.map(Identity::Spiffe).map_err(|error| Failure::wrong(error.to_string()))
    };
    let parties: Vec<Identity> = arguments.identity.iter().map(party).collect::<Result<_, _>>()?;
    Ok(arguments.name.iter().cloned().chain(parties).collect())
}

/// The bytes of a request, whatever is in them: the authority judges them, so that what it refuses stands in the
/// journal.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unread =
        |error| Failure::wrong(format!("the request can't be read: {error}")).at(path.display().to_string());
    let bytes = std::fs::read(path).map_err(unread)?;
    match bytes.len() > CertificationRequest::LARGEST {
        false => Ok(bytes),
        true => CertificationRequest::read(&bytes)
            .map(|_| bytes)
            .map_err(|error| Failure::wrong(error.to_string()).at(path.display().to_string())),
    }
}

/// What the certificate is listed and its files are named as: the first name of the request or beside it, fit for
/// a file; else its subject, or the file of the request.
fn subject(names: &[Identity], arguments: &Issue, csr: Option<&[u8]>) -> Result<String, Failure> {
    let request = csr.and_then(|csr| CertificationRequest::read(csr).ok());
    let requested = request.as_ref().and_then(|request| request.names().first()).map(|name| name.identity());
    if let Some(name) = requested.or(names.first()) {
        return Ok(file_stem(name));
    }
    let asked = request.map(|request| request.subject().clone());
    let written =
        arguments.subject.clone().or(asked).map(|name| name.to_string()).filter(|name| !name.is_empty());
    let file =
        || arguments.csr.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let text = written.or_else(file).ok_or_else(|| {
        Failure::wrong("a certificate needs a name").remedy("give --name, --identity, --subject or --csr")
    })?;
    let fit = |c: char| if c.is_alphanumeric() || ".-_=".contains(c) { c } else { '-' };
    Ok(text.chars().map(fit).collect())
}

fn text(report: &Report<'_>, now: Timestamp) -> String {
    let file = |path: &Path| path.display().to_string();
    let expires = report.not_after.strftime("%Y-%m-%d %H:%M:%S UTC");
    let mut lines = vec![("certificate", file(report.certificate))];
    lines.extend(report.key.map(|key| ("key", file(key))));
    lines.push(("serial", report.serial.to_owned()));
    lines.push(("expires", format!("{expires} ({})", hermetic_hop::relative(report.not_after, now))));
    lines.iter().map(|(label, value)| format!("{label:<12} {}\n", output::plain(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_the_first_name() {
        let named = |name: &str| file_stem(&name.parse().unwrap());
        assert_eq!(named("db.internal"), "db.internal");
        assert_eq!(named("*.example.com"), "wildcard.example.com");
        assert_eq!(named("ip:::1"), "--1");
        assert_eq!(named("spiffe://hermetic.internal/team/edge"), "team-edge");
        assert_eq!(named("spiffe://hermetic.internal"), "hermetic.internal");
    }
}
