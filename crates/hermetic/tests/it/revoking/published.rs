//! What is published of them, held against OpenSSL, GnuTLS, pkilint and curl.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use super::{
    OK, Server, address, done, edge, issue, list_address, published_at, publishing, revoke, run, split,
};
use crate::harness::{DEADLINE, Hermetic, Origin, Page, curl, eventually, python};

/// What OpenSSL hears of a certificate over HTTP from the responder that it names.
fn ocsp(hermetic: &Hermetic, name: &str, more: &[&str]) -> String {
    let (leaf, issuer) = (format!("{name}-leaf.pem"), format!("{name}-issuer.pem"));
    let url = address(hermetic.folder.path(), &leaf, "OCSP - URI:");
    let asked = ["ocsp", "-url", &url, "-issuer", &issuer, "-cert", &leaf, "-CAfile", ".hermetic/ca.pem"];
    let (is_content, told) = run(hermetic, "openssl", &[&asked, more].concat());
    assert!(is_content && told.contains("Response verify OK"), "{told}");
    told
}

#[test]
fn openssl_asks_the_responder_and_fetches_the_list_that_a_certificate_names() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let serials = ["good.internal", "bad.internal"].map(|name| {
        let serial = issue(folder, name);
        split(folder, name);
        serial
    });
    assert!(ocsp(&hermetic, "good.internal", &[]).contains("good.internal-leaf.pem: good"));
    assert!(ocsp(&hermetic, "bad.internal", &["-no_nonce"]).contains("bad.internal-leaf.pem: good"));
    let report = revoke(&hermetic, &serials[1], "keyCompromise");
    assert_eq!(
        (&report["serial"], &report["subject"]),
        (&serials[1].as_str().into(), &"bad.internal".into())
    );
    let told = ocsp(&hermetic, "bad.internal", &["-no_nonce"]);
    assert!(told.contains("bad.internal-leaf.pem: revoked") && told.contains("keyCompromise"), "{told}");
    assert!(ocsp(&hermetic, "good.internal", &["-no_nonce"]).contains(": good"));

    for (name, expected) in [("good.internal", true), ("bad.internal", false)] {
        let leaf = format!("{name}-leaf.pem");
        let url = list_address(folder, &leaf);
        let (list, pem) = (format!("{name}.crl"), format!("{name}.crl.pem"));
        done(&curl(&hermetic, &["--fail", "-o", folder.join(&list).to_str().unwrap(), &url]));
        let (is_signed, told) =
            run(&hermetic, "openssl", &["crl", "-inform", "DER", "-in", &list, "-out", &pem]);
        assert!(is_signed, "{told}");
        let chain = ["-CAfile", ".hermetic/ca.pem", "-untrusted", &format!("{name}-issuer.pem")];
        let asked =
            [&["verify", "-x509_strict", "-crl_check", "-CRLfile", &pem], &chain[..], &[&leaf]].concat();
        let (is_good, told) = run(&hermetic, "openssl", &asked);
        assert_eq!(is_good, expected, "{told}");
        assert!(expected || told.contains("certificate revoked"), "{told}");
    }
}

#[test]
fn curl_refuses_what_the_lists_in_a_file_revoke() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let names = ["good.internal", "bad.internal"];
    let serials = names.map(|name| {
        let serial = issue(folder, name);
        split(folder, name);
        serial
    });
    revoke(&hermetic, &serials[1], "keyCompromise");
    let lists = eventually("all lists", || {
        let output = hermetic.hermetic(&["ca", "crl", "--format", "pem"]);
        let lists = String::from_utf8(output.stdout).unwrap();
        // Sixteen of the intermediate's, and one of the root's.
        (lists.matches("BEGIN X509 CRL").count() == 17).then_some(lists)
    });
    let file = folder.join("crl.pem");
    std::fs::write(&file, lists).unwrap();
    for (port, (name, expected)) in (4..).zip(names.into_iter().zip([true, false])) {
        let port = hermetic.ports.nth(port);
        let _server = Server::start(folder, name, port);
        let (url, at) = (format!("https://{name}:{port}/"), format!("{name}:{port}:127.0.0.1"));
        let output = curl(&hermetic, &["--resolve", &at, "--crlfile", file.to_str().unwrap(), &url]);
        assert_eq!(output.status.success(), expected, "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(expected || told.contains("revoked"), "{told}");
    }
}

