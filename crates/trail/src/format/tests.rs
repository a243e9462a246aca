use hermetic_tls::{CipherSuite, NamedGroup, ProtocolVersion};
use proptest::prelude::*;

use super::*;
use crate::entry::{Address, ClientVerified, Connection, LoggedTransport, Occasion};

const NGINX: &str = r#"{"time":"2026-11-24T03:23:09+00:00","from":"203.0.113.7","connection":"12","request":"1","scheme":"https","version":"TLSv1.3","suite":"TLS_AES_256_GCM_SHA384","group":"X25519","resumed":".","client_verify":"NONE"}"#;

const HAPROXY: &str = r#"{"time":"1795490589","from":"203.0.113.7","request":"1","tls":"1","version":"TLSv1.2","suite":"ECDHE-ECDSA-AES128-SHA","resumed":"1","client_used":"1","client_verify":"0"}"#;

/// As Envoy's documentation describes its JSON log: numbers are numbers, what is not there is null.
const ENVOY: &str = r#"{"start_time":"2026-11-24T03:23:09.123Z","connection_id":5,"downstream_direct_remote_address":"203.0.113.7:51234","downstream_tls_version":"TLSv1.3","downstream_tls_cipher":"TLS_AES_128_GCM_SHA256","downstream_transport_failure_reason":null,"upstream_host":"10.0.3.5:8443","upstream_connection_id":9,"upstream_tls_version":"TLSv1.2","upstream_tls_cipher":"ECDHE-RSA-AES128-GCM-SHA256","upstream_transport_failure_reason":null}"#;

fn connection(format: LogFormat, line: &str) -> Connection {
    seen(format, line, View::Server)
}

fn seen(format: LogFormat, line: &str, view: View) -> Connection {
    match format.read(line.as_bytes(), view) {
        Ok(LogEntry::Connection(connection)) => connection,
        other => panic!("{line}: {other:?}"),
    }
}

fn tls(version: ProtocolVersion, suite: u16) -> LoggedTransport {
    LoggedTransport::Tls {
        version: Some(version),
        suite: Some(CipherSuite(suite)),
        group: None,
        client_verified: None,
    }
}

#[test]
fn a_line_of_nginx_tells_version_suite_group_and_client_certificate() {
    let connection = connection(LogFormat::Nginx, NGINX);
    let expected = LoggedTransport::Tls {
        version: Some(ProtocolVersion::TLS1_3),
        suite: Some(CipherSuite(0x1302)),
        group: Some(NamedGroup::X25519),
        client_verified: Some(ClientVerified::None),
    };
    assert_eq!(connection.transport, expected);
    assert_eq!(connection.at.to_string(), "2026-11-24T03:23:09Z");
    assert_eq!(connection.address, Some(Address::Ip("203.0.113.7".parse().unwrap())));
    assert_eq!((connection.resumed, connection.occasion), (false, Occasion::First));
}

#[test]
fn a_group_that_openssl_had_no_name_for_is_read_by_its_number() {
    let line = NGINX.replace("X25519", "0x11ec");
    let LoggedTransport::Tls { group, .. } = connection(LogFormat::Nginx, &line).transport else { panic!() };
    assert_eq!(group, Some(NamedGroup::X25519MLKEM768));
}

