//! What is wrong with a `postgres` listener, and what becomes of logins at one that holds.

use std::path::Path;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::Noon;
use crate::{
    Configuration, ConfigurationError, Login, Protocol, SslNegotiation, StreamClients, Users, parse,
};

const VERIFIER: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

/// A folder with a list of users, a password, and two certificates.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("userlist.txt", &format!("\"web\" \"{VERIFIER}\"\n"));
    write("plain.txt", "\"web\" \"hunter2\"\n");
    write("password", "secret\n");
    for (name, algorithm) in [("ecdsa", &rcgen::PKCS_ECDSA_P256_SHA256), ("ed25519", &rcgen::PKCS_ED25519)] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate =
            CertificateParams::new(vec!["db.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        write(&format!("{name}.pem"), &certificate.pem());
        write(&format!("{name}.key"), &key.serialize_pem());
    }
    folder
}

/// A listener with these lines from line 5 on, and an upstream with this at its end.
fn parsed(folder: &Path, lines: &str, upstream: &str) -> Result<Configuration, ConfigurationError> {
    let text = format!(
        "[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:5432\"\nprotocol = \"postgres\"\n{lines}\n\
         [[route]]\nlistener = \"db\"\nto = \"postgres\"\n\
         [[upstream]]\nname = \"postgres\"\nendpoints = [{upstream}"
    );
    parse(&text, &folder.join("hermetic.toml"), &Noon)
}

const SEALED: &str = "\"db.internal:5432\"]\ntls = { trust = \"authority\" }";
const LOCAL: &str = "\"127.0.0.1:5433\"]";
const BY_TLS: &str = "names = [\"db.example\"]\n";

