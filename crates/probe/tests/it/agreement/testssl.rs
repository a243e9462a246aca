//! testssl.sh, by its JSON.

use std::process::Command;

use hermetic_tls::{CipherSuite, ProtocolVersion, Ssl2Cipher};
use serde_json::Value;

use super::facts::{self, Facts, version};
use super::servers::Endpoint;

/// Protocols, suites of each, order, forward secrecy, the server's defaults, and what is weak in them. What it tries
/// actively is left out: there is nothing to compare it with.
const CHECKS: &str = "-p -E -P -f -S -R -C -O -Z -W -A -L -F -J -D -4";

/// Runs it; it takes a minute or more.
pub fn facts(endpoint: &Endpoint) -> Facts {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let mut command = Command::new("testssl");
    command.args(["--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", "127.0.0.1"]);
    command.args(CHECKS.split(' ')).arg("--jsonfile").arg(&file).current_dir(folder.path());
    if let Some(starttls) = endpoint.starttls {
        command.args(["--starttls", starttls]);
    }
    let output = command.arg(format!("{}:{}", endpoint.name, endpoint.port)).output();
    let output = output.unwrap_or_else(|error| panic!("testssl: {error}; `cargo xtask test` installs it"));
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let report = serde_json::from_str(&text);
    let found = report.unwrap_or_else(|error| panic!("{error}: {text}"));
    read(&found)
}

fn read(found: &Value) -> Facts {
    let mut facts = Facts::default();
    for finding in found.as_array().unwrap() {
        let (id, said) =
            (finding["id"].as_str().unwrap_or_default(), finding["finding"].as_str().unwrap_or_default());
        // Of several certificates each has its number behind the id.
        let id = id.split(" <cert").next().unwrap_or_default();
        of_finding(&mut facts, id, said);
    }
    facts
}

fn of_finding(facts: &mut Facts, id: &str, said: &str) {
    if let Some(suite) = id.strip_prefix("cipher-") {
        return of_suite(facts, suite);
    }
    let version = match id {
        "SSLv2" | "SSLv3" => Some(version(id)),
        "TLS1" => Some(version("TLSv1.0")),
        "TLS1_1" => Some(version("TLSv1.1")),
        "TLS1_2" => Some(version("TLSv1.2")),
        "TLS1_3" => Some(version("TLSv1.3")),
        _ => None,
    };
    if let Some(version) = version.filter(|_| !said.starts_with("not offered")) {
        facts.add(facts::PROTOCOLS, version.to_string());
    }
    let weak = ["POODLE_SSL", "SWEET32", "FREAK", "DROWN", "LOGJAM", "BEAST", "LUCKY13", "RC4", "CRIME_TLS"];
    if weak.contains(&id) && !said.contains("failed") {
        let name = id.split('_').next().unwrap_or_default().to_lowercase();
        facts.is(&name, !said.starts_with("not vulnerable"));
    }
    match id {
        "PFS_ECDHE_curves" => facts.set(facts::CURVES, said.split_whitespace().map(facts::group_named)),
        "DH_groups" if said.contains("ffdhe") => {
            facts.set(facts::FINITE, said.split_whitespace().map(str::to_owned));
        }
        "secure_renego" => facts.is(facts::SECURE_RENEGOTIATION, said.starts_with("supported")),
        "secure_client_renego" => facts.is(facts::CLIENT_RENEGOTIATION, !said.starts_with("not vulnerable")),
        "CRIME_TLS" => facts.is(facts::COMPRESSION, !said.starts_with("not vulnerable")),
        "TLS_extensions" => {
            facts.is(facts::MASTER_SECRET, said.contains("extended master secret"));
            facts.is(facts::TICKETS, said.contains("session ticket"));
        }
        "sessionresumption_ticket" => facts.is(facts::BY_TICKET, said.starts_with("supported")),
        "sessionresumption_ID" => facts.is(facts::BY_ID, said.starts_with("supported")),
        "fallback_SCSV" if said.starts_with("supported") => facts.is(facts::FALLBACK, true),
        "fallback_SCSV" if said.starts_with("not supported") => facts.is(facts::FALLBACK, false),
        "cert_fingerprintSHA256" => facts.add(facts::LEAVES, said.to_lowercase()),
        "cert_keySize" => facts.add(facts::KEYS, super::ours::key(said.trim_end_matches(" bits"))),
        "cert_signatureAlgorithm" => facts.add(facts::SIGNATURES, signature(said)),
        "cert_subjectAltName" => said.split_whitespace().for_each(|name| facts.add(facts::NAMES, name)),
        "cert_notAfter" => facts.add(facts::ENDS, said.split(' ').next().unwrap_or(said)),
        "OCSP_stapling" => facts.is(facts::STAPLED, !said.starts_with("not offered")),
        _ => {}
    }
}

/// `tls1_2_xc02f`: a version, and the number of a suite.
fn of_suite(facts: &mut Facts, text: &str) {
    let Some((named, digits)) = text.rsplit_once("_x") else { return };
    let version = version(match named {
        "ssl2" => "SSLv2",
        "ssl3" => "SSLv3",
        "tls1" => "TLSv1.0",
        "tls1_1" => "TLSv1.1",
        "tls1_2" => "TLSv1.2",
        "tls1_3" => "TLSv1.3",
        other => panic!("{other} is no version"),
    });
    let number = u32::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{digits} is no number"));
    let suite = match number.to_be_bytes() {
        [_, one, two, three] if version == ProtocolVersion::SSL2 => Ssl2Cipher([one, two, three]).to_string(),
        [_, _, high, low] => CipherSuite(u16::from_be_bytes([high, low])).to_string(),
    };
    facts.add(&facts::suites(version), suite);
}

/// `ECDSA with SHA256`.
fn signature(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "sha256 with rsa" => "sha256withrsaencryption".to_owned(),
        "ecdsa with sha256" => "ecdsa-with-sha256".to_owned(),
        other => other.to_owned(),
    }
}
