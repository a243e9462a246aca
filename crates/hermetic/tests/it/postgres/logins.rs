//! What becomes of logins: ended here, passed on one certificate, passed without a binding.

use super::world::{BY_SCRAM, BY_TLS, Plan, SHOP, World, reason, stderr, stdout};
use super::{MARKED, MARKER, WHO};
use crate::harness::{VALID, certificate, folder};

/// A user who may ask for verifiers, by a function that answers for nothing else.
const ASKER: &str = "CREATE ROLE shop LOGIN PASSWORD 'hunter2-hunter2';
CREATE ROLE asker LOGIN PASSWORD 'asker-asker';
CREATE FUNCTION verifier(name text) RETURNS TABLE (rolname text, rolpassword text) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT rolname::text, rolpassword FROM pg_authid WHERE rolname = $1 AND rolcanlogin';
REVOKE ALL ON FUNCTION verifier FROM PUBLIC;
GRANT EXECUTE ON FUNCTION verifier TO asker;
";

fn asking(password: &str) -> World {
    let folder = folder();
    certificate(folder.path(), "db.internal", VALID);
    std::fs::write(folder.path().join("asker"), password).unwrap();
    let listener = "names = [\"localhost\"]\n\
        auth_query = { user = \"asker\", password_file = \"asker\", query = \"SELECT * FROM verifier($1)\" }";
    World::in_folder(folder, Plan { sql: ASKER, ..Plan::of(listener) })
}

#[test]
fn an_auth_query_asks_the_server_who_may_come_in() {
    let world = asking("asker-asker\n");
    assert_eq!(stdout(&world.psql("channel_binding=require", WHO)), "shop|t|TLSv1.3");
    world.postgres.query("ALTER ROLE shop PASSWORD 'another-one'");
    assert_eq!(stdout(&world.psql("password=another-one", WHO)), "shop|t|TLSv1.3");
    let told = stderr(&world.psql("user=nobody", "SELECT 1"));
    assert!(told.contains("password authentication failed for user \"nobody\""), "{told}");
}

#[test]
fn an_auth_query_that_is_refused_is_told_in_the_log_alone() {
    let world = asking("not the password");
    let told = stderr(&world.psql("", "SELECT 1"));
    assert!(told.contains("the database can't be reached securely (reference "), "{told}");
    let reason = reason(&world.hermetic, 1);
    let wanted = "auth_query: it refuses: password authentication failed for user \"asker\" (SQLSTATE 28P01)";
    assert_eq!(reason, wanted);
    assert!(!told.contains("asker"), "{told}");
}

#[test]
fn one_certificate_on_both_sides_needs_no_users() {
    let listener =
        "certificate = { cert = \"origin.pem\", key = \"origin.key\" }\nbinding = \"shared-certificate\"";
    let world = World::new(listener);
    let ca = world.hermetic.folder.path().join("origin-ca.pem");
    let by_name = format!("host=db.internal hostaddr=127.0.0.1 sslrootcert={}", ca.display());
    for binding in ["", "channel_binding=require"] {
        assert_eq!(stdout(&world.psql(&format!("{by_name} {binding}"), WHO)), "shop|t|TLSv1.3");
    }
}

#[test]
fn two_certificates_are_not_taken_for_a_shared_one() {
    let folder = folder();
    certificate(folder.path(), "localhost", VALID);
    for (from, to) in
        [("origin.pem", "ours.pem"), ("origin.key", "ours.key"), ("origin-ca.pem", "our-ca.pem")]
    {
        std::fs::copy(folder.path().join(from), folder.path().join(to)).unwrap();
    }
    std::fs::remove_file(folder.path().join("origin.pem")).unwrap();
    certificate(folder.path(), "db.internal", VALID);
    let listener =
        "certificate = { cert = \"ours.pem\", key = \"ours.key\" }\nbinding = \"shared-certificate\"";
    let world = World::in_folder(folder, Plan::of(listener));
    let ca = world.hermetic.folder.path().join("our-ca.pem");
    let told = stderr(&world.psql(&format!("sslrootcert={}", ca.display()), "SELECT 1"));
    assert!(told.contains("the database can't be reached securely"), "{told}");
    assert!(reason(&world.hermetic, 1).starts_with("the certificate is not shared: the listener serves "));
}

#[test]
fn a_client_of_this_host_comes_in_cleartext_and_goes_on_sealed() {
    let world = World::new("");
    // libpq asks for TLS as it comes, hears no, and would refuse an offer to bind (postgres/postgres#186).
    assert_eq!(stdout(&world.psql("sslmode=prefer", WHO)), "shop|t|TLSv1.3");
    assert_eq!(stdout(&world.psql("sslmode=prefer", MARKED)), "1");
    assert!(world.near.has(MARKER), "the control: what is sent stands on a wire without TLS");
    assert!(!world.far.has(MARKER));
    assert_eq!(world.hermetic.hop("client", "db")["verdict"], "local");
    assert_eq!(world.hermetic.hop("db", "postgres")["verdict"], "sealed");
}

#[test]
fn without_users_a_binding_is_told_in_words_and_a_login_without_one_passes() {
    let world = World::new("names = [\"localhost\"]\nbinding = \"none\"");
    assert_eq!(stdout(&world.psql("channel_binding=disable", WHO)), "shop|t|TLSv1.3");
    let told = stderr(&world.psql("", "SELECT 1"));
    assert!(told.contains("a login that is bound to this gateway's certificate can't pass it"), "{told}");
    assert!(told.contains("HINT:  Connect with channel_binding=disable"), "{told}");
}

#[test]
fn a_verifier_that_is_not_the_servers_any_more_is_told_in_the_log() {
    let world = World::new(BY_TLS);
    world.postgres.query("ALTER ROLE shop PASSWORD 'hunter2-hunter2'");
    let told = stderr(&world.psql("", "SELECT 1"));
    assert!(told.contains("password authentication failed for user \"shop\""), "{told}");
    assert!(reason(&world.hermetic, 1).contains("the verifier here is not the one there"));
}

#[test]
fn a_password_that_the_server_wants_as_it_is_passes_only_where_no_login_ends() {
    let hba = "hostssl all all 127.0.0.1/32 password";
    let ended = World::of(Plan { hba, ..Plan::of(BY_TLS) });
    let told = stderr(&ended.psql("", "SELECT 1"));
    assert!(
        told.contains("the database asks for a login by password, which can't pass this gateway"),
        "{told}"
    );
    let passed = World::of(Plan { hba, ..Plan::of("names = [\"localhost\"]\nbinding = \"none\"") });
    assert_eq!(stdout(&passed.psql("", WHO)), "shop|t|TLSv1.3");
}

#[test]
fn a_server_that_trusts_the_gateway_does_not_make_the_gateway_trust_anybody() {
    let world = World::of(Plan { hba: "hostssl all all 127.0.0.1/32 trust", ..Plan::of(BY_TLS) });
    assert_eq!(stdout(&world.psql("", WHO)), "shop|t|TLSv1.3");
    assert!(stderr(&world.psql("password=wrong", WHO)).contains("password authentication failed"));
}

#[test]
fn what_the_server_refuses_is_told_in_its_own_words() {
    let world = World::of(Plan { hba: BY_SCRAM, sql: SHOP, ..Plan::of(BY_TLS) });
    let told = stderr(&world.psql("dbname=nowhere", "SELECT 1"));
    assert!(told.contains("FATAL:  database \"nowhere\" does not exist"), "{told}");
}