fn told(lines: &str, upstream: &str) -> Vec<String> {
    let folder = folder();
    let Err(ConfigurationError::Invalid { problems, .. }) = parsed(folder.path(), lines, upstream) else {
        return Vec::new();
    };
    let prefix = format!("{}/", folder.path().display());
    problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

fn login(lines: &str, upstream: &str) -> (bool, Login) {
    let configuration = parsed(folder().path(), lines, upstream).unwrap_or_else(|error| panic!("{error}"));
    let Protocol::Postgres(postgres) = &configuration.listeners[0].protocol else { panic!() };
    (matches!(postgres.stream.clients, StreamClients::Tls(_)), postgres.login.clone())
}

#[test]
fn a_login_that_would_fail_is_told_with_the_reason() {
    assert_eq!(
        told(BY_TLS, SEALED),
        [
            "1:1: psql's default login to `postgres` would fail here: it is bound to the certificate that the client \
             sees, and `postgres` has another; add `users = { file = \"userlist.txt\" }` or `auth_query`, so that the \
             login ends here; or say `binding = \"shared-certificate\"`, or \"none\" where all clients have \
             `channel_binding=disable`"
        ]
    );
}

#[test]
fn each_way_that_a_login_can_go_is_had_by_what_is_written() {
    let users = "users = { file = \"userlist.txt\" }";
    assert!(matches!(
        login(&format!("{BY_TLS}{users}"), SEALED),
        (true, Login::Terminate(Users::File { .. }))
    ));
    let query = "auth_query = { user = \"asker\", password_file = \"password\" }";
    assert!(matches!(login(&format!("{BY_TLS}{query}"), SEALED), (true, Login::Terminate(Users::Query(_)))));
    assert!(matches!(login(&format!("{BY_TLS}binding = \"none\""), SEALED), (true, Login::Pass)));
    assert!(matches!(login(BY_TLS, LOCAL), (true, Login::Pass)));
    assert!(matches!(login("", SEALED), (false, Login::StripPlus)));
    assert!(matches!(login(users, SEALED), (false, Login::Terminate(_))));
    let shared =
        "certificate = { cert = \"ecdsa.pem\", key = \"ecdsa.key\" }\nbinding = \"shared-certificate\"";
    assert!(matches!(login(shared, SEALED), (true, Login::SharedCertificate)));
}

#[test]
fn a_binding_that_can_not_be_had_is_told_with_the_reason() {
    for (lines, message) in [
        (
            "names = [\"b\"]\nbinding = \"terminate\"",
            "6:11: the gateway ends no login without the users' verifiers",
        ),
        (
            "names = [\"b\"]\nbinding = \"strip-plus\"",
            "6:11: a client that comes by TLS sees that the offer to bind was taken away",
        ),
        (
            "names = [\"b\"]\nbinding = \"shared-certificate\"",
            "6:11: the upstream can't have this listener's certificate",
        ),
        ("binding = \"shared-certificate\"", "5:11: clients that come in cleartext see no certificate"),
        (
            "users = { file = \"userlist.txt\" }\nbinding = \"none\"",
            "6:11: `users` and `auth_query` are for logins that end here",
        ),
        (
            "certificate = { cert = \"ed25519.pem\", key = \"ed25519.key\" }\nbinding = \"shared-certificate\"",
            "6:11: no login can be bound to this listener's certificate",
        ),
    ] {
        let told = told(lines, SEALED);
        assert!(told.len() == 1 && told[0].starts_with(message), "{told:?}");
    }
}

#[test]
fn a_list_of_users_is_read_whole_and_never_repeated() {
    let told_of = |users: &str| told(&format!("{BY_TLS}{users}"), SEALED);
    let told = told_of("users = { file = \"plain.txt\" }");
    assert!(told[0].starts_with("6:18: plain.txt:1: `web`: this is no SCRAM verifier"), "{told:?}");
    assert!(!told[0].contains("hunter2"), "{told:?}");
    assert!(told_of("users = { file = \"gone.txt\" }")[0].starts_with("6:18: gone.txt can't be read"));
    let both =
        "users = { file = \"userlist.txt\" }\nauth_query = { user = \"a\", password_file = \"password\" }";
    assert_eq!(told_of(both), ["7:1: both `users` and `auth_query` are written; keep one of them"]);
    let query = "auth_query = { user = \"a\", password_file = \"password\", query = \"SELECT 1\" }";
    assert_eq!(
        told_of(query),
        ["6:64: this query does not ask for the user; write `$1` where the user's name belongs"]
    );
}

#[test]
fn cleartext_of_clients_stays_on_the_host() {
    let folder = folder();
    let text = "[[listener]]\nname = \"db\"\nbind = \"0.0.0.0:5432\"\nprotocol = \"postgres\"\n\
        [[route]]\nlistener = \"db\"\nto = \"p\"\n[[upstream]]\nname = \"p\"\nendpoints = [\"127.0.0.1:1\"]";
    let error = parse(text, &folder.path().join("hermetic.toml"), &Noon).unwrap_err().to_string();
    let told_first = "3:8: clients would come to `0.0.0.0:5432` in cleartext that left their host; \
        bind it to loopback, such as \"127.0.0.1:5432\", add `names = [\"db.example.com\"]`, so that TLS ends here";
    assert!(error.contains(told_first), "{error}");
    assert_eq!(
        told("clients = \"required\"", LOCAL),
        ["5:1: `clients` has no meaning on a cleartext postgres listener; take it out"]
    );
}

#[test]
fn what_belongs_to_postgres_has_no_meaning_elsewhere() {
    let sealed = "\"db.internal:5432\"]\ntls = { trust = \"authority\", sslnegotiation = \"direct\" }";
    let users = format!("{BY_TLS}users = {{ file = \"userlist.txt\" }}");
    let configuration = parsed(folder().path(), &users, sealed).unwrap();
    assert_eq!(configuration.upstreams[0].sslnegotiation, SslNegotiation::Direct);
    let of_tls = super::told_of(
        "[[listener]]\nname = \"t\"\nbind = \"127.0.0.1:1\"\nprotocol = \"tls\"\nnames = [\"b\"]\nbinding = \"none\"\n\
         [[route]]\nlistener = \"t\"\nto = \"far\"\n[[upstream]]\nname = \"far\"\nendpoints = [\"far:1\"]\n\
         tls = { trust = \"authority\", sslnegotiation = \"direct\" }\n",
    );
    assert_eq!(
        of_tls,
        [
            "6:1: `binding` has no meaning on a tls listener; take it out",
            "13:30: no postgres listener leads to `far`; take `sslnegotiation` out",
        ]
    );
}

#[test]
fn verifiers_never_come_over_cleartext_that_leaves_the_host() {
    let query = format!("{BY_TLS}auth_query = {{ user = \"asker\", password_file = \"password\" }}");
    let users = format!("{BY_TLS}users = {{ file = \"userlist.txt\" }}");
    let exception = "cleartext = { reason = \"old\", owner = \"shop\", until = 2026-12-31 }";
    let tls = "tls = { trust = \"authority\" }";
    for mode in [format!("mode = \"observe\"\n{exception}"), format!("{tls}\nmode = \"prefer\"\n{exception}")]
    {
        let far = format!("\"db.internal:5432\"]\n{mode}");
        let told_first = "6:1: verifiers of `postgres` could come in cleartext";
        let problems = told(&query, &far);
        assert!(problems.len() == 1 && problems[0].starts_with(told_first), "{problems:?}");
        assert!(told(&users, &far).is_empty(), "a list does not travel: {:?}", told(&users, &far));
    }
    assert!(told(&query, LOCAL).is_empty());
}

#[test]
fn the_exception_for_cancel_requests_has_its_place_where_tls_ends() {
    let exception = "cleartext_cancel = { reason = \"psql 15\", owner = \"db\", until = 2099-01-01 }";
    let users = "users = { file = \"userlist.txt\" }";
    login(&format!("{BY_TLS}{users}\n{exception}"), SEALED);
    let told = told(exception, SEALED);
    assert!(told[0].contains("cancel requests come in cleartext here without this exception"), "{told:?}");
}