#[test]
fn gnutls_and_pkilint_find_nothing_wrong_with_what_is_fetched() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let serial = issue(folder, "db.internal");
    split(folder, "db.internal");
    revoke(&hermetic, &serial, "superseded");
    let leaf = "db.internal-leaf.pem";
    let list = list_address(folder, leaf);
    done(&curl(&hermetic, &["--fail", "-o", folder.join("list.crl").to_str().unwrap(), &list]));
    run(&hermetic, "openssl", &["crl", "-inform", "DER", "-in", "list.crl", "-out", "list.pem"]);
    let checks = ["--verify-crl", "--load-ca-certificate", "db.internal-issuer.pem", "--infile", "list.pem"];
    let (is_good, told) = run(&hermetic, "certtool", &checks);
    assert!(is_good && told.contains("Verified"), "{told}");

    let url = address(folder, leaf, "OCSP - URI:");
    let ask = ["--load-cert", leaf, "--load-issuer", "db.internal-issuer.pem", &format!("--ask={url}")];
    let (_, told) =
        run(&hermetic, "ocsptool", &[&ask[..], &["--load-signer", "db.internal-issuer.pem"]].concat());
    assert!(
        told.contains("Certificate Status: revoked") && told.contains("Verifying OCSP Response: Success"),
        "{told}"
    );

    let request = ["ocsp", "-issuer", "db.internal-issuer.pem", "-cert", leaf, "-no_nonce"];
    run(
        &hermetic,
        "openssl",
        &[&request[..], &["-url", &url, "-noverify", "-respout", "answer.der"]].concat(),
    );
    let lints = python().get_program().to_os_string();
    let lint = |program: &str| Path::new(&lints).with_file_name(program).display().to_string();
    for (program, arguments) in [
        ("lint_crl", &["lint", "-s", "ERROR", "-t", "CRL", "-p", "PKIX", "list.crl"][..]),
        ("lint_ocsp_response", &["lint", "-s", "ERROR", "answer.der"]),
    ] {
        let (is_good, told) = run(&hermetic, &lint(program), arguments);
        assert!(is_good, "{program}: {told}");
    }
}

#[test]
fn what_a_crash_left_off_its_list_is_on_it_after_the_next_start() {
    let mut hermetic = publishing();
    issue(hermetic.folder.path(), "db.internal");
    split(hermetic.folder.path(), "db.internal");
    let list = list_address(hermetic.folder.path(), "db.internal-leaf.pem");
    eventually("the first list", || curl(&hermetic, &["--fail", &list]).status.success().then_some(()));
    hermetic.kill();
    // On record, and the process is gone before it signs the list.
    crate::store::revoke(hermetic.folder.path(), "db.internal");
    let hermetic = Hermetic::up_again(hermetic, &[]);
    let file = hermetic.folder.path().join("list.crl");
    eventually("the list with it", || {
        curl(&hermetic, &["--fail", "-o", file.to_str().unwrap(), &list]);
        let (_, text) =
            run(&hermetic, "openssl", &["crl", "-inform", "DER", "-in", "list.crl", "-noout", "-text"]);
        text.contains("Key Compromise").then_some(())
    });
}

#[test]
fn another_port_is_taken_by_a_reload_and_one_that_is_busy_leaves_the_old() {
    let hermetic = publishing();
    let file = hermetic.folder.path().join("hermetic.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let [old, new] = [3, 4].map(|nth| hermetic.ports.nth(nth));
    let serves = |port: u16| {
        let url = format!("http://127.0.0.1:{port}/ca/intermediate/1.crt");
        curl(&hermetic, &["--fail", "-o", "/dev/null", &url]).status.success()
    };
    let reload = || hermetic.hermetic(&["reload"]);
    assert!(serves(old));
    let busy = TcpListener::bind(("127.0.0.1", new)).unwrap();
    std::fs::write(&file, text.replace(&format!(":{old}\""), &format!(":{new}\""))).unwrap();
    let refused = reload();
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains(&new.to_string()) && told.contains("`publish`"), "{told}");
    assert!(serves(old), "the old one is still there");
    drop(busy);
    done(&reload());
    assert!(serves(new) && !serves(old));
    issue(hermetic.folder.path(), "late.internal");
    split(hermetic.folder.path(), "late.internal");
    let list = list_address(hermetic.folder.path(), "late.internal-leaf.pem");
    assert!(list.starts_with(&format!("http://127.0.0.1:{new}/crl/intermediate/1/")), "{list}");
    std::fs::write(&file, text.replace(&format!("publish = \"127.0.0.1:{old}\"\n"), "")).unwrap();
    done(&reload());
    assert!(!serves(new), "nothing is published any more");
}

