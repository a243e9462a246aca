//! The how-to pages' configurations, run as a reader would run them.

use crate::harness::{
    ClientCa, Haproxy, Hermetic, Nginx, Origin, Page, Ports, Postgres, curl, eventually, folder, hermetic,
    self_signed,
};
use crate::store::{revoke, state};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

#[test]
fn the_page_on_sealing_an_application_seals_one() {
    let origins = [Origin::answering(OK), Origin::answering(OK)];
    let [first, second] = origins.each_ref().map(|origin| format!("127.0.0.1:{}", origin.port));
    let hermetic = Hermetic::configured(|ports, _| {
        // Each worker takes the endpoints in a turn of its own.
        "workers = 1\n".to_owned()
            + &Page::how_to("seal-an-application").configuration(
                "name = \"edge\"",
                &[
                    ("0.0.0.0:443", &format!("127.0.0.1:{}", ports.nth(1))),
                    ("shop.example.com", "localhost"),
                    ("127.0.0.1:3000", &first),
                    ("127.0.0.1:3001", &second),
                ],
            )
    });
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    for _ in 0..2 {
        assert_eq!(curl(&hermetic, &[&url]).stdout, b"ok");
    }
    assert_eq!(origins.each_ref().map(|origin| origin.requests().len()), [1, 1], "in turn");
    assert_eq!(hermetic.hop("client", "edge")["verdict"], "sealed");
    assert_eq!(hermetic.hop("edge", "app")["verdict"], "local");
}

#[test]
fn the_page_on_proxy_protocol_learns_the_client_and_tells_it_on() {
    let (folder, ports) = (folder(), Ports::reserve());
    let app = ports.nth(1);
    let shows = format!(
        "frontend app\n mode http\n bind 127.0.0.1:{app} accept-proxy\n \
         http-request return status 200 content-type text/plain lf-string %[src]"
    );
    let _app = Haproxy::start(folder.path(), &shows, app);
    let page = Page::how_to("proxy-protocol");
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        let edge = [
            ("0.0.0.0:443", &*format!("127.0.0.1:{}", ports.nth(1))),
            ("shop.example.com", "localhost"),
            ("10.0.0.0/8", "127.0.0.1"),
        ];
        let tls = "tls = { trust = \"authority\", name = \"app.internal\" }\n";
        let upstream = [("10.0.1.5:8443", &*format!("127.0.0.1:{app}")), (tls, "")];
        page.configuration("from = [", &edge)
            + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n"
            + &page.configuration("proxy_protocol = \"v2\"", &upstream)
            + "[[flow]]\nname = \"shop\"\npath = [\"client\", \"edge\", \"app\"]\n"
    });
    let port = hermetic.ports.nth(2);
    let server =
        page.other("send-proxy-v2").replace("10.0.2.5:443", &format!("127.0.0.1:{}", hermetic.ports.nth(1)));
    let balancer = format!("listen balancer\n mode tcp\n bind 127.0.0.1:{port}\n {server}");
    let _balancer = Haproxy::start(hermetic.folder.path(), &balancer, port);
    let url = format!("https://localhost:{port}/");
    assert_eq!(curl(&hermetic, &["--ipv4", "--interface", "127.0.0.9", &url]).stdout, b"127.0.0.9");
}

