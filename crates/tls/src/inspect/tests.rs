use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::foreign::offer;
use super::*;
use crate::testing::{Authority, TestClock, answer, policy, self_signed, server, server_settings};
use crate::*;

fn inspection(trust: TrustAnchors, expected: &str) -> Inspection {
    Inspection::new(trust, expected.parse().unwrap(), &["h2"], TestClock::new()).unwrap()
}

/// Looks at a server; what the server heard behind the handshake, `None` where that failed.
async fn look(
    settings: ServerSettings,
    inspection: &Inspection,
) -> (Result<Inspected, Uninspected>, Option<Vec<u8>>) {
    let (near, far) = tokio::io::duplex(1 << 16);
    let server = server(settings);
    let serving = async {
        let mut stream = answer(&server, near).await.ok()?;
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.unwrap();
        Some(heard)
    };
    let (heard, inspected) = tokio::join!(serving, inspection.inspect(far));
    (inspected, heard)
}

async fn problem(credential: Credential, trust: TrustAnchors) -> PeerCertificateProblem {
    let settings = ServerSettings { unknown_sni: UnknownSni::First, ..server_settings(credential) };
    let (inspected, _) = look(settings, &inspection(trust, "app.test")).await;
    let inspected = inspected.unwrap();
    assert!(inspected.negotiated.peer.is_some(), "its facts are there all the same");
    inspected.verified.unwrap_err()
}

#[tokio::test]
async fn a_sound_server_is_verified_and_hears_nothing_but_goodbye() {
    let authority = Authority::new("A");
    let settings = server_settings(authority.issue(&["app.test"]));
    let (inspected, heard) = look(settings, &inspection(authority.trust(), "app.test")).await;
    let Inspected { negotiated, verified, .. } = inspected.unwrap();
    assert_eq!(verified, Ok(()));
    assert_eq!(negotiated.version, ProtocolVersion::TLS1_3);
    assert_eq!(negotiated.group, Some(NamedGroup::X25519MLKEM768));
    assert_eq!(negotiated.server_name.as_deref(), Some("app.test"));
    assert_eq!(heard, Some(Vec::new()), "an orderly end without data");
}