#[test]
fn metrics_tell_how_old_lists_are_and_what_was_asked_for() {
    let hermetic = publishing();
    let folder = hermetic.folder.path();
    let serial = issue(folder, "db.internal");
    split(folder, "db.internal");
    ocsp(&hermetic, "db.internal", &["-no_nonce"]);
    let list = list_address(folder, "db.internal-leaf.pem");
    eventually("the list", || {
        curl(&hermetic, &["--fail", "-o", "/dev/null", &list]).status.success().then_some(())
    });
    revoke(&hermetic, &serial, "superseded");
    let socket = folder.join(".hermetic/admin.sock");
    let metrics = || {
        let output = curl(&hermetic, &["--unix-socket", socket.to_str().unwrap(), "http://hermetic/metrics"]);
        String::from_utf8(output.stdout).unwrap()
    };
    let text = eventually("the revocation", || {
        Some(metrics()).filter(|text| text.contains("hermetic_certificates_revoked 1\n"))
    });
    for line in [
        "hermetic_publishing_requests_total{what=\"ocsp\",result=\"ahead\"} 1\n",
        "hermetic_publishing_requests_total{what=\"crl\",result=\"ahead\"} 1\n",
        "hermetic_crl_age_seconds{authority=\"root\",generation=\"1\",shard=\"0\"} ",
        "hermetic_crl_next_update_seconds{authority=\"intermediate\",generation=\"1\",shard=\"15\"} ",
        "hermetic_revocations_known_seconds ",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[test]
fn who_says_nothing_or_breaks_off_is_let_go_and_others_are_served_meanwhile() {
    let hermetic = publishing();
    let port = hermetic.ports.nth(3);
    let slow = [
        "",
        "GET /ca/intermediate/1.crt HTTP/1.1\r\nHost",
        "POST /ocsp/intermediate/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n0",
    ];
    let mut connections = slow.map(|begun| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(begun.as_bytes()).unwrap();
        stream
    });
    let url = format!("{}/ca/intermediate/1.crt", published_at(&hermetic));
    assert!(curl(&hermetic, &["--fail", "-o", "/dev/null", &url]).status.success());
    for stream in &mut connections {
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).expect("it is closed by the other end");
    }
}

#[test]
fn the_page_on_revocation_publishes_revokes_and_shows_that_others_know() {
    let origin = Origin::answering(OK);
    let page = Page::how_to("revoke-a-certificate");
    let hermetic = Hermetic::configured(|ports, _| {
        let site = format!("127.0.0.1:{}", ports.nth(3));
        let here = [("0.0.0.0:8089", &*site), ("pki.example.com:8089", &*site)];
        page.configuration("publish", &here) + &edge(ports, origin.port)
    });
    eventually("all lists", || {
        let output = hermetic.hermetic(&["ca", "crl", "--format", "pem"]);
        (String::from_utf8_lossy(&output.stdout).matches("BEGIN X509 CRL").count() == 17).then_some(())
    });
    let outputs = page.run(hermetic.folder.path());
    let said = outputs.iter().map(|output| {
        let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}");
        said
    });
    let said: Vec<String> = said.collect();
    assert!(
        said[1].contains("/crl/intermediate/1/") && said[1].contains("/ocsp/intermediate/1"),
        "{}",
        said[1]
    );
    assert!(said[2].contains("keyCompromise"), "{}", said[2]);
    assert!(said[3].contains("intermediate"), "{}", said[3]);
    assert!(said[6].contains("certificate revoked"), "{}", said[6]);
    assert!(said[7].contains("part-00: revoked") && said[7].contains("keyCompromise"), "{}", said[7]);
}

#[test]
fn strangers_who_ask_for_nonsense_or_send_too_much_are_answered_and_forgotten() {
    let hermetic = publishing();
    let site = published_at(&hermetic);
    let asks = |arguments: &[&str]| {
        let output = curl(
            &hermetic,
            &[&["-o", "/dev/null", "-w", "%{http_code} %{content_type}"], arguments].concat(),
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let responder = format!("{site}/ocsp/intermediate/1");
    assert_eq!(asks(&[&format!("{site}/")]), "404 text/plain; charset=utf-8");
    assert_eq!(asks(&[&format!("{site}/crl/nobody/1/0.crl")]), "404 text/plain; charset=utf-8");
    assert_eq!(asks(&["-X", "DELETE", &responder]), "405 text/plain; charset=utf-8");
    assert_eq!(asks(&["--data-binary", "nonsense", &responder]), "200 application/ocsp-response");
    let big = hermetic.folder.path().join("big");
    std::fs::write(&big, vec![b'x'; 1 << 20]).unwrap();
    let big = format!("@{}", big.display());
    assert!(
        asks(&["--data-binary", &big, &responder]).starts_with("413 "),
        "{}",
        asks(&["--data-binary", &big, &responder])
    );
    assert_eq!(asks(&[&format!("{site}/ca/intermediate/1.crt")]), "200 application/pkix-cert");
}