#[test]
fn the_page_on_the_guard_refuses_and_lets_pass_what_it_says() {
    let origin = Origin::answering(OK);
    let page = Page::how_to("tighten-the-guard");
    let hermetic = Hermetic::configured(|ports, _| {
        let edge =
            [("0.0.0.0:443", &*format!("127.0.0.1:{}", ports.nth(1))), ("shop.example.com", "localhost")];
        let strict = page.configuration("insecure-origin", &edge);
        let guard = "guard = { insecure-origin = \"deny\", insecure-redirect-uri = \"deny\", forwarded-claims = \"deny\" }";
        let lax = strict
            .replace(guard, "")
            .replace("\"edge\"", "\"old\"")
            .replace("access_log = \"access.jsonl\"", "");
        strict
            + &lax.replace(&format!(":{}", ports.nth(1)), &format!(":{}", ports.nth(2)))
            + &page.configuration("absolute-http-target", &[("2027-03-31", "9999-12-31")])
            + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n[[route]]\nlistener = \"old\"\nto = \"app\"\n"
            + &format!("[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n", origin.port)
    });
    let get = |port: u16, more: &[&str]| {
        let url = format!("https://localhost:{}/", hermetic.ports.nth(port));
        let output = curl(&hermetic, &[&["-o", "/dev/null", "-w", "%{http_code}"], more, &[&url]].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(get(1, &[]), "200");
    assert_eq!(get(1, &["-H", "Origin: http://shop.example.com"]), "403");
    assert_eq!(get(1, &["-H", "X-Forwarded-For: 6.6.6.6"]), "400");
    let absolute = |port: u16| {
        [
            "--http1.1".to_owned(),
            "--request-target".to_owned(),
            format!("http://localhost:{}/", hermetic.ports.nth(port)),
        ]
    };
    let [edge, old] = [1, 2].map(|port| get(port, &absolute(port).each_ref().map(String::as_str)));
    assert_eq!((edge.as_str(), old.as_str()), ("400", "200"));
}

#[test]
fn the_page_on_client_certificates_lets_partners_in_until_they_are_revoked() {
    let origin = Origin::answering(OK);
    let folder = folder();
    let partner = ClientCa::found(folder.path());
    ["orders", "other"].iter().for_each(|name| partner.issue(name));
    let page = Page::how_to("demand-client-certificates");
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        let here = [
            ("0.0.0.0:8443", &*format!("127.0.0.1:{}", ports.nth(1))),
            ("partners.example.com", "localhost"),
            ("partner-ca.pem", "ca.pem"),
            ("partner-ca.crl", "crl.pem"),
            ("dns:orders.partner.example", "dns:orders.test"),
            ("127.0.0.1:3000", &*format!("127.0.0.1:{}", origin.port)),
        ];
        page.configuration("name = \"partners\"", &here)
    });
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let asks = |shown: &[String]| {
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        let status = ["-o", "/dev/null", "-w", "%{http_code}", "--tls-max", "1.2", &url];
        let output = curl(&hermetic, &[&shown[..], &status].concat());
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    assert_eq!(asks(&partner.of_curl("orders")), "200");
    assert_eq!(asks(&partner.of_curl("other")), "403", "a certificate alone lets nobody in");
    assert_ne!(asks(&[]), "200");
    partner.revoke("orders");
    partner.publish(7);
    // One that was verified just before the CRL came, and entered after, is cut without an alert.
    eventually("the refusal", || {
        asks(&partner.of_curl("orders")).contains("certificate revoked").then_some(())
    });
}

#[test]
fn the_page_on_limits_holds_each_client_to_them() {
    let origin = Origin::answering(OK);
    let page = Page::how_to("limit-clients");
    let hermetic = Hermetic::configured(|ports, _| {
        let edge = [
            ("0.0.0.0:443", &*format!("127.0.0.1:{}", ports.nth(1))),
            ("shop.example.com", "localhost"),
            // So few that a test reaches it.
            ("burst = 200", "burst = 3"),
            ("50/s", "1/h"),
        ];
        page.configuration("connections_per_client", &edge)
            + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n"
            + &format!("[[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:{}\"]\n", origin.port)
    });
    for limits in ["connections = 20000", "stream_timeout"] {
        let text = format!(
            "[[listener]]\nname = \"tcp\"\nbind = \"127.0.0.1:1\"\nnames = [\"localhost\"]\n{}\
             [[route]]\nlistener = \"tcp\"\nto = \"app\"\n\
             [[upstream]]\nname = \"app\"\nendpoints = [\"127.0.0.1:1\"]\n",
            page.configuration(limits, &[])
        );
        std::fs::write(hermetic.folder.path().join("other.toml"), text).unwrap();
        let output = hermetic.hermetic(&["check", "other.toml"]);
        assert_ne!(output.status.code(), Some(2), "{output:?}");
    }
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let large = hermetic.folder.path().join("large");
    std::fs::write(&large, vec![b'x'; 11 << 20]).unwrap();
    let status = ["-o", "/dev/null", "-w", "%{http_code}"];
    let upload = format!("@{}", large.display());
    let upload = ["-H", "Expect:", "--data-binary", &upload, &url];
    assert_eq!(curl(&hermetic, &[&status[..], &upload].concat()).stdout, b"413");
    let statuses = [b"200", b"200", b"429"].map(|status| (curl_status(&hermetic, &url), status));
    assert!(statuses.iter().all(|(got, expected)| got == *expected), "{statuses:?}");
}

fn curl_status(hermetic: &Hermetic, url: &str) -> Vec<u8> {
    curl(hermetic, &["-o", "/dev/null", "-w", "%{http_code}", url]).stdout
}

#[test]
fn the_page_on_passthrough_passes_some_names_and_ends_others() {
    let (folder, ports, shop) = (folder(), Ports::reserve(), Origin::answering(OK));
    let [bank, pay] = [ports.nth(1), ports.nth(2)];
    let server = |port: u16, name: &str| {
        self_signed(folder.path(), name, name);
        format!(
            "server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {name}.pem; ssl_certificate_key {name}.key; \
             location / {{ return 200 '{name}'; }} }}\n"
        )
    };
    let http = server(bank, "bank.example.com") + &server(pay, "api.pay.example.com");
    let _nginx = Nginx::start(folder.path(), &http, pay);
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        Page::how_to("passthrough").configuration(
            "passthrough = true",
            &[
                ("0.0.0.0:443", &format!("127.0.0.1:{}", ports.nth(1))),
                ("10.0.1.5:443", &format!("127.0.0.1:{bank}")),
                ("10.0.1.6:8443", &format!("127.0.0.1:{pay}")),
                ("127.0.0.1:3000", &format!("127.0.0.1:{}", shop.port)),
            ],
        )
    });
    let port = hermetic.ports.nth(1);
    for (name, trust, answer) in [
        ("bank.example.com", "bank.example.com.pem", "bank.example.com"),
        ("api.pay.example.com", "api.pay.example.com.pem", "api.pay.example.com"),
        ("shop.example.com", ".hermetic/ca.pem", "ok"),
    ] {
        let (url, resolve) = (format!("https://{name}:{port}/"), format!("{name}:{port}:127.0.0.1"));
        let trust = hermetic.folder.path().join(trust);
        let output = curl(&hermetic, &["--cacert", trust.to_str().unwrap(), "--resolve", &resolve, &url]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), answer, "{output:?}");
    }
    let hop = hermetic.hop("edge", "bank");
    assert_eq!((&hop["verdict"], &hop["view"]), (&"sealed".into(), &"observer".into()), "{hop}");
    let unmet = hermetic.hop("client", "edge");
    assert_eq!(unmet["counts"]["connections"], 3, "{unmet}");
}

