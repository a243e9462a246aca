//! What a server seems to be by its greeting, and whether the lines that are told for it mend it.

use std::net::SocketAddr;
use std::sync::Arc;

use hermetic_hop::ExternalEndpoint;
use hermetic_probe::findings::{self, Case, Found, Seeming, Sign, Signs, Software};
use hermetic_probe::observe::Manners;
use hermetic_probe::{Depth, Extent, Scanned, Target, scan};
use hermetic_tls::{RevokedCertificates, SecurityPolicy, SystemClock, SystemRandomness, TrustAnchors};
use jiff::Timestamp;

use crate::certificates::{Authority, Issued};
use crate::servers::{Dovecot, MariaDb, Nginx, Postfix, Postgres, Redis, Slapd, Vsftpd};

/// An endpoint that is scanned in full.
fn scanned(endpoint: &str, trust: TrustAnchors) -> (Target, Scanned) {
    let endpoint: ExternalEndpoint = endpoint.parse().unwrap();
    let addresses = [SocketAddr::from(([127, 0, 0, 1], endpoint.port)).into()];
    let target = Target {
        endpoint,
        trust,
        expected: "mail.test".parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        revoked: RevokedCertificates::default(),
        extent: Some(Arc::new(Extent::of(Vec::new()))),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (clock, randomness) = (Arc::new(SystemClock), SystemRandomness::default());
    let scanned =
        runtime.block_on(scan(&target, &addresses, Depth::Full, &Manners::default(), clock, &randomness));
    (target, scanned)
}

fn seeming(endpoint: &str, trust: TrustAnchors) -> Seeming {
    let (target, scanned) = scanned(endpoint, trust);
    let case = Case { target: &target, scanned: &scanned, at: Timestamp::now(), software: None };
    Seeming::of(&Signs::of(case)).unwrap_or_else(|| panic!("{endpoint} seems to be nothing: {scanned:?}"))
}

#[test]
fn what_a_server_says_before_tls_or_first_within_it_tells_what_it_is() {
    let authority = Authority::new();
    let issued = authority.issue("mail.test");
    let dovecot = Dovecot::start(Some(&issued), "");
    let postfix = Postfix::start(Some(&issued), "");
    let mariadb = MariaDb::start(Some(&issued), &[]);
    let ftp = [Vsftpd::start(Some(&issued), ""), Vsftpd::start(Some(&issued), "implicit_ssl=YES\n")];
    for (scheme, port, software) in [
        ("imap", dovecot.imap, Software::Dovecot),
        ("imaps", dovecot.imaps, Software::Dovecot),
        ("pop3", dovecot.pop3, Software::Dovecot),
        ("pop3s", dovecot.pop3s, Software::Dovecot),
        ("lmtp", dovecot.lmtp, Software::Dovecot),
        ("smtp", postfix.port, Software::Postfix),
        ("ftp", ftp[0].port, Software::Vsftpd),
        ("ftps", ftp[1].port, Software::Vsftpd),
        ("mysql", mariadb.port, Software::Mysql),
    ] {
        let seeming = seeming(&format!("{scheme}://127.0.0.1:{port}"), authority.trust());
        assert_eq!((seeming.software, seeming.sign), (software, Sign::Greeting), "{scheme}: {seeming:?}");
    }
    let nginx = Nginx::tls(&issued, "");
    let seeming = seeming(&format!("https://127.0.0.1:{}", nginx.port), authority.trust());
    assert_eq!((seeming.software, seeming.sign), (Software::Nginx, Sign::Server));
    assert!(seeming.said.starts_with("nginx/"), "{seeming:?}");
}

#[test]
fn a_greeting_in_cleartext_tells_too() {
    let postfix = Postfix::start(None, "");
    let seeming = seeming(&format!("smtp://127.0.0.1:{}", postfix.port), Authority::new().trust());
    assert_eq!((seeming.software, seeming.said.as_str()), (Software::Postfix, "220 mail.test ESMTP Postfix"));
}

/// A server with these lines and where it is.
type Started = (Box<dyn std::any::Any>, u16);

/// Scans a server that is weak by these lines, writes what the findings of these checks say, and scans again.
fn assert_mended(
    (scheme, software): (&str, Software),
    weak: &[&str],
    controls: &[&str],
    start: impl Fn(&Issued, &[String]) -> Started,
) {
    let authority = Authority::rsa();
    let issued = authority.issue("mail.test");
    let found = |port: u16| {
        let (target, scanned) = scanned(&format!("{scheme}://127.0.0.1:{port}"), authority.trust());
        let case =
            Case { target: &target, scanned: &scanned, at: Timestamp::now(), software: Some(software) };
        findings::of(case)
    };
    let of = |all: &[Found], control: &str| all.iter().find(|it| it.finding.control == control).cloned();
    let weak: Vec<String> = weak.iter().map(|line| (*line).to_owned()).collect();
    let (server, port) = start(&issued, &weak);
    let before = found(port);
    drop(server);
    let mut lines = Vec::new();
    for control in controls {
        let finding = of(&before, control).unwrap_or_else(|| panic!("{control} is not among {before:#?}"));
        let configuration = finding.configuration.unwrap_or_else(|| panic!("{control} has no lines"));
        assert_eq!(configuration.software, software);
        lines.extend(configuration.lines);
    }
    let (_server, port) = start(&issued, &lines);
    let after = found(port);
    for control in controls {
        assert!(of(&after, control).is_none(), "{control} is still there with {lines:?}: {after:#?}");
    }
}

#[test]
fn the_lines_for_postfix_mend_it() {
    let weak = [
        "smtpd_tls_protocols = >=TLSv1.1",
        "smtpd_tls_mandatory_protocols = >=TLSv1.1",
        "smtpd_tls_ciphers = high",
        "tls_high_cipherlist = ALL:@SECLEVEL=0",
    ];
    assert_mended(
        ("smtp", Software::Postfix),
        &weak,
        &["tls1.1", "suite-beyond-policy", "group-beyond-policy"],
        |issued, lines| {
            let postfix = Postfix::start(Some(issued), &(lines.join("\n") + "\n"));
            let port = postfix.port;
            (Box::new(postfix), port)
        },
    );
}

#[test]
fn the_lines_for_dovecot_mend_it() {
    let weak = ["ssl_min_protocol = TLSv1.1", "ssl_cipher_list = ALL:@SECLEVEL=0"];
    assert_mended(
        ("imaps", Software::Dovecot),
        &weak,
        &["tls1.1", "suite-beyond-policy", "group-beyond-policy"],
        |issued, lines| {
            let dovecot = Dovecot::start(Some(issued), &(lines.join("\n") + "\n"));
            let port = dovecot.imaps;
            (Box::new(dovecot), port)
        },
    );
}

#[test]
fn the_lines_for_postgresql_mend_it() {
    let weak = ["ssl_min_protocol_version = 'TLSv1.1'", "ssl_ciphers = 'ALL:@SECLEVEL=0'"];
    assert_mended(
        ("postgres", Software::Postgresql),
        &weak,
        &["tls1.1", "suite-beyond-policy"],
        |issued, lines| {
            let settings: Vec<String> = lines.iter().map(|line| line.replace([' ', '\''], "")).collect();
            let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
            let postgres = Postgres::start(Some(issued), &settings);
            let port = postgres.port;
            (Box::new(postgres), port)
        },
    );
}

#[test]
fn the_lines_for_mariadb_mend_it() {
    let weak = ["tls_version = TLSv1.1,TLSv1.2,TLSv1.3", "ssl_cipher = ALL:@SECLEVEL=0"];
    assert_mended(("mysql", Software::Mysql), &weak, &["tls1.1", "suite-beyond-policy"], |issued, lines| {
        let options: Vec<String> = lines.iter().map(|line| format!("--{}", line.replace(' ', ""))).collect();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let mariadb = MariaDb::start(Some(issued), &options);
        let port = mariadb.port;
        (Box::new(mariadb), port)
    });
}

#[test]
fn the_lines_for_redis_mend_it() {
    let weak = ["tls-protocols \"TLSv1.1 TLSv1.2 TLSv1.3\"", "tls-ciphers ALL:@SECLEVEL=0"];
    assert_mended(("rediss", Software::Redis), &weak, &["tls1.1", "suite-beyond-policy"], |issued, lines| {
        let options: Vec<String> = lines
            .iter()
            .filter_map(|line| line.split_once(' '))
            .flat_map(|(key, value)| [format!("--{key}"), value.trim_matches('"').to_owned()])
            .collect();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let redis = Redis::start(Some(issued), &options);
        let port = redis.port;
        (Box::new(redis), port)
    });
}

#[test]
fn the_lines_for_vsftpd_mend_it() {
    assert_mended(
        ("ftp", Software::Vsftpd),
        &["ssl_ciphers=ALL"],
        &["suite-beyond-policy"],
        |issued, lines| {
            let vsftpd = Vsftpd::start(Some(issued), &(lines.join("\n") + "\n"));
            let port = vsftpd.port;
            (Box::new(vsftpd), port)
        },
    );
}

#[test]
fn the_lines_for_openldap_mend_it() {
    assert_mended(
        ("ldaps", Software::Openldap),
        &["TLSCipherSuite NORMAL:+VERS-TLS1.1:+VERS-TLS1.0"],
        &["tls1.1"],
        |issued, lines| {
            let slapd = Slapd::start(Some(issued), &(lines.join("\n") + "\n"));
            let port = slapd.ldaps;
            (Box::new(slapd), port)
        },
    );
}
