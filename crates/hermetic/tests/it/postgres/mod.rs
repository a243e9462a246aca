//! A real PostgreSQL behind a `postgres` listener, and its own clients before it.

mod cancel;
mod clients;
mod entry;
mod failing;
mod identity;
mod logins;
mod modes;
mod page;
mod world;

use crate::harness::eventually;
use world::{BY_TLS, PASSWORD, World, stderr, stdout};

const WHO: &str = "SELECT current_user, ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// Finds itself where queries are shown.
const MARKED: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%correct horse battery staple%'";
const MARKER: &[u8] = b"correct horse battery staple";

#[test]
fn psql_logs_in_as_it_comes_and_with_a_binding_demanded_and_both_hops_are_sealed() {
    let world = World::new(BY_TLS);
    for binding in ["", "channel_binding=require", "channel_binding=disable"] {
        assert_eq!(stdout(&world.psql(binding, WHO)), "shop|t|TLSv1.3", "{binding}");
    }
    for (from, to) in [("client", "db"), ("db", "postgres")] {
        let hop = world.hermetic.hop(from, to);
        assert_eq!((&hop["verdict"], &hop["evidence"]), (&"sealed".into(), &"negotiated".into()), "{hop}");
    }
    let session = eventually("the record", || world.records("stream").into_iter().next());
    let login = &session["postgres"];
    assert_eq!((&login["user"], &login["binding"]), (&"shop".into(), &"terminate".into()), "{session}");
    assert_eq!(login["sslnegotiation"], "postgres", "{session}");
    assert!(session["error"].is_null() && session["bytes_sent"].as_u64() > Some(0), "{session}");
    assert_eq!(session["outbound"]["to"], "postgres", "{session}");
    assert!(!session.to_string().contains(PASSWORD));
}

#[test]
fn what_passes_stands_on_neither_wire() {
    let world = World::new(BY_TLS);
    assert_eq!(stdout(&world.psql("", MARKED)), "1");
    for wire in [&world.near, &world.far] {
        assert!(wire.len() > MARKER.len() && !wire.has(MARKER));
    }
}

#[test]
fn a_wrong_password_and_a_user_who_is_not_known_are_told_alike() {
    let world = World::new(BY_TLS);
    let wrong = stderr(&world.psql("password=wrong", "SELECT 1"));
    assert!(wrong.contains("FATAL:  password authentication failed for user \"shop\""), "{wrong}");
    assert_eq!(world::reason(&world.hermetic, 1), "the password is wrong");
    let nobody = stderr(&world.psql("user=nobody", "SELECT 1"));
    assert!(nobody.contains("FATAL:  password authentication failed for user \"nobody\""), "{nobody}");
    assert_eq!(world::reason(&world.hermetic, 2), "the user is not known here");
}
