//! What `hermetic scan` prints for others than people, read as they read it, and what is new since an earlier scan.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Nginx, Ports, folder, hermetic, python, self_signed};

/// An nginx, its folder, and where it is.
struct Endpoint {
    folder: TempDir,
    ports: Ports,
    _nginx: Nginx,
}

/// Within Mozilla's intermediate policy, but for post-quantum groups, which Debian's OpenSSL has not.
const SOUND: &str = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;\
                     ssl_ecdh_curve X25519:prime256v1:secp384r1;";
/// The same with an old version, and the suites that it needs.
const AGEING: &str = "ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+AES:@SECLEVEL=0;\
                      ssl_ecdh_curve X25519:prime256v1:secp384r1;";
/// With an old version, and with suites that nobody should take.
const OLD: &str = "ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0;";

impl Endpoint {
    fn serving(tls: &str) -> Self {
        let (folder, ports) = (folder(), Ports::reserve());
        self_signed(folder.path(), "shop", "localhost");
        let nginx = serve(folder.path(), &ports, tls);
        Self { folder, ports, _nginx: nginx }
    }

    /// The same endpoint with another configuration.
    fn now_serving(self, tls: &str) -> Self {
        let Self { folder, ports, _nginx } = self;
        drop(_nginx);
        let nginx = serve(folder.path(), &ports, tls);
        Self { folder, ports, _nginx: nginx }
    }

    fn target(&self) -> String {
        format!("https://localhost:{}", self.ports.nth(1))
    }

    fn scan(&self, arguments: &[&str]) -> Output {
        let target = self.target();
        hermetic(self.folder.path(), &[&["scan", &target, "--trust", "shop.pem"], arguments].concat())
    }

    /// A file with what a scan prints.
    fn kept(&self, file: &str, arguments: &[&str]) -> String {
        let path = self.folder.path().join(file);
        std::fs::write(&path, self.scan(arguments).stdout).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn serve(folder: &Path, ports: &Ports, tls: &str) -> Nginx {
    let port = ports.nth(1);
    let here = folder.display();
    let server = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {here}/shop.pem; ssl_certificate_key {here}/shop.key; \
         {tls} return 200 ok; }}"
    );
    Nginx::start(folder, &server, port)
}

/// What another reader finds in these files.
pub fn read(kind: &str, files: &[&str]) -> String {
    let output = python().args(["-c", include_str!("formats.py"), kind]).args(files).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn every_report_keeps_to_the_schema_that_is_printed() {
    let endpoint = Endpoint::serving(OLD);
    let schema = endpoint.kept("schema.json", &["--schema"]);
    let (old, gone) = (endpoint.target(), "127.0.0.1:1");
    let of = |file: &str, arguments: &[&str]| {
        let output =
            hermetic(endpoint.folder.path(), &[&["scan"], arguments, &["--format", "json"]].concat());
        let path = endpoint.folder.path().join(file);
        std::fs::write(&path, output.stdout).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let one = of("one.json", &[&old]);
    let compared = of("compared.json", &[&old, "--baseline", &one]);
    let files = [&schema, &one, &compared, &of("gone.json", &[gone]), &of("many.json", &[&old, gone])];
    assert_eq!(read("json", &files.map(String::as_str)), "");
    let change = serde_json::json!({"schema": "hermetic.scan.change/1", "target": old, "address": null,
        "at": "2026-11-24T02:20:11Z", "verdict": "weak", "reason": "", "added": ["speaks TLSv1.1"], "removed": []});
    let lines = endpoint.folder.path().join("watch.jsonl");
    std::fs::write(&lines, format!("{change}\n")).unwrap();
    assert_eq!(read("jsonl", &[&schema, lines.to_str().unwrap()]), "");
}

#[test]
fn a_sarif_log_keeps_to_the_schema_of_its_standard() {
    let endpoint = Endpoint::serving(OLD);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sarif-2.1.0.schema.json");
    let log = endpoint.kept("scan.sarif", &["--format", "sarif"]);
    assert_eq!(read("json", &[schema.to_str().unwrap(), &log]), "");
    let log: Value = serde_json::from_str(&std::fs::read_to_string(log).unwrap()).unwrap();
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "tls1.1"), "{results:?}");
}

