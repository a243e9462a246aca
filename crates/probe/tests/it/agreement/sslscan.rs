//! sslscan, by its XML.

use std::process::Command;

use hermetic_tls::ProtocolVersion;

use super::facts::{self, Facts, version};
use super::servers::Endpoint;

/// Runs it.
pub fn facts(endpoint: &Endpoint) -> Facts {
    let mut command = Command::new("sslscan");
    command.args(["--no-colour", "--show-sigs", "--xml=-"]).arg(format!("--sni-name={}", endpoint.name));
    if let Some(starttls) = endpoint.starttls {
        command.arg(match starttls {
            "postgres" => "--starttls-psql".to_owned(),
            other => format!("--starttls-{other}"),
        });
    }
    let output = command.arg(format!("127.0.0.1:{}", endpoint.port)).output();
    let output = output.unwrap_or_else(|error| panic!("sslscan: {error}; `cargo xtask test` installs it"));
    read(&String::from_utf8_lossy(&output.stdout))
}

fn read(xml: &str) -> Facts {
    let mut facts = Facts::default();
    for line in xml.lines().map(str::trim) {
        let of = |name: &str| attribute(line, name);
        let kind = line.trim_start_matches('<').split([' ', '>']).next().unwrap_or_default();
        match kind {
            "protocol" => {
                let spoken = protocol(of("type"), of("version"));
                if of("enabled") == "1" {
                    facts.add(facts::PROTOCOLS, spoken.to_string());
                }
            }
            "renegotiation" => facts.is(facts::SECURE_RENEGOTIATION, of("secure") == "1"),
            "fallback" => facts.is(facts::FALLBACK, of("supported") == "1"),
            "compression" => facts.is(facts::COMPRESSION, of("supported") == "1"),
            "cipher" => {
                let version = version(of("sslversion"));
                facts.add(&facts::suites(version), facts::suite(of("id")));
            }
            "group" => facts.add(&facts::groups(version(of("sslversion"))), facts::group(of("id"))),
            "connection-signature-algorithm" => {
                facts.add(&facts::schemes(version(of("sslversion"))), facts::scheme(of("id")));
            }
            "signature-algorithm" => facts.add(facts::SIGNATURES, text(line).to_lowercase()),
            "pk" => facts.add(facts::KEYS, key(of("type"), of("curve_name"), of("bits"))),
            "altnames" => text(line).split(", ").for_each(|name| {
                facts.add(facts::NAMES, name.trim_start_matches("DNS:"));
            }),
            "not-valid-after" => facts.add(facts::ENDS, instant(text(line))),
            _ => {}
        }
    }
    facts
}

fn protocol(kind: &str, number: &str) -> ProtocolVersion {
    match kind {
        "ssl" => version(&format!("SSLv{number}")),
        _ => version(&format!("TLSv{number}")),
    }
}

/// It tells the strength of a curve in place of its bits.
fn key(kind: &str, curve: &str, bits: &str) -> String {
    if kind == "EC" { super::ours::key(&facts::group_named(curve)[..7]) } else { format!("{kind} {bits}") }
}

/// `Dec 30 09:30:36 2026 GMT`.
fn instant(text: &str) -> String {
    let read = jiff::civil::DateTime::strptime("%b %d %H:%M:%S %Y GMT", text);
    read.unwrap_or_else(|error| panic!("{text}: {error}")).strftime("%Y-%m-%d").to_string()
}

fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
    let start = format!(" {name}=\"");
    line.split_once(start.as_str()).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
}

fn text(line: &str) -> &str {
    let inner = line.split_once('>').map_or("", |(_, rest)| rest);
    let inner = inner.rsplit_once("</").map_or(inner, |(inner, _)| inner);
    inner.trim_start_matches("<![CDATA[").trim_end_matches("]]>")
}