/// The blocks of the page on modes, for these ports; exceptions that last.
fn step(page: &Page, ports: &Ports, app: u16, plain: &str, upstream: &str) -> String {
    let block = |with: &str, here: &[(&str, &str)]| {
        page.configuration(with, here).replace("until = 2027-03-31", "until = 2090-03-31")
    };
    let edge = [("0.0.0.0:443", &*format!("127.0.0.1:{}", ports.nth(1))), ("shop.example.com", "localhost")];
    let app = [
        ("10.0.1.5:8080", &*format!("localhost:{app}")),
        ("name = \"app.internal\"", "name = \"localhost\""),
    ];
    block("name = \"edge\"", &edge)
        + &block(plain, &[("0.0.0.0:80", &format!("127.0.0.1:{}", ports.nth(2)))])
        + &block(upstream, &app)
}

#[test]
fn the_page_on_modes_goes_from_observe_by_prefer_to_require_without_an_outage() {
    let page = Page::how_to("migrate-with-observe");
    let (folder, app) = (folder(), Ports::reserve());
    let in_clear =
        |listen: &str| format!("server {{ listen 127.0.0.1:{listen}; location / {{ return 200 ok; }} }}");
    let nginx = Nginx::start(folder.path(), &in_clear(&app.nth(0).to_string()), app.nth(0));
    let text = |ports: &Ports, plain: &str, upstream: &str| step(&page, ports, app.nth(0), plain, upstream);
    let [observe, prefer, require] = [
        (
            "mode = \"observe\"\ncleartext = { reason = \"clients",
            "mode = \"observe\"\ncleartext = { reason = \"app",
        ),
        ("reason = \"old tills", "mode = \"prefer\"\ncleartext = { reason = \"app"),
        ("protocol = \"http\"\nredirect", "endpoints = [\"10.0.1.5:8080\"]\ntls"),
    ];
    let hermetic = Hermetic::configured_in(folder, |ports, _| text(ports, observe.0, observe.1));
    let take_up = |(plain, upstream): (&str, &str)| {
        let text = text(&hermetic.ports, plain, upstream);
        std::fs::write(hermetic.folder.path().join("hermetic.toml"), text).unwrap();
        let reloaded = hermetic.hermetic(&["reload"]);
        assert!(reloaded.status.success(), "{reloaded:?}");
    };
    let plain = format!("http://localhost:{}/", hermetic.ports.nth(2));
    let asks = ["--include", "--header", "Upgrade-Insecure-Requests: 1", &plain];
    let reason = |from: &str, to: &str| hermetic.hop(from, to)["reason"].as_str().unwrap().to_owned();

    assert!(String::from_utf8_lossy(&curl(&hermetic, &asks).stdout).ends_with("ok"), "led nowhere");
    assert!(
        reason("client", "plain").contains("the only connection in cleartext"),
        "{}",
        reason("client", "plain")
    );
    eventually("a trial", || reason("plain", "app").contains("TLS is not possible yet").then_some(()));

    take_up(prefer);
    assert_eq!(curl(&hermetic, &[&plain]).stdout, b"ok");
    assert!(String::from_utf8_lossy(&curl(&hermetic, &asks).stdout).starts_with("HTTP/1.1 307"));
    assert!(reason("plain", "app").contains("in cleartext"), "{}", reason("plain", "app"));

    // The application gets its certificate.
    let issued = hermetic.hermetic(&["cert", "issue", "--name", "localhost", "--usage", "server"]);
    assert!(issued.status.success(), "{issued:?}");
    drop(nginx);
    let here = hermetic.folder.path().display();
    let tls = format!(
        "ssl_certificate {here}/localhost.pem; ssl_certificate_key {here}/localhost-key.pem;\n{}",
        in_clear(&format!("{} ssl", app.nth(0)))
    );
    let _nginx = Nginx::start(hermetic.folder.path(), &tls, app.nth(0));

    take_up(require);
    let edge = format!("https://localhost:{}/", hermetic.ports.nth(1));
    assert_eq!(curl(&hermetic, &[&edge]).stdout, b"ok");
    assert!(
        String::from_utf8_lossy(&curl(&hermetic, &["--include", &plain]).stdout).starts_with("HTTP/1.1 301")
    );
    assert_eq!(hermetic.hop("edge", "app")["verdict"], "sealed");
    assert_eq!(hermetic.hop("client", "edge")["verdict"], "sealed");
}