#[test]
fn spreadsheets_and_ci_read_the_same_findings() {
    let endpoint = Endpoint::serving(OLD);
    let csv = read("csv", &[&endpoint.kept("scan.csv", &["--format", "csv"])]);
    let junit = read("junit", &[&endpoint.kept("scan.xml", &["--format", "junit"])]);
    for (severity, control) in
        [("critical", "anonymous-suites"), ("medium", "tls1.1"), ("low", "no-post-quantum")]
    {
        assert!(csv.contains(&format!("{severity} {control} ")), "{csv}");
        assert!(junit.contains(&format!("failure {control} {severity}")), "{junit}");
    }
    let gone = endpoint.folder.path().join("gone.xml");
    std::fs::write(
        &gone,
        hermetic(endpoint.folder.path(), &["scan", "127.0.0.1:1", "--format", "junit"]).stdout,
    )
    .unwrap();
    assert_eq!(read("junit", &[gone.to_str().unwrap()]).trim(), "error handshake");
}

#[test]
fn a_target_that_was_not_to_be_seen_is_told_in_every_format() {
    let folder = folder();
    let of = |format: &[&str]| {
        let output = hermetic(folder.path(), &[&["scan", "127.0.0.1:1", "--format"], format].concat());
        assert_eq!(output.status.code(), Some(3), "{format:?}");
        output
    };
    let path = folder.path().join("gone.csv");
    std::fs::write(&path, of(&["csv"]).stdout).unwrap();
    let csv = std::fs::read_to_string(&path).unwrap();
    assert!(csv.contains("tls://127.0.0.1:1,,unknown,,,no connection: "), "{csv}");
    assert_eq!(read("csv", &[path.to_str().unwrap()]).lines().count(), 1, "{csv}");

    let log = folder.path().join("gone.sarif");
    std::fs::write(&log, of(&["sarif"]).stdout).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sarif-2.1.0.schema.json");
    assert_eq!(read("json", &[schema.to_str().unwrap(), log.to_str().unwrap()]), "");
    let log: Value = serde_json::from_str(&std::fs::read_to_string(log).unwrap()).unwrap();
    let run = &log["runs"][0]["invocations"][0];
    assert_eq!(run["executionSuccessful"], false);
    let told = &run["toolExecutionNotifications"][0];
    assert_eq!(told["level"], "error");
    assert!(told["message"]["text"].as_str().unwrap().contains("no connection: "), "{told}");

    let event = &json(&of(&["ocsf"]))[0];
    assert_eq!((&event["compliance"]["status_id"], &event["severity_id"]), (&0.into(), &1.into()), "{event}");
    let account = ["asff", "--aws-account", "123456789012", "--aws-region", "eu-central-1"];
    let finding = &json(&of(&account))[0];
    assert_eq!(finding["Compliance"]["Status"], "NOT_AVAILABLE", "{finding}");
}

/// The tests of a suite with this outcome, each with the kind of its failure.
fn outcomes(junit: &str, outcome: &str) -> Vec<String> {
    let of = |line: &str| line.strip_prefix(outcome).map(|rest| rest.trim().to_owned());
    junit.lines().filter_map(of).collect()
}

#[test]
fn what_was_not_asked_or_could_not_be_told_has_not_passed_in_ci() {
    let endpoint = Endpoint::serving(SOUND);
    let junit = |file: &str, more: &[&str]| {
        read("junit", &[&endpoint.kept(file, &[&["--format", "junit"], more].concat())])
    };
    let (fast, full) = (junit("fast.xml", &["--fast"]), junit("full.xml", &[]));
    for check in ["certificate-weak-key", "takes-unknown", "no-hsts", "early-data", "suite-beyond-policy"] {
        assert!(outcomes(&fast, "skipped").contains(&check.to_owned()), "{check}: {fast}");
    }
    let skipped = outcomes(&full, "skipped");
    assert!(skipped.contains(&"no-caa".to_owned()) && skipped.contains(&"certificate-revoked".to_owned()));
    assert!(!skipped.contains(&"certificate-weak-key".to_owned()), "{full}");
}

