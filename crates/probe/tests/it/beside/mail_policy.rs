//! The policy of a domain's mail, served by nginx and found by Unbound beside a Postfix.

use std::time::Duration;

use hermetic_probe::dns::Resolver;
use hermetic_probe::findings::{self, Case, Found};
use hermetic_probe::mail_policy::{Fetched, Mode};
use hermetic_probe::{Scanned, Target};
use hermetic_tls::{RevokedCertificates, SecurityPolicy};
use jiff::Timestamp;

use super::scanned;
use crate::certificates::{Authority, Issued};
use crate::servers::{Nginx, Postfix, Unbound};

const POLICY: &str = "version: STSv1\nmode: enforce\nmx: *.shop.test\nmax_age: 604800\n";
const RECORDS: &str = "@ IN MX 10 mx.shop.test.\n_mta-sts IN TXT \"v=STSv1; id=1\"\nmta-sts IN A 127.0.0.1\n\
                       mx IN A 127.0.0.1\n_smtp._tls IN TXT \"v=TLSRPTv1; rua=mailto:tls@shop.test\"\n";

/// A mail server, and who vouches for it and for its policies.
struct Mail {
    authority: Authority,
    postfix: Postfix,
}

impl Mail {
    fn start() -> Self {
        let authority = Authority::new();
        let postfix = Postfix::start(Some(&authority.issue("mx.shop.test")), "");
        Self { authority, postfix }
    }
}

/// What is seen of the mail server in a zone with these records, whose policy is served so.
fn seen(mail: &Mail, host: &Issued, records: &str, location: &str) -> (Scanned, Vec<Found>) {
    let Mail { authority, postfix } = mail;
    let nginx = Nginx::serving(|port, folder| {
        let (certificate, key) = host.write(folder);
        format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {}; ssl_certificate_key {}; \
             location = /.well-known/mta-sts.txt {{ {location} }} }}",
            certificate.display(),
            key.display()
        )
    });
    let unbound = Unbound::unsigned(records);
    let endpoint = format!("smtp://mx.shop.test:{}", postfix.port);
    let scanned = scanned(&endpoint, authority.trust(), "mx.shop.test", |extent| {
        extent.resolver = Some(Resolver::new(unbound.address, Duration::from_secs(5)));
        extent.policy_port = nginx.port;
    });
    let target = Target {
        endpoint: endpoint.parse().unwrap(),
        trust: authority.trust(),
        revoked: RevokedCertificates::default(),
        expected: "mx.shop.test".parse().unwrap(),
        policy: SecurityPolicy::default_policy(),
        credential: None,
        extent: None,
    };
    let case = Case { target: &target, scanned: &scanned, at: Timestamp::now(), software: None };
    let found = findings::of(case);
    (scanned, found)
}

fn fetched(scanned: &Scanned) -> Fetched {
    let dns = scanned.beside.as_ref().unwrap().dns.as_ref().unwrap();
    dns.mail.as_ref().unwrap().policy.clone().expect("the record promises a policy")
}

fn of_policy(found: &[Found]) -> Vec<&str> {
    found.iter().map(|it| it.finding.control).filter(|control| control.contains("mta-sts")).collect()
}

fn served(policy: &str) -> String {
    format!("default_type text/plain; return 200 '{policy}';")
}

#[test]
fn a_policy_that_names_the_server_is_read_and_nothing_is_found() {
    let mail = Mail::start();
    let (scanned, found) = seen(&mail, &mail.authority.issue("mta-sts.shop.test"), RECORDS, &served(POLICY));
    let Fetched::Had { policy, uncovered } = fetched(&scanned) else { panic!("{:?}", fetched(&scanned)) };
    assert_eq!((policy.mode, policy.max_age), (Mode::Enforce, Duration::from_secs(604_800)));
    assert_eq!((uncovered, of_policy(&found)), (Ok(Vec::new()), Vec::<&str>::new()));
    assert!(!found.iter().any(|it| it.finding.control == "no-tls-rpt"));
}

#[test]
fn a_policy_that_names_others_keeps_mail_away() {
    let mail = Mail::start();
    let host = mail.authority.issue("mta-sts.shop.test");
    let policy = POLICY.replace("*.shop.test", "mail.shop.test").replace("604800", "3600");
    let (_, found) = seen(&mail, &host, RECORDS, &served(&policy));
    assert_eq!(of_policy(&found), ["mta-sts-uncovered", "mta-sts-short-lived"]);
    assert_eq!(
        found.iter().find(|it| it.finding.control == "mta-sts-uncovered").unwrap().subjects,
        ["mx.shop.test"]
    );
    let (_, found) = seen(&mail, &host, RECORDS, &served(&POLICY.replace("enforce", "testing")));
    assert_eq!(of_policy(&found), ["mta-sts-not-enforced"]);
}

#[test]
fn a_policy_that_senders_do_not_take_is_none() {
    let mail = Mail::start();
    let (sound, other) = (mail.authority.issue("mta-sts.shop.test"), mail.authority.issue("shop.test"));
    for (host, location, why) in [
        (&sound, "return 301 https://mta-sts.shop.test/policy.txt;", "it redirects with 301"),
        (&sound, "return 404;", "status 404"),
        (&sound, &*served("<html>"), "line 1 is no field"),
        (&sound, "default_type text/html; return 200 'version: STSv1';", "it is not text/plain"),
        (&other, &*served(POLICY), "its certificate is not accepted"),
    ] {
        let (scanned, found) = seen(&mail, host, RECORDS, location);
        match fetched(&scanned) {
            Fetched::Wrong(reason) => assert!(reason.contains(why), "{reason}"),
            other => panic!("{why}: {other:?}"),
        }
        assert_eq!(of_policy(&found), ["mta-sts-no-policy"]);
    }
    let nowhere = RECORDS.replace("mta-sts IN A 127.0.0.1\n", "");
    let (scanned, found) = seen(&mail, &sound, &nowhere, &served(POLICY));
    assert!(matches!(fetched(&scanned), Fetched::Wrong(reason) if reason.contains("has no address")));
    assert_eq!(of_policy(&found), ["mta-sts-no-policy"]);
}
