//! sslyze with all its commands, by its JSON.

use std::path::PathBuf;
use std::process::Command;

use hermetic_tls::ProtocolVersion;
use serde_json::Value;

use super::facts::{self, Facts};
use super::servers::Endpoint;

const COMMANDS: &str = "--certinfo --compression --early_data --elliptic_curves --ems --fallback --reneg --resum \
                        --sslv2 --sslv3 --tlsv1 --tlsv1_1 --tlsv1_2 --tlsv1_3";

/// Runs it.
pub fn facts(endpoint: &Endpoint) -> Facts {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let python =
        std::env::var_os("HERMETIC_TEST_PYTHON").expect("HERMETIC_TEST_PYTHON; run `cargo xtask test`");
    let mut command = Command::new(PathBuf::from(python).with_file_name("sslyze"));
    // One connection after another: some of these servers take no more at once.
    command.args(["--mozilla_config=disable", "--slow_connection"]).args(COMMANDS.split_whitespace());
    if let Some(starttls) = endpoint.starttls {
        command.arg(format!("--starttls={starttls}"));
    }
    command.arg(format!("--json_out={}", file.display()));
    command.arg(format!("{}:{}{{127.0.0.1}}", endpoint.name, endpoint.port));
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("sslyze: {error}; `cargo xtask test` installs it"));
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    read(&serde_json::from_str(&without_moduli(&text)).unwrap())
}

/// It writes RSA keys as numbers of hundreds of digits, which are more than a number may be here.
fn without_moduli(text: &str) -> String {
    let is_modulus = |line: &&str| line.trim_start().starts_with("\"rsa_n\": ");
    let lines = text.lines().map(|line| if is_modulus(&line) { "\"rsa_n\": 0," } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

fn read(report: &Value) -> Facts {
    let results = &report["server_scan_results"][0]["scan_result"];
    // A command that failed has no result, and no fact comes of it.
    let of = |command: &str| &results[command]["result"];
    let mut facts = Facts::default();
    for (command, version) in [
        ("ssl_2_0_cipher_suites", ProtocolVersion::SSL2),
        ("ssl_3_0_cipher_suites", ProtocolVersion::SSL3),
        ("tls_1_0_cipher_suites", ProtocolVersion::TLS1_0),
        ("tls_1_1_cipher_suites", ProtocolVersion::TLS1_1),
        ("tls_1_2_cipher_suites", ProtocolVersion::TLS1_2),
        ("tls_1_3_cipher_suites", ProtocolVersion::TLS1_3),
    ] {
        if of(command)["is_tls_version_supported"] == true {
            facts.add(facts::PROTOCOLS, version.to_string());
            let suites = list(&of(command)["accepted_cipher_suites"]);
            facts.set(&facts::suites(version), suites.iter().map(|it| word(&it["cipher_suite"]["name"])));
        }
    }
    if of("elliptic_curves").is_object() {
        let curves = list(&of("elliptic_curves")["supported_curves"]);
        facts.set(facts::CURVES, curves.iter().map(|curve| facts::group_named(&word(&curve["name"]))));
    }
    for (question, command, field) in [
        (facts::COMPRESSION, "tls_compression", "supports_compression"),
        (facts::EARLY_DATA, "tls_1_3_early_data", "supports_early_data"),
        (facts::FALLBACK, "tls_fallback_scsv", "supports_fallback_scsv"),
        (facts::SECURE_RENEGOTIATION, "session_renegotiation", "supports_secure_renegotiation"),
        (facts::CLIENT_RENEGOTIATION, "session_renegotiation", "is_vulnerable_to_client_renegotiation_dos"),
        (facts::MASTER_SECRET, "tls_extended_master_secret", "supports_ems_extension"),
    ] {
        if let Some(yes) = of(command)[field].as_bool() {
            facts.is(question, yes);
        }
    }
    for (question, field) in
        [(facts::BY_ID, "session_id_resumption_result"), (facts::BY_TICKET, "tls_ticket_resumption_result")]
    {
        if let Some(said) = of("session_resumption")[field].as_str() {
            facts.is(question, said == "FULLY_SUPPORTED" || said == "PARTIALLY_SUPPORTED");
        }
    }
    of_certificates(&mut facts, of("certificate_info"));
    facts
}

fn of_certificates(facts: &mut Facts, result: &Value) {
    let deployments = list(&result["certificate_deployments"]);
    for deployment in &deployments {
        let leaf = &deployment["received_certificate_chain"][0];
        facts.add(facts::LEAVES, hex(&word(&leaf["fingerprint_sha256"])));
        let (key, bits) = (word(&leaf["public_key"]["algorithm"]), &leaf["public_key"]["key_size"]);
        facts.add(facts::KEYS, super::ours::key(&format!("{key}{bits}")));
        facts.add(facts::SIGNATURES, word(&leaf["signature_algorithm_oid"]["name"]).to_lowercase());
        let end: jiff::Timestamp = word(&leaf["not_valid_after"]).parse().unwrap();
        facts.add(facts::ENDS, end.strftime("%Y-%m-%d").to_string());
        list(&leaf["subject_alternative_name"]["dns_names"])
            .iter()
            .for_each(|name| facts.add(facts::NAMES, word(name)));
    }
    if !deployments.is_empty() {
        facts.is(facts::STAPLED, deployments.iter().any(|deployment| !deployment["ocsp_response"].is_null()));
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn hex(text: &str) -> String {
    use base64ct::{Base64, Encoding};
    let bytes = Base64::decode_vec(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