#[test]
fn ci_sees_a_failure_where_the_scan_ends_with_1_and_only_there() {
    let endpoint = Endpoint::serving(SOUND);
    let of = |more: &[&str]| {
        let output = endpoint.scan(&[&["--format", "junit"], more].concat());
        let path = endpoint.folder.path().join("scan.xml");
        std::fs::write(&path, &output.stdout).unwrap();
        let failures = outcomes(&read("junit", &[path.to_str().unwrap()]), "failure");
        (output.status.code(), failures)
    };
    // Sealed, with a finding that is low.
    assert_eq!(of(&[]), (Some(0), Vec::new()));
    assert_eq!(of(&["--fail-on", "high"]), (Some(0), Vec::new()));
    let (code, failures) = of(&["--fail-on", "low"]);
    assert!(code == Some(1) && failures.contains(&"no-post-quantum low".to_owned()), "{failures:?}");

    let known = endpoint.kept("known.json", &["--format", "json"]);
    assert_eq!(of(&["--fail-on", "low", "--baseline", &known]), (Some(0), Vec::new()));
    let endpoint = endpoint.now_serving(OLD);
    let of = |more: &[&str]| {
        let output = endpoint.scan(&[&["--format", "junit"], more].concat());
        let path = endpoint.folder.path().join("scan.xml");
        std::fs::write(&path, &output.stdout).unwrap();
        (output.status.code(), outcomes(&read("junit", &[path.to_str().unwrap()]), "failure"))
    };
    let (code, failures) = of(&[]);
    assert!(code == Some(1) && failures.contains(&"verdict weak".to_owned()), "{failures:?}");
    let (code, failures) = of(&["--fail-on", "critical"]);
    assert!(code == Some(1) && failures.iter().all(|it| it.ends_with(" critical")), "{failures:?}");
}

#[test]
fn the_page_to_send_says_what_nobody_could_tell() {
    let endpoint = Endpoint::serving(SOUND);
    let page = String::from_utf8(endpoint.scan(&["--format", "html", "--fast"]).stdout).unwrap();
    for told in ["a fast scan, which asks little", "perhaps more: ", "Checks that could not be told: "] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let gone = hermetic(endpoint.folder.path(), &["scan", "127.0.0.1:1", "--format", "html"]);
    let page = String::from_utf8_lossy(&gone.stdout).into_owned();
    assert!(page.contains("What it accepts was not to be seen: ") && !page.contains("No findings"), "{page}");
    assert!(page.contains("Nothing is known of it"), "{page}");
}

#[test]
fn a_key_that_several_targets_have_is_told() {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "shop", "localhost");
    self_signed(folder.path(), "other", "localhost");
    let here = folder.path().display();
    let server = |place: u16, file: &str| {
        format!(
            "server {{ listen 127.0.0.1:{} ssl; ssl_certificate {here}/{file}.pem; ssl_certificate_key \
             {here}/{file}.key; return 204; }} ",
            ports.nth(place)
        )
    };
    let servers = server(1, "shop") + &server(2, "shop") + &server(3, "other");
    let _nginx = Nginx::start(folder.path(), &servers, ports.nth(1));
    let targets = [1, 2, 3].map(|place| format!("https://localhost:{}", ports.nth(place)));
    let scan = |format: &str| {
        let [first, second, third] = targets.each_ref().map(String::as_str);
        hermetic(folder.path(), &["scan", first, second, third, "--format", format])
    };
    let list = json(&scan("json"));
    let shared = list["shared_keys"].as_array().unwrap();
    assert_eq!(shared.len(), 1, "{list}");
    let mut endpoints: Vec<_> =
        shared[0]["endpoints"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    endpoints.sort_unstable();
    assert_eq!(endpoints, [&targets[0], &targets[1]]);
    // The second of them, whichever that is, says where its key was met before.
    let told: Vec<_> =
        list["scans"].as_array().unwrap().iter().filter_map(|it| it.get("shared_keys")).collect();
    assert_eq!((told.len(), told[0][0]["endpoints"].as_array().unwrap().len()), (1, 1), "{told:?}");
    let page = String::from_utf8_lossy(&scan("table").stdout).into_owned();
    assert!(page.contains("  same key at https://localhost:"), "{page}");
    assert!(page.contains("\nKeys that several targets have\n"), "{page}");
}

#[test]
fn the_page_to_send_loads_nothing_and_shows_the_bad_first() {
    let endpoint = Endpoint::serving(OLD);
    let page = String::from_utf8(endpoint.scan(&["--format", "html"]).stdout).unwrap();
    assert!(page.contains("<h1>1 endpoint: 1 weak</h1>"), "{page}");
    for absent in ["<script", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(absent), "{absent}");
    }
    let [worst, least] = ["anonymous-suites", "no-post-quantum"].map(|it| page.find(it).unwrap());
    assert!(worst < least && page.contains("<svg viewBox="));
}