#[test]
fn the_page_on_backups_restores_one_and_no_revoked_certificate_comes_back() {
    let (folder, page) = (folder(), Page::how_to("back-up-and-restore"));
    let here = folder.path();
    let run = |command: &str| {
        let line = page.other(command).trim().strip_prefix("$ hermetic ").unwrap().to_owned();
        let output = hermetic(here, &shell_words(&line).iter().map(String::as_str).collect::<Vec<_>>());
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let issue = |name: &str| hermetic(here, &["cert", "issue", "--name", name]);
    std::fs::create_dir(here.join("backups")).unwrap();
    assert!(issue("stays.internal").status.success());
    assert!(issue("leaked.internal").status.success());
    run("store backup");
    revoke(here, "leaked.internal");
    assert!(issue("later.internal").status.success());
    run("trail export");

    run("store restore");
    assert_eq!(state(here, "leaked.internal"), "issued", "it can't know");
    assert_eq!(issue("too-early.internal").status.code(), Some(3));
    let told = run("--trail backups/trail.jsonl");
    assert!(told.contains("revoked          1\n"), "{told}");
    let states = ["stays.internal", "leaked.internal", "later.internal"].map(|name| state(here, name));
    assert_eq!(states, ["issued", "revoked", "presumed_issued"]);
    assert!(issue("after.internal").status.success());
    assert!(hermetic(here, &["trail", "verify"]).status.success());

    run("store restore");
    run("--without-trail");
    let told = hermetic(here, &["trail", "tail", "-n", "1", "--kind", "store.reconciled"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("no certificate was revoked in May"), "{told:?}");
}

#[test]
fn the_page_on_fleets_takes_a_store_to_postgres_where_two_nodes_share_it() {
    let issuer = Hermetic::configured(|_, _| String::new());
    let (page, server) = (Page::how_to("fleet-on-postgresql"), Postgres::start(&issuer));
    for statement in page.other("CREATE DATABASE").lines() {
        server.query(statement);
    }
    let roots = issuer.ca();
    let place =
        format!("localhost:{}/hermetic?sslmode=verify-full&sslrootcert={}", server.port(), roots.display());
    let here = ("db.internal/hermetic?sslrootcert=db-ca.pem&passfile=pgpass", &*place);
    let (first, second) = (folder(), folder());
    let issue = |node: &std::path::Path, name: &str| hermetic(node, &["cert", "issue", "--name", name]);
    assert!(issue(first.path(), "before.internal").status.success());

    let line = page.other("store migrate").replace(here.0, here.1);
    let words = shell_words(line.trim().strip_prefix("$ hermetic ").unwrap());
    let migrated = hermetic(first.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(migrated.status.success(), "{migrated:?}");
    assert!(String::from_utf8_lossy(&migrated.stdout).contains("certificates"), "{migrated:?}");

    for node in [&first, &second] {
        std::fs::copy(first.path().join(".hermetic/key"), node.path().join("fleet.key")).unwrap();
    }
    let run = |node| Hermetic::configured_in(node, |_, _| page.configuration("store = ", &[here]));
    let (first, second) = (run(first), run(second));
    assert_eq!(state(second.folder.path(), "before.internal"), "issued");
    let issued = first.hermetic(&["cert", "issue", "--name", "after.internal"]);
    assert!(issued.status.success(), "{issued:?}");
    assert_eq!(state(second.folder.path(), "after.internal"), "issued");
    assert!(first.hop("hermetic", "store")["verdict"].is_string());
    let again = hermetic(first.folder.path(), &["store", "backup", "copy"]);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    assert!(String::from_utf8_lossy(&again.stderr).contains("pg_dump"), "{again:?}");
}

/// The words of a command; a quoted one may have blanks.
fn shell_words(line: &str) -> Vec<String> {
    let outside_quotes = |(index, part): (usize, &str)| -> Vec<String> {
        if index % 2 == 1 {
            vec![part.to_owned()]
        } else {
            part.split_whitespace().map(str::to_owned).collect()
        }
    };
    line.split('"').enumerate().flat_map(outside_quotes).collect()
}
