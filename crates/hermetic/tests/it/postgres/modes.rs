//! Modes weaker than `require`, with the control of what a tap finds: what passes in cleartext is found.

use super::world::{BY_TLS, Plan, VERIFIED, World, stdout};
use super::{MARKED, MARKER};

const EXCEPTION: &str = "cleartext = { reason = \"old tills\", owner = \"shop\", until = 2090-01-01 }";

#[test]
fn observe_lets_clients_come_either_way_and_records_it() {
    let listener = format!("{BY_TLS}\nmode = \"observe\"\n{EXCEPTION}");
    let world = World::new(&listener);
    assert_eq!(stdout(&world.psql("", MARKED)), "1");
    assert!(!world.near.has(MARKER));
    assert_eq!(stdout(&world.psql("sslmode=disable", MARKED)), "1");
    assert!(world.near.has(MARKER), "the control");
    assert!(!world.far.has(MARKER));
    let record = &world.records("cleartext")[0];
    assert_eq!((&record["to"], &record["exception"]["owner"]), (&"db".into(), &"shop".into()), "{record}");
}

#[test]
fn cleartext_goes_to_a_server_on_this_host_and_in_prefer_only_where_there_is_no_tls() {
    let hba = "host all all 127.0.0.1/32 scram-sha-256";
    let world = World::of(Plan { hba, upstream: "", ..Plan::of(BY_TLS) });
    assert_eq!(stdout(&world.psql("", MARKED)), "1");
    assert!(!world.near.has(MARKER) && world.far.has(MARKER), "the control");

    let prefer = format!("{VERIFIED}\nmode = \"prefer\"\n{EXCEPTION}");
    let world = World::of(Plan { hba, upstream: &prefer, ..Plan::of(BY_TLS) });
    assert_eq!(stdout(&world.psql("", MARKED)), "1");
    assert!(!world.far.has(MARKER), "a server that has TLS is spoken to by it");

    let world = World::of(Plan { hba, tls: false, upstream: &prefer, ..Plan::of(BY_TLS) });
    assert_eq!(stdout(&world.psql("", MARKED)), "1");
    assert!(world.far.has(MARKER), "one that answers no is not");
}