#[test]
fn only_what_is_new_since_an_earlier_scan_falls_short() {
    let endpoint = Endpoint::serving(AGEING);
    let known = endpoint.kept("known.json", &["--format", "json"]);
    assert_eq!(endpoint.scan(&[]).status.code(), Some(1));
    let again = endpoint.scan(&["--baseline", &known, "--format", "json"]);
    let report = json(&again);
    assert_eq!((again.status.code(), &report["verdict"]), (Some(0), &"weak".into()), "{report}");
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["known"] == true));

    let endpoint = endpoint.now_serving(OLD);
    let worse = endpoint.scan(&["--baseline", &known]);
    let page = String::from_utf8_lossy(&worse.stdout).into_owned();
    assert_eq!(worse.status.code(), Some(1), "{page}");
    assert!(page.contains("anonymous-suites: ") && page.contains("no-post-quantum (known): "), "{page}");

    let endpoint = endpoint.now_serving(SOUND);
    let page = String::from_utf8_lossy(&endpoint.scan(&["--baseline", &known]).stdout).into_owned();
    let gone = page.split("Gone since the earlier scan").nth(1).unwrap_or_default();
    assert!(gone.contains("\n  tls1.1\n"), "{page}");
}

#[test]
fn the_severity_that_is_asked_for_decides_how_a_scan_ends() {
    let endpoint = Endpoint::serving(SOUND);
    for (severity, code) in [("low", 1), ("high", 0), ("critical", 0)] {
        assert_eq!(endpoint.scan(&["--fail-on", severity]).status.code(), Some(code), "{severity}");
    }
    let endpoint = endpoint.now_serving(OLD);
    assert_eq!(endpoint.scan(&["--fail-on", "critical"]).status.code(), Some(1));
    let gone = hermetic(endpoint.folder.path(), &["scan", "127.0.0.1:1", "--fail-on", "low"]);
    assert_eq!(gone.status.code(), Some(3));
}

#[test]
fn a_policy_of_ones_own_is_a_file_and_its_mistakes_have_lines() {
    let endpoint = Endpoint::serving(SOUND);
    let write = |text: &str| std::fs::write(endpoint.folder.path().join("house.toml"), text).unwrap();
    write("versions = [\"TLSv1.2\", \"TLSv1.3\"]\n");
    let within = json(&endpoint.scan(&["--policy", "house.toml", "--format", "json"]));
    assert_eq!(
        (&within["policy"]["name"], &within["policy"]["within"]),
        (&"file/house".into(), &true.into())
    );
    write("versions = [\"TLSv1.3\"]\n");
    let beyond = endpoint.scan(&["--policy", "house.toml", "--format", "json"]);
    assert_eq!((beyond.status.code(), &json(&beyond)["policy"]["within"]), (Some(1), &false.into()));
    write("versions = [\n\"TLSv1.5\"]\n");
    let wrong = endpoint.scan(&["--policy", "house.toml"]);
    let error = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.status.code() == Some(2) && error.contains("house.toml:2:1"), "{error}");
}

#[test]
fn what_certificates_and_http_lack_is_found_with_the_lines_for_the_server_that_says_what_it_is() {
    let (folder, ports) = (folder(), Ports::reserve());
    self_signed(folder.path(), "shop", "elsewhere.test");
    let (here, port, plain) = (folder.path().display(), ports.nth(1), ports.nth(2));
    let servers = format!(
        "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {here}/shop.pem; ssl_certificate_key {here}/shop.key; \
         add_header Set-Cookie 'id=1' always; return 302 http://$host/; }} server {{ listen 127.0.0.1:{plain}; return 200 open; }}"
    );
    let _nginx = Nginx::start(folder.path(), &servers, port);
    let (target, plain) = (format!("https://localhost:{port}"), plain.to_string());
    let output = hermetic(folder.path(), &["scan", &target, "--http-port", &plain, "--format", "json"]);
    let report = json(&output);
    let findings = report["findings"].as_array().unwrap();
    let of = |control: &str| findings.iter().find(|finding| finding["control"] == control);
    for control in [
        "certificate-wrong-name",
        "certificate-self-signed",
        "insecure-cookie",
        "http-serves",
        "no-hsts",
        "https-redirects-to-http",
    ] {
        assert!(of(control).is_some(), "{control}: {report}");
    }
    assert_eq!(of("insecure-cookie").unwrap()["subjects"][0], "id");
    let configuration = &of("no-hsts").unwrap()["configuration"];
    assert_eq!(configuration["software"], "nginx", "{report}");
    let line = configuration["lines"][0].as_str().unwrap();
    assert!(line.starts_with("add_header Strict-Transport-Security"), "{line}");
}
