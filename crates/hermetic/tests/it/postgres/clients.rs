//! Clients of other hands than psql, servers that begin TLS at once, and a session under load.

use std::process::Command;

use super::WHO;
use super::world::{BY_TLS, PASSWORD, Plan, World, stderr, stdout};
use crate::harness::{Hermetic, eventually, hermetic, psql};

/// Prints the row that a statement gives.
const ASK: &str = "
import psycopg, sys
with psycopg.connect(sys.argv[1]) as connection:
    print(*connection.execute(\"SELECT current_user, ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()\").fetchone())
";

#[test]
fn psycopg_logs_in_as_it_comes_and_with_tls_at_once() {
    let world = World::new(BY_TLS);
    for more in ["", "channel_binding=require", "sslnegotiation=direct", "min_protocol_version=3.0"] {
        assert_eq!(world.psycopg(more, ASK), "shop True TLSv1.3", "{more}");
    }
    let direct = |record: &serde_json::Value| record["postgres"]["sslnegotiation"] == "direct";
    eventually("the record", || world.records("stream").into_iter().find(direct));
}

/// PostgreSQL 17 takes TLS at once; Debian's 15 does not.
#[test]
fn tls_begins_at_once_with_a_server_that_can() {
    let upstream = "tls = { trust = \"origin-ca.pem\", name = \"db.internal\", sslnegotiation = \"direct\" }";
    let world = World::of(Plan { seventeen: true, upstream, ..Plan::of(BY_TLS) });
    assert_eq!(stdout(&world.psql("", WHO)), "shop|t|TLSv1.3");
    assert!(!world.far.has(&[0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]), "no SSLRequest stands on the wire");
    let record = eventually("the record", || world.records("stream").into_iter().next());
    assert_eq!(record["outbound"]["transport"]["tls"]["alpn"], "postgresql", "{record}");
}

#[test]
fn a_server_that_takes_no_tls_at_once_is_told_in_the_log() {
    let upstream = "tls = { trust = \"origin-ca.pem\", name = \"db.internal\", sslnegotiation = \"direct\" }";
    let world = World::of(Plan { upstream, ..Plan::of(BY_TLS) });
    let told = stderr(&world.psql("", "SELECT 1"));
    assert!(told.contains("the database can't be reached securely"), "{told}");
}

#[test]
fn pgbench_runs_through_and_every_transaction_counts() {
    let world = World::new(BY_TLS);
    world.postgres.query("GRANT ALL ON SCHEMA public TO shop");
    let pgbench = |more: &[&str]| {
        let output = Command::new("pgbench").args(more).arg(world.place("")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    pgbench(&["-i", "-q", "-s", "1"]);
    let said = pgbench(&["-c", "4", "-j", "2", "-t", "100"]);
    assert!(said.contains("number of transactions actually processed: 400/400"), "{said}");
    assert_eq!(world.postgres.query("SELECT count(*) FROM pgbench_history"), "400");
}

#[test]
fn a_driver_in_rust_logs_in() {
    let world = World::new(BY_TLS);
    let mut config = tokio_postgres::Config::new();
    config.host("localhost").port(world.near.port).user("shop").password(PASSWORD).dbname("postgres");
    config.ssl_mode(tokio_postgres::config::SslMode::Require);
    let anchors = std::fs::read_to_string(world.hermetic.ca()).unwrap();
    let settings = hermetic_tls::ClientSettings {
        policy: hermetic_tls::SecurityPolicy::default_policy(),
        trust: hermetic_tls::TrustAnchors::from_pem(&anchors).unwrap(),
        expected: hermetic_tls::Expected(hermetic_tls::Identity::host("localhost").unwrap()),
        pins: Vec::new(),
        revoked: hermetic_tls::RevokedCertificates::default(),
        identity: None,
        alpn: Vec::new(),
    };
    let handshake =
        hermetic_tls::ClientHandshake::new(settings, std::sync::Arc::new(hermetic_tls::SystemClock)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let who: String = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", world.near.port)).await.unwrap();
        let tls = hermetic_trail::Sealed::new(handshake, Default::default());
        let (client, connection) = config.connect_raw(stream, tls).await.unwrap();
        tokio::spawn(connection);
        client.query_one("SELECT current_user::text", &[]).await.unwrap().get(0)
    });
    assert_eq!(who, "shop");
}

/// Who shows a certificate that is not on the list is told so, over the TLS that it has come by.
#[test]
fn clients_show_certificates_and_one_that_is_not_listed_is_told() {
    let listener = format!("{BY_TLS}\nclients = \"required\"\nallow = [\"dns:web.internal\"]");
    let world = World::new(&listener);
    let folder = world.hermetic.folder.path();
    let with = |name: &str| {
        let issued = hermetic(folder, &["cert", "issue", "--name", name, "--usage", "client"]);
        assert!(issued.status.success(), "{issued:?}");
        let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}-key.pem")));
        world.psql(&format!("sslcert={} sslkey={}", cert.display(), key.display()), WHO)
    };
    assert_eq!(stdout(&with("web.internal")), "shop|t|TLSv1.3");
    let told = stderr(&with("other.internal"));
    assert!(told.contains("FATAL:  this client certificate is not let in here"), "{told}");
    let told = stderr(&world.psql("", WHO));
    assert!(told.contains("certificate required"), "{told}");
}

/// Two databases behind one port, by the server name that libpq sends.
#[test]
fn the_server_name_says_which_way_a_session_goes() {
    let refusing = |text: &'static str| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                use std::io::{Read, Write};
                let _ = stream.read(&mut [0; 1024]);
                let fields = format!("SFATAL\0C53300\0M{text}\0\0");
                let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
                let _ = stream.write_all(&[b"E", &length[..], fields.as_bytes()].concat());
            }
        });
        port
    };
    let (orders, users) = (refusing("orders are full"), refusing("users are full"));
    let hermetic = Hermetic::configured(|ports, _| {
        format!(
            "[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{}\"\nprotocol = \"postgres\"\n\
             names = [\"*.db.internal\"]\n\
             [[route]]\nlistener = \"db\"\nhost = \"orders.db.internal\"\nto = \"orders\"\n\
             [[route]]\nlistener = \"db\"\nhost = \"users.db.internal\"\nto = \"users\"\n\
             [[upstream]]\nname = \"orders\"\nendpoints = [\"127.0.0.1:{orders}\"]\n\
             [[upstream]]\nname = \"users\"\nendpoints = [\"127.0.0.1:{users}\"]\n",
            ports.nth(1)
        )
    });
    let told = |host: &str| {
        let place = format!(
            "host={host}.db.internal hostaddr=127.0.0.1 port={} user=shop sslmode=verify-full sslrootcert={}",
            hermetic.ports.nth(1),
            hermetic.ca().display()
        );
        stderr(&psql(&place, "SELECT 1"))
    };
    assert!(told("orders").contains("orders are full"));
    assert!(told("users").contains("users are full"));
    assert!(told("other").contains("nothing is reached here by the server name that was asked for"));
}
