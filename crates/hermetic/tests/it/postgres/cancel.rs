//! Cancel requests, from clients old and new.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::world::{BY_TLS, Plan, World};
use crate::harness::eventually;

const SLEEP: &str = "SELECT pg_sleep(60)";

/// Whether the server runs the statement.
fn is_asleep(world: &World) -> bool {
    world.postgres.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "1"
}

/// libpq 17 and later cancels over a connection like the session's, and waits for its end.
#[test]
fn a_statement_is_cancelled_over_tls_at_once() {
    let world = World::new(BY_TLS);
    let script = r#"
import psycopg, sys, threading, time
connection = psycopg.connect(sys.argv[1])
def cancel():
    time.sleep(0.3)
    begun = time.monotonic()
    connection.cancel_safe(timeout=10)
    print("cancelled in", time.monotonic() - begun < 5)
thread = threading.Thread(target=cancel)
thread.start()
try:
    connection.execute("SELECT pg_sleep(60)")
    print("slept")
except psycopg.errors.QueryCanceled:
    print("woken")
thread.join()
"#;
    let begun = Instant::now();
    let mut said: Vec<String> = world.psycopg("", script).lines().map(str::to_owned).collect();
    said.sort();
    assert_eq!(said, ["cancelled in True", "woken"]);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

/// Runs a long statement by psql 15, interrupts it, and waits for the end of psql.
fn interrupted(world: &World, how: &str) -> Child {
    let mut psql = Command::new("psql");
    psql.args(["-w", "-d", &world.place(how), "-c", SLEEP]).stderr(Stdio::piped()).stdout(Stdio::null());
    let psql = psql.spawn().unwrap();
    eventually("the statement", || is_asleep(world).then_some(()));
    let interrupted = Command::new("kill").args(["-s", "INT", &psql.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    psql
}

/// psql 15 cancels over cleartext, whatever its session goes over.
#[test]
fn an_old_client_cancels_where_cleartext_of_this_host_passes() {
    let world = World::of(Plan::of(""));
    let mut psql = interrupted(&world, "sslmode=prefer");
    let status = eventually("the end", || psql.try_wait().unwrap());
    assert!(!status.success());
    eventually("the statement's end", || (!is_asleep(&world)).then_some(()));
}

#[test]
fn an_old_client_cancels_beside_its_session_over_tls_where_an_exception_lets_it() {
    let exception = "cleartext_cancel = { reason = \"psql 15\", owner = \"db\", until = 2090-01-01 }";
    let world = World::new(&format!("{BY_TLS}\n{exception}"));
    let mut psql = interrupted(&world, "");
    let status = eventually("the end", || psql.try_wait().unwrap());
    assert!(!status.success());
    eventually("the statement's end", || (!is_asleep(&world)).then_some(()));
    let record = &world.records("cleartext")[0];
    assert_eq!(
        (&record["to"], &record["exception"]["reason"]),
        (&"db".into(), &"psql 15".into()),
        "{record}"
    );
    // A login has no part in it.
    assert!(!world.psql("sslmode=disable", "SELECT 1").status.success());
}
