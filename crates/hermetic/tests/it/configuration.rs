//! What a configuration may say, as `check` judges it and `up` does it.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use crate::harness::{Hermetic, Origin, curl, folder, hermetic, openssl};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn listener(name: &str, port: u16, more: &str) -> String {
    format!(
        "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nnames = [\"localhost\"]\n{more}\
         [[route]]\nlistener = \"{name}\"\nto = \"app\"\n"
    )
}

fn upstream(endpoint: &str) -> String {
    format!("[[upstream]]\nname = \"app\"\nendpoints = [\"{endpoint}\"]\n")
}

fn check(configuration: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = folder();
    std::fs::write(folder.path().join("hermetic.toml"), configuration).unwrap();
    let output = hermetic(folder.path(), &[&["check"], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn all_mistakes_are_told_at_once_with_place_and_remedy() {
    let text = listener("edge", 8443, "polcy = \"mozilla/modern\"\n") + &upstream("10.0.0.1:80");
    let (code, stdout, stderr) = check(&text, &[]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("hermetic.toml:5:1") && stderr.contains("did you mean `policy`"), "{stderr}");
    assert!(stderr.contains("cleartext") && stderr.contains("reason"), "{stderr}");
}

#[test]
fn declared_evidence_is_called_declared() {
    let text = listener("edge", 8443, "")
        + &upstream("127.0.0.1:3000")
        + "[[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n";
    let (code, stdout, stderr) = check(&text, &["--format", "json"]);
    assert_eq!(code, Some(0), "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["schema"], "hermetic.hops/1");
    assert_eq!(report["hops"][0]["verdict"], "sealed");
    assert_eq!(report["hops"][0]["evidence"], "declared");
    assert_eq!(report["hops"][1]["verdict"], "local");
    assert_eq!(report["flows"][0]["verdict"], "local");
}

#[test]
fn an_accepted_cleartext_upstream_is_clear_all_the_same() {
    let text = listener("edge", 8443, "")
        + &upstream("10.0.0.1:80")
        + "mode = \"observe\"\ncleartext = { reason = \"being replaced\", owner = \"shop team\", until = 2090-01-01 }\n";
    let (code, stdout, stderr) = check(&text, &[]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("clear"), "{stdout}");
}

#[test]
fn an_unmet_requirement_is_a_finding() {
    let text = listener("edge", 8443, "")
        + &upstream("127.0.0.1:3000")
        + "[[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n\
           [[requirement]]\nflows = [\"shop\"]\ntls = \"1.2\"\n";
    let (code, stdout, _) = check(&text, &[]);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("it is cleartext"), "{stdout}");
}

#[test]
fn a_policy_that_can_t_be_served_names_the_nearest() {
    let text =
        listener("edge", 8443, "policy = \"elb/ELBSecurityPolicy-2016-08\"\n") + &upstream("127.0.0.1:1");
    let (code, _, stderr) = check(&text, &[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("elb/ELBSecurityPolicy-TLS-1-2"), "{stderr}");
}

#[test]
fn the_examples_are_valid() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let folder = folder();
    let files = std::fs::read_dir(examples).unwrap().map(Result::unwrap);
    for entry in files.filter(|entry| entry.file_type().unwrap().is_file()) {
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let here = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
    let made = openssl(
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &here("tls.key"),
            "-out",
            &here("tls.pem"),
            "-days",
            "9",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ],
        b"",
    );
    assert!(made.status.success(), "{made:?}");
    std::fs::copy(here("tls.pem"), here("db-ca.pem")).unwrap();
    std::fs::write(here("pgpass"), "db.internal:5432:hermetic:hermetic:secret\n").unwrap();
    std::fs::set_permissions(here("pgpass"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let examples = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let examples: Vec<_> =
        examples.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).collect();
    assert!(examples.len() >= 7, "{examples:?}");
    for example in examples {
        let example = example.to_str().unwrap();
        let output = hermetic(folder.path(), &["check", example]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{example}: {output:?}");
    }
}

#[test]
fn an_authority_alone_runs_too() {
    let instance = Hermetic::configured(|_, _| "[authority]\ntrust_domain = \"example.org\"\n".to_owned());
    let issued = instance.hermetic(&["cert", "issue", "--name", "db.internal"]);
    assert!(issued.status.success(), "{issued:?}");
    let chain = instance.folder.path().join("db.internal.pem");
    let ca = instance.ca();
    let verified = openssl(
        &[
            "verify",
            "-x509_strict",
            "-CAfile",
            ca.to_str().unwrap(),
            "-untrusted",
            chain.to_str().unwrap(),
            chain.to_str().unwrap(),
        ],
        b"",
    );
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn an_upstream_behind_a_unix_socket_is_local() {
    let folder = folder();
    let socket = UnixListener::bind(folder.path().join("app.sock")).unwrap();
    std::thread::spawn(move || {
        for mut stream in socket.incoming().map_while(Result::ok) {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer);
            let _ = stream.write_all(OK);
        }
    });
    let edge = Hermetic::configured_in(folder, |ports, _| {
        listener("edge", ports.edge(), "") + &upstream("unix:app.sock")
    });
    let url = format!("https://localhost:{}/", edge.ports.edge());
    assert_eq!(curl(&edge, &[&url]).stdout, b"ok");
    assert_eq!(edge.hop("edge", "app")["verdict"], "local");
}

#[test]
fn an_unknown_name_may_get_the_first_certificate_where_the_listener_says_so() {
    let origin = Origin::answering(OK);
    let edge = Hermetic::configured(|ports, _| {
        listener("edge", ports.edge(), "unknown_sni = \"first\"\n")
            + &upstream(&format!("127.0.0.1:{}", origin.port))
    });
    let address = format!("127.0.0.1:{}", edge.ports.edge());
    let ca = edge.ca();
    let output = openssl(
        &[
            "s_client",
            "-connect",
            &address,
            "-servername",
            "other.example",
            "-CAfile",
            ca.to_str().unwrap(),
            "-verify_return_error",
        ],
        b"",
    );
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_listener_takes_its_certificate_from_files_and_lists_dns_identities() {
    let origin = Origin::answering(OK);
    let folder = folder();
    let path = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
    let made = openssl(
        &[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            &path("server.key"),
            "-out",
            &path("server.pem"),
            "-days",
            "9",
            "-subj",
            "/CN=test",
            "-addext",
            "subjectAltName=DNS:localhost",
        ],
        b"",
    );
    assert!(made.status.success(), "{made:?}");
    // The clients' authority is another Hermetic's.
    std::fs::create_dir(path("clients")).unwrap();
    for name in ["worker.example", "other.example"] {
        let issued =
            hermetic(Path::new(&path("clients")), &["cert", "issue", "--name", name, "--usage", "client"]);
        assert!(issued.status.success(), "{issued:?}");
    }
    let (server, worker, other) =
        (path("server.pem"), path("clients/worker.example"), path("clients/other.example"));
    let edge = Hermetic::configured_in(folder, |ports, _| {
        let more = "certificate = { cert = \"server.pem\", key = \"server.key\" }\nclients = \"required\"\n\
                    client_ca = \"clients/.hermetic/ca.pem\"\nallow = [\"dns:worker.example\"]\n";
        listener("edge", ports.edge(), more) + &upstream(&format!("127.0.0.1:{}", origin.port))
    });
    let url = format!("https://localhost:{}/", edge.ports.edge());
    let as_client = |who: &str| {
        let (cert, key) = (format!("{who}.pem"), format!("{who}-key.pem"));
        let arguments =
            ["-sS", "--cacert", &server, "--cert", &cert, "--key", &key, "-w", "%{http_code}", &url];
        let output = std::process::Command::new("curl").args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(as_client(&worker), "ok200");
    assert!(as_client(&other).ends_with("403"));
    let head = origin.requests().pop().unwrap().to_lowercase();
    assert!(head.contains("x-forwarded-client-cert: hash=") && head.contains("dns=worker.example"), "{head}");
    assert!(head.contains("x-amzn-mtls-clientcert-leaf: -----begin%20certificate-----"), "{head}");
}

#[test]
fn a_profile_of_ones_own_decides_key_and_lifetime_and_a_reload_follows_it() {
    let origin = Origin::answering(OK);
    let text = |port: u16, key: &str, life: &str| {
        listener("edge", port, "profile = \"web\"\n")
            + &upstream(&format!("127.0.0.1:{}", origin.port))
            + &format!(
                "[[profile]]\nname = \"web\"\nlike = \"server\"\nkeys = [\"{key}\"]\n\
                 lifetime = {{ usual = \"{life}\" }}\n"
            )
    };
    let edge = Hermetic::configured(|ports, _| text(ports.edge(), "P-384", "3d"));
    let address = format!("127.0.0.1:{}", edge.ports.edge());
    let certificate = || {
        let shown = openssl(&["s_client", "-connect", &address, "-servername", "localhost"], b"");
        openssl(&["x509", "-noout", "-text", "-checkend", "172800"], &shown.stdout)
    };
    let served = certificate();
    assert!(served.status.success(), "it lives for more than two days: {served:?}");
    assert!(String::from_utf8_lossy(&served.stdout).contains("(384 bit)"), "{served:?}");

    let file = edge.folder.path().join("hermetic.toml");
    std::fs::write(file, text(edge.ports.edge(), "P-256", "1d")).unwrap();
    let reloaded = edge.hermetic(&["reload"]);
    assert!(reloaded.status.success(), "{reloaded:?}");
    let served = certificate();
    assert!(!served.status.success(), "it lives for a day: {served:?}");
    assert!(String::from_utf8_lossy(&served.stdout).contains("(256 bit)"), "{served:?}");
}
