//! The how-to page, its configurations run before a real server.

use super::WHO;
use super::world::{BY_SCRAM, PASSWORD, stdout};
use crate::harness::{Hermetic, Page, Postgres, Setup, VALID, certificate, folder, psql};

/// The statements of the page, a line each, with a user to try them.
fn statements() -> String {
    let block = Page::how_to("seal-postgres").other("CREATE FUNCTION").replace("'…'", "'asker-asker'");
    let statements = block.split_inclusive(";\n").map(|statement| statement.trim().replace('\n', " ") + "\n");
    format!("CREATE ROLE shop LOGIN PASSWORD '{PASSWORD}';\n{}", statements.collect::<String>())
}

/// Runs the page's configuration that has this line; gives what psql says through it.
fn run(with: &str, replacements: &[(&str, &str)], sslmode: &str) -> String {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    certificate(folder.path(), "db.internal", VALID);
    std::fs::rename(path("origin-ca.pem"), path("db-ca.pem")).unwrap();
    let postgres = Postgres::set_up(Setup {
        programs: None,
        certificate: Some((&path("origin.pem"), &path("origin.key"))),
        hba: BY_SCRAM,
        sql: &statements(),
    });
    std::fs::write(path("userlist.txt"), postgres.listed("shop")).unwrap();
    std::fs::write(path("hermetic_auth.password"), "asker-asker\n").unwrap();
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        let (bind, there) = (format!("127.0.0.1:{}", ports.nth(1)), format!("127.0.0.1:{}", postgres.port()));
        let text = Page::how_to("seal-postgres").configuration(with, replacements);
        // What is listened on first: it may be what the server's address becomes.
        let text = text.replace("0.0.0.0:5432", &bind).replace("127.0.0.1:5432", &bind);
        text.replace("db.internal:5432", &there)
    });
    let place = format!(
        "host=localhost port={} dbname=postgres user=shop password={PASSWORD} sslmode={sslmode} sslrootcert={}",
        hermetic.ports.nth(1),
        hermetic.ca().display()
    );
    let who = stdout(&psql(&place, WHO));
    assert_eq!(hermetic.hop("orders", "orders-db")["verdict"], "sealed");
    who
}

const HERE: [(&str, &str); 1] = [("orders.example.com", "localhost")];

#[test]
fn the_page_on_sealing_postgresql_logs_psql_in_with_its_list_of_users() {
    assert_eq!(run("users = {", &HERE, "verify-full"), "shop|t|TLSv1.3");
}

#[test]
fn the_page_on_sealing_postgresql_logs_psql_in_with_its_query() {
    assert_eq!(run("auth_query = {", &HERE, "verify-full"), "shop|t|TLSv1.3");
}

#[test]
fn the_page_on_sealing_postgresql_seals_a_client_that_speaks_no_tls() {
    assert_eq!(run("bind = \"127.0.0.1:5432\"", &[], "disable"), "shop|t|TLSv1.3");
}
