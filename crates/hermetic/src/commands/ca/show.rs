//! `hermetic ca show`: one certificate authority.

use hermetic_authority::{Authorities, AuthorityError, CertificateAuthority, State};
use hermetic_hop::relative;
use hermetic_store::Generation;
use hermetic_tls::{Certificate, Clock, SystemClock};
use hermetic_x509::{NameSubtree, certificate_text, request_text};
use jiff::Timestamp;
use serde::Serialize;

use super::listed::{Listed, words};
use super::rotation::Rotation;
use crate::arguments::{AuthorityFormat, Named, Place};
use crate::exit::{Exit, Failure};
use crate::output;

/// What `--format json` prints.
#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    #[serde(flatten)]
    listed: Listed,
    serial: Option<String>,
    fingerprint: Option<String>,
    path_length: Option<u8>,
    name_constraints: Option<Constraints>,
    crl_shards: u32,
    rotation: Rotation,
    /// Its certificate and those above it up to the root.
    chain_pem: String,
    /// What asks for its certificate, while that is pending.
    request_pem: Option<String>,
}

/// Which names it, and all below it, may certify.
#[derive(Serialize)]
struct Constraints {
    permitted: Vec<String>,
    excluded: Vec<String>,
}

/// Prints it.
pub async fn run(named: &Named, format: AuthorityFormat, place: &Place) -> Result<Exit, Failure> {
    let authorities = super::authorities(place).await?;
    let authority = authorities.meant(&named.name, named.generation)?;
    print(authority, &authorities, format)?;
    Ok(Exit::Fine)
}

/// Prints what became of a generation that a command changed.
pub(super) async fn changed(
    generation: &Generation,
    format: AuthorityFormat,
    place: &Place,
) -> Result<Exit, Failure> {
    let authorities = super::authorities(place).await?;
    let name = generation.name.parse().map_err(AuthorityError::Name)?;
    print(authorities.meant(&name, Some(generation.generation))?, &authorities, format)?;
    Ok(Exit::Fine)
}

fn print(
    authority: &CertificateAuthority,
    authorities: &Authorities,
    format: AuthorityFormat,
) -> Result<(), Failure> {
    let now = SystemClock.now();
    match format {
        AuthorityFormat::Json => output::print_json(&shown(authority, authorities, now)?),
        AuthorityFormat::Table => output::print(&table(&shown(authority, authorities, now)?, authority, now)),
        AuthorityFormat::Text => output::print(&text(authority)?),
        AuthorityFormat::Pem => {
            let Some(chain) = chain_pem(authority, authorities) else {
                return Err(no_certificate(authority));
            };
            output::print(&chain)
        }
    }
}

fn shown(
    authority: &CertificateAuthority,
    authorities: &Authorities,
    now: Timestamp,
) -> Result<Shown, Failure> {
    let leaf = authority.chain().map(|chain| chain.leaf());
    let certificate = authority.certificate();
    let constraints = match certificate {
        Some(certificate) => certificate.name_constraints(),
        None => authority.policy().name_constraints.as_ref(),
    };
    let texts = |subtrees: &[NameSubtree]| subtrees.iter().map(NameSubtree::to_string).collect();
    Ok(Shown {
        schema: "hermetic.certificate-authority/1",
        listed: Listed::of(authority, authorities, now),
        serial: leaf.map(|leaf| leaf.serial.to_string()),
        fingerprint: leaf.map(|leaf| leaf.fingerprint.to_string()),
        path_length: certificate
            .map_or(authority.policy().path_length, |certificate| certificate.path_length()),
        name_constraints: constraints.map(|constraints| Constraints {
            permitted: texts(constraints.permitted()),
            excluded: texts(constraints.excluded()),
        }),
        crl_shards: authority.shards().count().into(),
        rotation: Rotation::of(&authorities.roll_over(authority.name(), now)?),
        chain_pem: chain_pem(authority, authorities).unwrap_or_default(),
        request_pem: super::request(authority)?.map(|request| request.to_pem()),
    })
}

fn table(shown: &Shown, authority: &CertificateAuthority, now: Timestamp) -> String {
    let instant = |at: Timestamp| format!("{} ({})", at.strftime("%Y-%m-%d %H:%M:%S UTC"), relative(at, now));
    let listed = &shown.listed;
    let any = || "any".to_owned();
    let mut fields = vec![
        ("authority", format!("{}, generation {}", listed.name, listed.generation)),
        ("kind", listed.kind.word().to_owned()),
        ("state", words(authority.state(now)).to_owned()),
        ("stage", listed.stage.to_string()),
        ("subject", listed.subject.clone()),
        ("signed by", listed.signed_by.words()),
        ("key", format!("{}, in {}", listed.key.algorithm, listed.key.place.words())),
    ];
    fields.extend(listed.not_before.map(|from| ("from", instant(from))));
    fields.extend(listed.not_after.map(|end| ("until", instant(end))));
    fields.extend(listed.restorable_until.map(|until| ("restorable", format!("until {}", instant(until)))));
    fields.extend(shown.serial.clone().map(|serial| ("serial", serial)));
    fields.push(("below it", shown.path_length.map_or_else(any, below)));
    if let Some(Constraints { permitted, excluded }) = &shown.name_constraints {
        fields.extend((!permitted.is_empty()).then(|| ("permitted", permitted.join(", "))));
        fields.extend((!excluded.is_empty()).then(|| ("excluded", excluded.join(", "))));
    }
    fields.extend(shown.rotation.words(now).map(|words| ("roll-over", words)));
    let lines = fields.iter().map(|(label, value)| format!("{label:<11} {}\n", output::plain(value)));
    lines.collect()
}

/// How many authorities may stand below one.
fn below(path_length: u8) -> String {
    match path_length {
        0 => "certificates only".to_owned(),
        1 => "one authority".to_owned(),
        more => format!("{more} authorities, one below the other"),
    }
}

fn text(authority: &CertificateAuthority) -> Result<String, Failure> {
    let (chain, request) = (authority.chain(), super::request(authority)?);
    let text = match (chain, &request) {
        (Some(chain), _) => certificate_text(&chain.leaf().der),
        (None, Some(request)) => request_text(request.to_der()),
        (None, None) => return Err(no_certificate(authority)),
    };
    text.map_err(|error| Failure::unable(error.to_string()))
}

fn chain_pem(authority: &CertificateAuthority, authorities: &Authorities) -> Option<String> {
    authority.chain()?;
    Some(authorities.path_of(authority).into_iter().map(Certificate::to_pem).collect())
}

fn no_certificate(authority: &CertificateAuthority) -> Failure {
    let failure = Failure::wrong(format!("{} has no certificate yet", authority.generation()));
    let name = authority.name();
    match authority.state(SystemClock.now()) {
        State::PendingCertificate => failure.remedy(format!(
            "have `hermetic ca csr {name}` signed, and give it the certificate with `hermetic ca import {name} FILE`"
        )),
        _ => failure,
    }
}