#[test]
fn nginx_without_tls_is_cleartext_only_where_the_line_says_so() {
    let clear = NGINX.replace("TLSv1.3", "").replace("https", "http");
    let clear_transport = LoggedTransport::Cleartext { local: false };
    assert_eq!(connection(LogFormat::Nginx, &clear).transport, clear_transport);
    let silent = clear.replace(r#""version":"","#, "");
    assert_eq!(LogFormat::Nginx.read(silent.as_bytes(), View::Server), Err(UnreadableLine::Silent));
}

#[test]
fn only_the_first_request_begins_a_connection() {
    let later = NGINX.replace(r#""request":"1""#, r#""request":"2""#);
    assert_eq!(connection(LogFormat::Nginx, &later).occasion, Occasion::Later);
    let uncounted = NGINX.replace(r#""request":"1","#, "");
    let occasion = connection(LogFormat::Nginx, &uncounted).occasion;
    assert!(matches!(occasion, Occasion::Of(_)));
    assert_eq!(connection(LogFormat::Nginx, &uncounted).occasion, occasion);
    let another = uncounted.replace(r#""connection":"12""#, r#""connection":"13""#);
    assert_ne!(connection(LogFormat::Nginx, &another).occasion, occasion);
}

#[test]
fn a_line_of_haproxy_is_read_behind_what_syslog_puts_before_it() {
    for before in ["", "Nov 24 03:23:09 lb haproxy[811]: ", "<134>1 2026-11-24T03:23:09Z lb haproxy 811 - - "]
    {
        let connection = connection(LogFormat::Haproxy, &format!("{before}{HAPROXY}"));
        let LoggedTransport::Tls { version, suite, client_verified, .. } = connection.transport else {
            panic!("it was TLS")
        };
        assert_eq!((version, suite), (Some(ProtocolVersion::TLS1_2), Some(CipherSuite(0xC009))));
        assert_eq!(client_verified, Some(ClientVerified::Yes));
        assert_eq!((connection.resumed, connection.at.as_second()), (true, 1_795_490_589));
    }
}

#[test]
fn haproxy_in_tcp_mode_writes_one_line_a_connection() {
    let line = HAPROXY.replace(r#""request":"1""#, r#""request":"-""#);
    assert_eq!(connection(LogFormat::Haproxy, &line).occasion, Occasion::First);
}

#[test]
fn haproxy_without_tls_says_zero() {
    let line = HAPROXY.replace(r#""tls":"1""#, r#""tls":"0""#).replace("TLSv1.2", "-");
    assert_eq!(connection(LogFormat::Haproxy, &line).transport, LoggedTransport::Cleartext { local: false });
}

#[test]
fn a_line_of_envoy_tells_of_two_hops_and_the_view_chooses() {
    let into = seen(LogFormat::Envoy, ENVOY, View::Server);
    assert_eq!(into.transport, tls(ProtocolVersion::TLS1_3, 0x1301));
    assert_eq!(into.address, Some(Address::Ip("203.0.113.7".parse().unwrap())));
    let from = seen(LogFormat::Envoy, ENVOY, View::Client);
    assert_eq!(from.transport, tls(ProtocolVersion::TLS1_2, 0xC02F));
    assert_eq!(from.address, Some(Address::Ip("10.0.3.5".parse().unwrap())));
    assert_ne!(into.occasion, from.occasion);
}

#[test]
fn envoy_is_read_as_text_too() {
    let text = "start_time=2026-11-24T03:23:09.123Z connection_id=5 \
                downstream_direct_remote_address=203.0.113.7:51234 downstream_tls_version=TLSv1.3 \
                downstream_tls_cipher=TLS_AES_128_GCM_SHA256 downstream_transport_failure_reason=-";
    assert_eq!(seen(LogFormat::Envoy, text, View::Server), seen(LogFormat::Envoy, ENVOY, View::Server));
}

#[test]
fn a_null_of_envoy_is_cleartext_but_a_field_that_is_missing_says_nothing() {
    let null = ENVOY.replace(r#""downstream_tls_version":"TLSv1.3""#, r#""downstream_tls_version":null"#);
    assert_eq!(connection(LogFormat::Envoy, &null).transport, LoggedTransport::Cleartext { local: false });
    let missing = null.replace(r#""downstream_tls_version":null,"#, "");
    assert_eq!(LogFormat::Envoy.read(missing.as_bytes(), View::Server), Err(UnreadableLine::Silent));
}

#[test]
fn a_failed_handshake_of_envoy_is_no_connection_in_clear() {
    let why = r#""downstream_transport_failure_reason":"#;
    let failed = ENVOY
        .replace(r#""downstream_tls_version":"TLSv1.3""#, r#""downstream_tls_version":null"#)
        .replace(&format!("{why}null"), &format!(r#"{why}"TLS_error""#));
    assert!(matches!(LogFormat::Envoy.read(failed.as_bytes(), View::Server), Ok(LogEntry::Failed(_))));
}

#[test]
fn a_request_that_envoy_answers_by_itself_says_nothing_of_the_upstream() {
    let answered = ENVOY.replace(r#""upstream_host":"10.0.3.5:8443""#, r#""upstream_host":null"#);
    assert_eq!(LogFormat::Envoy.read(answered.as_bytes(), View::Client), Ok(LogEntry::Elsewhere));
}

#[test]
fn names_that_no_registry_has_are_tls_of_an_unknown_kind() {
    let line = NGINX.replace("TLSv1.3", "TLSv9").replace("TLS_AES_256_GCM_SHA384", "ROT13");
    let LoggedTransport::Tls { version, suite, .. } = connection(LogFormat::Nginx, &line).transport else {
        panic!("it was TLS")
    };
    assert_eq!((version, suite), (None, None));
}

#[test]
fn garbage_is_an_error_and_no_more() {
    for line in ["", "{", "null", "[]", "GET / HTTP/1.1", "{\"time\":{}}", "\u{0}", "=", "{}"] {
        for format in [LogFormat::Nginx, LogFormat::Envoy, LogFormat::Haproxy] {
            assert!(format.read(line.as_bytes(), View::Server).is_err(), "{line}");
        }
    }
    assert_eq!(LogFormat::Nginx.read(b"\xff\xfe", View::Server), Err(UnreadableLine::Form));
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(line in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in [LogFormat::Nginx, LogFormat::Envoy, LogFormat::Haproxy] {
            for view in [View::Client, View::Server] {
                let _ = format.read(&line, view);
            }
        }
    }

    #[test]
    fn a_line_with_a_byte_changed_gets_an_answer(at: prop::sample::Index, byte: u8) {
        for (format, line) in
            [(LogFormat::Nginx, NGINX), (LogFormat::Envoy, ENVOY), (LogFormat::Haproxy, HAPROXY)]
        {
            let mut line = line.as_bytes().to_vec();
            let at = at.index(line.len());
            line[at] = byte;
            let _ = format.read(&line, View::Server);
        }
    }

    #[test]
    fn a_line_that_is_cut_is_never_cleartext(keep in 0..NGINX.len()) {
        for (format, line) in
            [(LogFormat::Nginx, NGINX), (LogFormat::Envoy, ENVOY), (LogFormat::Haproxy, HAPROXY)]
        {
            let line = &line.as_bytes()[..keep.min(line.len() - 1)];
            prop_assert!(format.read(line, View::Server).is_err());
        }
    }
}