#[tokio::test]
async fn a_farewell_is_all_that_a_server_hears() {
    let authority = Authority::new("A");
    let inspection = inspection(authority.trust(), "app.test").with_farewell(b"QUIT\r\n");
    let (inspected, heard) = look(server_settings(authority.issue(&["app.test"])), &inspection).await;
    assert_eq!(inspected.unwrap().verified, Ok(()));
    assert_eq!(heard.as_deref(), Some(&b"QUIT\r\n"[..]));
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_and_its_facts_are_seen() {
    let authority = Authority::new("A");
    let expired = authority.issue_within(&["app.test"], (2026, 1, 1), (2026, 6, 1));
    let problem_of = async |credential| problem(credential, authority.trust()).await;
    assert_eq!(problem_of(expired).await, PeerCertificateProblem::Expired("2026-06-01T00:00:00Z".to_owned()));
    assert!(matches!(
        problem_of(authority.issue(&["other.test"])).await,
        PeerCertificateProblem::WrongName { .. }
    ));
    assert_eq!(problem_of(self_signed("app.test")).await, PeerCertificateProblem::UnknownIssuer);
    let namesake = Authority::new("A").issue(&["app.test"]);
    assert_eq!(problem_of(namesake).await, PeerCertificateProblem::UnknownIssuer);
}

#[tokio::test]
async fn the_far_end_chooses_freely_whatever_our_policies_are() {
    let authority = Authority::new("A");
    let settings = ServerSettings {
        policy: policy("elb/ELBSecurityPolicy-TLS-1-2-2017-01"),
        ..server_settings(authority.issue(&["app.test"]))
    };
    let (inspected, _) = look(settings, &inspection(authority.trust(), "app.test")).await;
    assert_eq!(inspected.unwrap().negotiated.version, ProtocolVersion::TLS1_2);
}

#[tokio::test]
async fn a_server_that_ends_tls_1_2_for_want_of_our_certificate_was_seen_to_have_one() {
    let authority = Authority::new("A");
    let settings = ServerSettings {
        policy: policy("elb/ELBSecurityPolicy-TLS-1-2-2017-01"),
        clients: ClientCertificates::Required(authority.trust()),
        ..server_settings(authority.issue(&["app.test"]))
    };
    let (inspected, _) = look(settings, &inspection(authority.trust(), "app.test")).await;
    let Uninspected { error, certificate_seen, shown } = inspected.unwrap_err();
    assert!(certificate_seen, "{error}");
    assert_eq!(shown.unwrap().certificates.len(), 1);
}

#[tokio::test]
async fn schemes_and_a_name_of_our_own_go_out_instead() {
    let authority = Authority::new("A");
    let other: DnsName = "other.test".parse().unwrap();
    for (name, told) in [(Some(&other), Some("other.test")), (None, None)] {
        let settings = ServerSettings {
            unknown_sni: UnknownSni::First,
            ..server_settings(authority.issue(&["app.test"]))
        };
        let inspection = inspection(authority.trust(), "app.test").with_server_name(name);
        let (inspected, _) = look(settings, &inspection).await;
        assert_eq!(inspected.unwrap().negotiated.server_name.as_deref(), told);
    }
    // The server has a key on a curve alone.
    let rsa = inspection(authority.trust(), "app.test").with_schemes(vec![SignatureScheme(0x0804)]);
    let (inspected, _) = look(server_settings(authority.issue(&["app.test"])), &rsa).await;
    assert!(inspected.unwrap_err().shown.is_none());
}

#[tokio::test]
async fn a_question_is_answered_up_to_its_end_or_to_the_limit() {
    for (limit, expected) in [(100, &b"answer."[..]), (3, b"ans")] {
        let authority = Authority::new("A");
        let server = server(server_settings(authority.issue(&["app.test"])));
        let (near, far) = tokio::io::duplex(1 << 16);
        let serving = async {
            let mut stream = answer(&server, near).await.unwrap();
            let mut heard = [0; 9];
            stream.read_exact(&mut heard).await.unwrap();
            stream.write_all(b"answer.").await.unwrap();
            stream.flush().await.unwrap();
            // Until the client hangs up.
            stream.read_to_end(&mut Vec::new()).await.ok();
            heard
        };
        let inspection = inspection(authority.trust(), "app.test");
        let asking = inspection.ask(far, b"question?", limit, |heard| heard.ends_with(b"."));
        let (heard, asked) = tokio::join!(serving, asking);
        assert_eq!(&heard, b"question?");
        assert_eq!(asked.unwrap().1, expected);
    }
}

#[test]
fn the_old_hello_is_one_that_our_own_reader_takes() {
    for (highest, name) in [(ProtocolVersion::TLS1_2, Some("app.test")), (ProtocolVersion::TLS1_0, None)] {
        let dialled: Option<DnsName> = name.map(|name| name.parse().unwrap());
        let bytes = offer(Foreign::Suites(highest), dialled.as_ref()).records([7; 32]);
        let progress = HelloReader::new().push(&bytes).unwrap();
        let hello::Progress::Complete(hello) = progress else { panic!("it is whole") };
        assert_eq!((hello.versions.as_slice(), hello.server_name.as_deref()), (&[highest][..], name));
        assert_eq!(hello.raw.len(), bytes.len());
        let engine = Engine::unrestricted();
        assert!(
            !hello.suites.iter().any(|suite| engine.speaks_suite(*suite)),
            "nothing that an inspection would have negotiated"
        );
        assert!(hello.suites.iter().all(|suite| suite.name().is_some()));
    }
}

#[test]
fn curves_that_the_library_lacks_stand_before_those_that_a_certificate_may_need() {
    let bytes = offer(Foreign::Curves, None).records([7; 32]);
    let progress = HelloReader::new().push(&bytes).unwrap();
    let hello::Progress::Complete(hello) = progress else { panic!("it is whole") };
    let engine = Engine::unrestricted();
    let spoken: Vec<_> = hello.groups.iter().map(|group| engine.speaks_group(*group)).collect();
    assert!(spoken.is_sorted() && spoken.contains(&true), "{spoken:?}");
    assert!(
        hello.groups.iter().position(|it| *it == NamedGroup::SECP521R1)
            < hello.groups.iter().position(|it| *it == NamedGroup::SECP256R1)
    );
}

/// A HelloRetryRequest for a suite and a group.
fn retry(suite: u16, group: u16) -> Vec<u8> {
    let mut body = vec![3, 3];
    // RFC 8446 section 4.1.3.
    body.extend([
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
        0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.extend([0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2]);
    body.extend(group.to_be_bytes());
    let message = [&[2, 0, 0, body.len() as u8], body.as_slice()].concat();
    [&[22, 3, 3, 0, message.len() as u8], message.as_slice()].concat()
}

#[tokio::test]
async fn a_choice_of_tls_1_3_tells_where_the_library_lacks_its_suite_or_its_group() {
    let told = async |suite, group| {
        let (near, mut far) = tokio::io::duplex(1 << 12);
        far.write_all(&retry(suite, group)).await.unwrap();
        ask_foreign(near, Foreign::Newest, None, &SystemRandomness::default()).await
    };
    for (suite, group) in [(0x1301, 0x0019), (0x1304, 0x001D)] {
        let seen = told(suite, group).await.unwrap();
        assert_eq!(
            (seen.version, seen.suite.0, seen.group),
            (ProtocolVersion::TLS1_3, suite, Some(NamedGroup(group)))
        );
    }
    let known = told(0x1301, 0x001D).await.unwrap_err();
    assert!(matches!(known, ForeignServerError::NotForeign(CipherSuite(0x1301))), "{known}");
}

/// TLS 1.1 with an ECDHE suite, and the start of what comes behind it.
fn server_hello() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([9; 32]);
    body.extend([4, 1, 2, 3, 4, 0xC0, 0x13, 0]);
    let message = [&[2, 0, 0, body.len() as u8], body.as_slice()].concat();
    [&[22, 3, 2, 0, message.len() as u8], message.as_slice()].concat()
}

const CHOSEN: ForeignServer =
    ForeignServer { version: ProtocolVersion::TLS1_1, suite: CipherSuite(0xC013), group: None };

#[tokio::test]
async fn an_old_server_s_choice_is_read_and_nothing_more_is_said() {
    let (near, mut far) = tokio::io::duplex(1 << 12);
    far.write_all(&server_hello()).await.unwrap();
    far.shutdown().await.unwrap();
    let asked =
        ask_foreign(near, Foreign::Suites(ProtocolVersion::TLS1_2), None, &SystemRandomness::default()).await;
    assert_eq!(asked.unwrap(), CHOSEN);
    let mut heard = Vec::new();
    far.read_to_end(&mut heard).await.unwrap();
    let progress = HelloReader::new().push(&heard).unwrap();
    assert!(matches!(progress, hello::Progress::Complete(hello) if hello.raw.len() == heard.len()));
}

/// A key exchange over secp256r1, which nobody signed, and the end of the flight.
fn key_exchange() -> Vec<u8> {
    let body = [&[3, 0, 23, 65, 4][..], &[7; 64], &[0, 2, 1, 1]].concat();
    let message = [&[12, 0, 0, body.len() as u8], body.as_slice(), &[14, 0, 0, 0]].concat();
    [&[22, 3, 2, 0, message.len() as u8], message.as_slice()].concat()
}

#[tokio::test]
async fn the_curve_of_an_old_server_s_choice_is_read_where_it_comes() {
    let (near, mut far) = tokio::io::duplex(1 << 12);
    far.write_all(&server_hello()).await.unwrap();
    let randomness = SystemRandomness::default();
    let asked = ask_foreign(near, Foreign::Suites(ProtocolVersion::TLS1_2), None, &randomness);
    let later = async {
        // The hello has been read by then.
        far.read_u8().await.unwrap();
        tokio::task::yield_now().await;
        far.write_all(&key_exchange()).await.unwrap();
    };
    let (asked, ()) = tokio::join!(asked, later);
    assert_eq!(asked.unwrap(), ForeignServer { group: Some(NamedGroup::SECP256R1), ..CHOSEN });
}

#[tokio::test]
async fn an_old_server_s_alert_is_told_by_name_and_another_protocol_is_refused() {
    let told = async |bytes: &[u8]| {
        let (near, mut far) = tokio::io::duplex(1 << 12);
        far.write_all(bytes).await.unwrap();
        let asked =
            ask_foreign(near, Foreign::Suites(ProtocolVersion::TLS1_2), None, &SystemRandomness::default())
                .await;
        asked.unwrap_err().to_string()
    };
    assert!(told(&[21, 3, 1, 0, 2, 2, 70]).await.ends_with("alert protocol_version"));
    assert_eq!(told(b"HTTP/1.1 400").await, "it speaks cleartext HTTP, not TLS");
    assert_eq!(told(b"220 mail ESMTP\r\n").await, "it does not speak TLS");
}
