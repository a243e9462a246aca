use proptest::prelude::*;

use super::*;

fn url(text: &str) -> PostgresUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn told(text: &str) -> String {
    text.parse::<PostgresUrl>().unwrap_err().to_string()
}

#[test]
fn port_and_database_have_libpqs_values() {
    let url = url("postgresql://hermetic@db.internal");
    assert_eq!(url.to_string(), "postgres://hermetic@db.internal:5432/hermetic");
    assert_eq!(
        url.transport(),
        &PostgresTransport::VerifyFull { roots: PostgresRoots::System, client: None }
    );
}

#[test]
fn another_host_is_always_verified() {
    for host in ["db.internal", "10.0.0.1", "[2001:db8::1]", "localhost.example.com", "0.0.0.0"] {
        let transport = url(&format!("postgres://u@{host}/d")).transport().clone();
        assert!(matches!(transport, PostgresTransport::VerifyFull { .. }), "{host}");
        let error = told(&format!("postgres://u@{host}/d?sslmode=disable"));
        assert!(error.contains("write `sslmode=verify-full`"), "{error}");
        for mode in ["allow", "prefer", "require", "verify-ca", "verify_full", "x"] {
            let error = told(&format!("postgres://u@{host}/d?sslmode={mode}"));
            assert!(error.starts_with(&format!("`sslmode={mode}` is not accepted")), "{error}");
        }
    }
}

#[test]
fn this_host_may_speak_cleartext_or_tls() {
    for host in ["localhost", "127.0.0.1", "127.3.2.1", "[::1]", "[::ffff:127.0.0.1]"] {
        let transport = |query: &str| url(&format!("postgres://u@{host}:5433/d{query}")).transport().clone();
        assert_eq!(transport(""), PostgresTransport::Local, "{host}");
        assert_eq!(transport("?sslmode=disable"), PostgresTransport::Local, "{host}");
        let tls = transport("?sslmode=verify-full&sslrootcert=ca.pem");
        let roots = PostgresRoots::File("ca.pem".into());
        assert_eq!(tls, PostgresTransport::VerifyFull { roots, client: None }, "{host}");
    }
}

#[test]
fn a_socket_is_its_folder_in_either_way_of_writing() {
    for text in [
        "postgres://u@/d?host=/var/run/postgresql",
        "postgres://u@%2Fvar%2Frun%2Fpostgresql/d",
        "postgres://u@:5432/d?host=%2Fvar%2Frun%2Fpostgresql",
    ] {
        let url = url(text);
        let folder = PathBuf::from("/var/run/postgresql");
        assert_eq!(url.address(), &PostgresAddress::Socket { folder, port: 5432 }, "{text}");
        assert_eq!(url.transport(), &PostgresTransport::Local);
        assert_eq!(url.to_string(), "postgres://u@%2Fvar%2Frun%2Fpostgresql:5432/d");
    }
}

#[test]
fn files_start_at_the_folder_they_are_read_from() {
    let text = "postgres://u@db/d?sslrootcert=ca.pem&sslcert=our.pem&sslkey=/etc/our.key&passfile=pgpass";
    let url = url(text).starting_at(Path::new("/etc/hermetic"));
    let (cert, key) = ("/etc/hermetic/our.pem".into(), "/etc/our.key".into());
    let roots = PostgresRoots::File("/etc/hermetic/ca.pem".into());
    let client = Some(PostgresClientCertificate { cert, key });
    assert_eq!(url.transport(), &PostgresTransport::VerifyFull { roots, client });
    assert_eq!(url.passfile(), Some(Path::new("/etc/hermetic/pgpass")));
}

#[test]
fn a_password_is_refused_and_never_repeated() {
    for text in [
        "postgres://u:hunter2@db/d",
        "postgres://u@db/d?password=hunter2",
        "postgres://u:p@hunter2@db/d",
        "postgres://u:hunter2/x@db/d",
        "postgres://u:hunter2?x@db/d",
        "postgres://u:hunter2#x@db/d",
        "postgres://u:hunter2",
        "postgres:/u:hunter2@db/d",
    ] {
        let error = told(text);
        assert!(!error.contains("hunter2"), "{text}: {error}");
    }
    assert!(told("postgres://u:hunter2@db/d").contains("?passfile="));
}

#[test]
fn each_mistake_has_its_own_remedy() {
    let cases = [
        ("mysql://u@db/d", "this is not a PostgreSQL URL; write one such as"),
        ("postgres://db.internal/d", "this URL names no user; write one before the host"),
        ("postgres://@db.internal/d", "this URL names no user; write one before the host"),
        ("postgres://u@/d", "this URL names no host; write one, or the folder of a unix socket"),
        ("postgres://u@a,b/d", "this URL names several hosts; write the one name"),
        ("postgres://u@a/d?host=/run", "this URL names several hosts; write the one name"),
        ("postgres://u@10.0.0/d", "`10.0.0` is not a DNS name, an IP address or the folder"),
        ("postgres://u@*.db.internal/d", "`*.db.internal` is not a DNS name, an IP address or the folder"),
        ("postgres://u@db:0/d", "`0` is not a port; write a number from 1 to 65535"),
        ("postgres://u@db/%zz", "the database in this URL can't be read; write what is"),
        ("postgres://u@db/d/e", "the database in this URL can't be read; write what is"),
        ("postgres://u@db/d?sslmod=x", "this URL has a parameter `sslmod`, which has no meaning here; the"),
        ("postgres://u@db/d?passfile=a&passfile=b", "this URL has `passfile` twice; write it once"),
        ("postgres://u@db/d?passfile=", "the passfile in this URL can't be read; write what is"),
        (
            "postgres://u@/d?host=/run&sslmode=verify-full",
            "PostgreSQL speaks no TLS at a unix socket; take `sslmode`",
        ),
        (
            "postgres://u@/d?host=/run&sslrootcert=a",
            "PostgreSQL speaks no TLS at a unix socket; take `sslrootcert`",
        ),
        (
            "postgres://u@localhost/d?sslrootcert=a",
            "without TLS `sslrootcert` has no meaning; add `sslmode=verify-full`",
        ),
        ("postgres://u@db/d?sslcert=a", "`sslcert` and `sslkey` go together; write both"),
    ];
    for (text, beginning) in cases {
        let error = told(text);
        assert!(error.starts_with(beginning), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn what_is_shown_reads_as_the_same_place(user in "[^\\p{C}]{1,8}", database in "[^\\p{C}]{1,8}", port in 1_u16..) {
        let text = format!("postgres://{}@db.internal:{port}/{}", reading::encoded(&user), reading::encoded(&database));
        let read = url(&text);
        prop_assert_eq!((read.user(), read.database()), (user.as_str(), database.as_str()));
        prop_assert_eq!(url(&read.to_string()), read);
    }

    #[test]
    fn no_text_panics(text: String) {
        let _ = text.parse::<PostgresUrl>();
        let _ = format!("postgres://u@{text}").parse::<PostgresUrl>();
    }
}
