//! What other mail servers are told: that they must use TLS (MTA-STS, RFC 8461), and where to report when it fails
//! (TLS-RPT, RFC 8460).

use super::Answered;
use super::message::kind;
use super::resolver::{Asking, texts};
use crate::mail_policy::Fetched;

/// What mail servers are told; `None` where nothing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// That they must use TLS.
    pub strict_transport: Result<Answered<Option<MailPolicy>>, String>,
    /// What that policy says; `None` where there is none, or nobody fetched it.
    pub policy: Option<Fetched>,
    /// Where to report when it fails.
    pub reports: Result<Answered<Option<MailReports>>, String>,
}

/// That a domain has a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPolicy {
    /// The domain.
    pub domain: String,
    /// The id of the policy, which changes with it.
    pub id: String,
}

/// That a domain wants reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailReports {
    /// The domain.
    pub domain: String,
    /// Where to: `mailto:` and `https:` addresses.
    pub places: Vec<String>,
}

/// A mail server's name is most often one below the domain whose mail it takes, so that both are asked.
pub(super) async fn look(name: &str, asking: Asking<'_>) -> Mail {
    let strict_transport = record(name, "_mta-sts", "v=STSv1", asking).await;
    let reports = record(name, "_smtp._tls", "v=TLSRPTv1", asking).await;
    let places = |(domain, text): (String, String)| {
        let places = field(&text, "rua").unwrap_or_default();
        let places = places.split(',').map(|place| place.trim().to_owned()).collect();
        MailReports { domain, places }
    };
    let id =
        |(domain, text): (String, String)| MailPolicy { domain, id: field(&text, "id").unwrap_or_default() };
    Mail {
        strict_transport: strict_transport.map(|it| it.map(id)),
        policy: None,
        reports: reports.map(|it| it.map(places)),
    }
}

/// The one record of a version behind a prefix, of the name or of the one above it. Of several, none counts (RFC 8461
/// section 3.1).
async fn record(
    name: &str,
    prefix: &str,
    version: &str,
    asking: Asking<'_>,
) -> Result<Answered<Option<(String, String)>>, String> {
    let mut all_authenticated = true;
    let above = name.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'));
    for domain in std::iter::once(name).chain(above) {
        let Answered { records, authenticated } =
            asking.records(&format!("{prefix}.{domain}"), kind::TXT).await?;
        all_authenticated &= authenticated;
        let mut found =
            texts(&records).into_iter().filter(|text| text.split(';').next().map(str::trim) == Some(version));
        if let (Some(text), None) = (found.next(), found.next()) {
            let records = Some((domain.to_owned(), text));
            return Ok(Answered { records, authenticated: all_authenticated });
        }
    }
    Ok(Answered { records: None, authenticated: all_authenticated })
}

fn field(text: &str, name: &str) -> Option<String> {
    text.split(';').find_map(|field| {
        let (it, value) = field.split_once('=')?;
        (it.trim() == name).then(|| value.trim().to_owned())
    })
}

impl<T> Answered<Option<T>> {
    fn map<R>(self, of: impl FnOnce(T) -> R) -> Answered<Option<R>> {
        Answered { records: self.records.map(of), authenticated: self.authenticated }
    }
}
