//! `hermetic cert export`: a certificate out of the store, with its key where that may leave.

use std::path::{Path, PathBuf};

use hermetic_authority::Authority;
use hermetic_keys::{Passphrase, PassphraseSource};
use hermetic_store::{CertificateRecord, Store};
use hermetic_tls::{Certificate, Chain, SystemClock};
use hermetic_x509::Material;
use hermetic_x509::export::ExportPassphrase;
use hermetic_x509::pkcs12::Pkcs12Form;

use super::files::{Mode, NewFiles};
use super::meant::meant;
use super::{beside, chain_pem};
use crate::arguments::{ExportCertificate, ExportForm};
use crate::data::Place;
use crate::exit::{Exit, Failure};
use crate::output;

/// What is written where.
type Written = (PathBuf, Mode);

/// Writes it to files, none of which may be there.
pub async fn run(arguments: &ExportCertificate) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.place, Path::new(""), &SystemClock)?;
    let record = meant(&Store::open_read_only(&place.store).await?, &arguments.certificate).await?;
    let chain = chain(&record)?;
    let files = files(arguments, &record, chain.certificates().len());
    let new = NewFiles::of(files.clone())?;
    let contents = match with_key(arguments) {
        true => {
            let passphrase = passphrase(arguments)?;
            let authority: Authority = beside(&place).await?;
            let material = authority.export(&record).await?;
            let (form, old) = (arguments.format, arguments.old);
            // Half a second for what the passphrase goes through.
            let sealed = tokio::task::spawn_blocking(move || sealed(&material, &passphrase, form, old)).await;
            sealed.map_err(|panic| Failure::unable(panic.to_string()))??
        }
        false => public(&chain, arguments.format),
    };
    new.write(contents.iter().map(Vec::as_slice))?;
    let line = |(path, mode): &Written| {
        let what = if matches!(mode, Mode::Private) { "with the key" } else { "certificate" };
        format!("{what:<13} {}\n", output::plain(&path.display().to_string()))
    };
    output::print(&files.iter().map(line).collect::<String>())?;
    Ok(Exit::Fine)
}

fn chain(record: &CertificateRecord) -> Result<Chain, Failure> {
    Chain::from_pem(&chain_pem(record)).map_err(|_| {
        Failure::wrong(format!("{} was never handed out, so there is no certificate", record.serial))
    })
}

fn with_key(arguments: &ExportCertificate) -> bool {
    arguments.key || arguments.format == ExportForm::P12
}

/// The files, in the order of their contents: the certificate, those of its issuers, the key.
fn files(arguments: &ExportCertificate, record: &CertificateRecord, certificates: usize) -> Vec<Written> {
    let certificate = match arguments.out.is_dir() {
        true => arguments.out.join(format!("{}.{}", stem(&record.subject), ending(arguments.format))),
        false => arguments.out.clone(),
    };
    let beside = |what: &str| {
        let stem = certificate.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        certificate.with_file_name(format!("{stem}-{what}.{}", ending(arguments.format)))
    };
    let key = with_key(arguments).then(|| (beside("key"), Mode::Private));
    match arguments.format {
        ExportForm::Pem => [(certificate.clone(), Mode::Public)].into_iter().chain(key).collect(),
        ExportForm::Der => {
            let issuers = (1..certificates).map(|number| (beside(&format!("issuer-{number}")), Mode::Public));
            [(certificate.clone(), Mode::Public)].into_iter().chain(issuers).chain(key).collect()
        }
        ExportForm::P12 => vec![(certificate.clone(), Mode::Private)],
    }
}

fn ending(format: ExportForm) -> &'static str {
    match format {
        ExportForm::Pem => "pem",
        ExportForm::Der => "der",
        ExportForm::P12 => "p12",
    }
}

/// What it is used as, fit for a file.
fn stem(subject: &str) -> String {
    subject.chars().map(|c| if c.is_alphanumeric() || ".-_".contains(c) { c } else { '-' }).collect()
}

fn passphrase(arguments: &ExportCertificate) -> Result<ExportPassphrase, Failure> {
    let file = arguments.passphrase_file.clone().map(PassphraseSource::File);
    let variable = arguments.passphrase_env.clone().map(PassphraseSource::Environment);
    let source = file.or(variable).ok_or_else(|| {
        Failure::wrong("a key leaves the store under a passphrase only")
            .remedy("name --passphrase-file or --passphrase-env")
    })?;
    let passphrase: Passphrase = source.read().map_err(|error| Failure::wrong(error.to_string()))?;
    ExportPassphrase::new(passphrase).map_err(|error| Failure::wrong(error.to_string()))
}

/// The certificates alone.
fn public(chain: &Chain, format: ExportForm) -> Vec<Vec<u8>> {
    match format {
        ExportForm::Der => chain.certificates().iter().map(|certificate| certificate.der.to_vec()).collect(),
        ExportForm::Pem | ExportForm::P12 => {
            vec![chain.certificates().iter().map(Certificate::to_pem).collect::<String>().into_bytes()]
        }
    }
}

/// The certificates, and the key under the passphrase.
fn sealed(
    material: &Material,
    passphrase: &ExportPassphrase,
    format: ExportForm,
    old: bool,
) -> Result<Vec<Vec<u8>>, Failure> {
    let unwritten = |error: hermetic_x509::export::ExportError| Failure::unable(error.to_string());
    match format {
        ExportForm::Pem => {
            let pem = material.to_pem(passphrase).map_err(unwritten)?;
            Ok(vec![(pem.certificate + &pem.chain).into_bytes(), pem.key.into_bytes()])
        }
        ExportForm::Der => {
            let der = material.to_der(passphrase).map_err(unwritten)?;
            Ok([der.certificate].into_iter().chain(der.chain).chain([der.key]).collect())
        }
        ExportForm::P12 => {
            let form = if old { Pkcs12Form::Old } else { Pkcs12Form::Modern };
            Ok(vec![material.to_pkcs12(passphrase, form).map_err(unwritten)?])
        }
    }
}
