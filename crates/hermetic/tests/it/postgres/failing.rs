//! Servers that refuse, lie or die, at each step: the client is told in its own protocol that it failed, and
//! the log why.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::world::{reason, records, stderr};
use crate::harness::{Hermetic, eventually, folder, psql};

/// A user whose password is `pencil`.
const LISTED: &str = "\"web\" \"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\"\n";

/// What a server does with a connection.
type Act = fn(&mut TcpStream);

/// A server that does as it is told at the moment.
struct Server {
    port: u16,
    act: Arc<Mutex<Act>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let act: Arc<Mutex<Act>> = Arc::new(Mutex::new(|_| {}));
        let (port, acting) = (listener.local_addr().unwrap().port(), act.clone());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let act = *acting.lock().unwrap();
                std::thread::spawn(move || act(&mut stream));
            }
        });
        Self { port, act }
    }

    fn does(&self, act: Act) {
        *self.act.lock().unwrap() = act;
    }
}

/// Reads a packet of the start-up phase.
fn packet(stream: &mut TcpStream) {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut rest).unwrap();
}

fn gateway(server: &Server, upstream: &str) -> Hermetic {
    Hermetic::configured(|ports, _| {
        format!(
            "access_log = \"access.jsonl\"\n[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{}\"\n\
             protocol = \"postgres\"\n[[route]]\nlistener = \"db\"\nto = \"postgres\"\n\
             [[upstream]]\nname = \"postgres\"\nendpoints = [\"127.0.0.1:{}\"]\nresponse_timeout = \"1s\"\n{upstream}\n",
            ports.nth(1),
            server.port
        )
    })
}

/// What psql is told, and the log, of the session of that number.
fn told(hermetic: &Hermetic, number: usize) -> (String, String) {
    let place = format!("host=127.0.0.1 port={} user=shop password=x sslmode=disable", hermetic.ports.nth(1));
    (stderr(&psql(&place, "SELECT 1")), reason(hermetic, number))
}

#[test]
fn a_server_that_can_not_begin_tls_as_demanded_is_never_spoken_to() {
    let server = Server::start();
    let hermetic = gateway(&server, "tls = { trust = \"authority\", name = \"db.internal\" }");
    let cases: [(Act, &str); 7] = [
        (packet, "it closes the connection at SSLRequest"),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"N").unwrap();
            },
            "it answers SSLRequest with no: it has no TLS (`ssl = on` in postgresql.conf)",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"S\x16\x03\x03").unwrap();
                let _ = stream.read(&mut [0; 1]);
            },
            "bytes come behind the answer to SSLRequest, where none may be",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"E\0\0\0\x1bSFATAL\0Msorry, too many\0\0").unwrap();
            },
            "it refuses SSLRequest: sorry, too many",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"E\xff\xff\xff\xff").unwrap();
            },
            "it refuses SSLRequest: an error that can't be read",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"HTTP/1.1 400\r\n").unwrap();
            },
            "it does not speak PostgreSQL: SSLRequest is answered neither S nor N",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"S").unwrap();
            },
            "127.0.0.1:",
        ),
    ];
    for (number, (act, why)) in cases.into_iter().enumerate() {
        server.does(act);
        let (told, reason) = told(&hermetic, number + 1);
        assert!(told.contains("FATAL:  the database can't be reached securely (reference "), "{told}");
        assert!(told.contains("HINT:  The gateway's log tells why"), "{told}");
        assert!(reason.contains(why), "{reason}");
        assert!(!told.contains("SSLRequest"), "{told}");
    }
    let hop = hermetic.hop("db", "postgres");
    assert_eq!(hop["counts"]["connections"], 0, "{hop}");
    // The reference leads from what the client was told to the reason.
    let failed = eventually("the records", || {
        let records = records(&hermetic, "upstream_failed");
        (records.len() == 7).then_some(records)
    });
    assert!(failed[1]["error"].as_str().unwrap().contains("it has no TLS"), "{failed:?}");
}

#[test]
fn a_server_that_dies_or_lies_during_the_login_fails_the_login_alone() {
    let server = Server::start();
    let hermetic = gateway(&server, "");
    let cases: [(Act, &str); 6] = [
        (packet, "closed during the login"),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"R\0\0").unwrap();
            },
            "closed during the login",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"R\x7f\xff\xff\xff\0\0\0\x0a").unwrap();
            },
            "a message of type R that claims 2147483647 bytes",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"D\0\0\0\x06\0\0").unwrap();
            },
            "a message of type D where none of it may be",
        ),
        (
            |stream| {
                packet(stream);
                stream.write_all(b"R\0\0\0\x08\0\0\0\x63").unwrap();
            },
            "a message of type R that is not whole",
        ),
        (
            |stream| {
                packet(stream);
                let _ = stream.read(&mut [0; 1]);
            },
            "nothing within 1 s",
        ),
    ];
    for (number, (act, why)) in cases.into_iter().enumerate() {
        server.does(act);
        let (told, reason) = told(&hermetic, number + 1);
        assert!(told.contains("FATAL:  the database can't be reached securely (reference "), "{told}");
        assert_eq!(reason, why);
    }
}

/// It may be anybody on the way, who knows no verifier; `0.0.0.0` is this host, but no address of its own.
#[test]
fn a_server_in_cleartext_that_asks_for_no_login_is_not_vouched_for() {
    let server = Server::start();
    let folder = folder();
    std::fs::write(folder.path().join("users.txt"), LISTED).unwrap();
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        format!(
            "access_log = \"access.jsonl\"\n[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{}\"\n\
             protocol = \"postgres\"\nnames = [\"localhost\"]\nusers = {{ file = \"users.txt\" }}\n\
             [[route]]\nlistener = \"db\"\nto = \"postgres\"\n\
             [[upstream]]\nname = \"postgres\"\nendpoints = [\"0.0.0.0:{}\"]\nmode = \"prefer\"\n\
             tls = {{ trust = \"authority\", name = \"db.internal\" }}\n\
             cleartext = {{ reason = \"old\", owner = \"shop\", until = 2090-01-01 }}\n",
            ports.nth(1),
            server.port
        )
    });
    server.does(|stream| {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        if u32::from_be_bytes(length) == 8 {
            stream.write_all(b"N").unwrap();
            return;
        }
        stream.read_exact(&mut vec![0; u32::from_be_bytes(length) as usize - 4]).unwrap();
        stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").unwrap();
        let _ = stream.read(&mut [0; 64]);
    });
    let place = format!(
        "host=localhost port={} user=web password=pencil sslmode=verify-full sslrootcert={}",
        hermetic.ports.nth(1),
        hermetic.ca().display()
    );
    let told = stderr(&psql(&place, "SELECT 1"));
    assert!(told.contains("the database can't be reached securely (reference "), "{told}");
    let why = "it lets the user in over cleartext without a login, so it proves nothing";
    assert_eq!(reason(&hermetic, 1), why);
}

/// Anybody on the way to a server in `prefer` can answer that it has no TLS, and ask for a password.
#[test]
fn a_password_that_comes_by_tls_is_not_given_to_a_server_that_says_it_has_none() {
    let server = Server::start();
    let hermetic = Hermetic::configured(|ports, _| {
        format!(
            "access_log = \"access.jsonl\"\n[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{}\"\n\
             protocol = \"postgres\"\nnames = [\"localhost\"]\nbinding = \"none\"\n\
             [[route]]\nlistener = \"db\"\nto = \"postgres\"\n\
             [[upstream]]\nname = \"postgres\"\nendpoints = [\"0.0.0.0:{}\"]\nmode = \"prefer\"\n\
             tls = {{ trust = \"authority\", name = \"db.internal\" }}\n\
             cleartext = {{ reason = \"old\", owner = \"shop\", until = 2090-01-01 }}\n",
            ports.nth(1),
            server.port
        )
    });
    server.does(|stream| {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        if u32::from_be_bytes(length) == 8 {
            stream.write_all(b"N").unwrap();
            return;
        }
        stream.read_exact(&mut vec![0; u32::from_be_bytes(length) as usize - 4]).unwrap();
        stream.write_all(b"R\0\0\0\x08\0\0\0\x03").unwrap();
        let _ = stream.read(&mut [0; 64]);
    });
    let place = format!(
        "host=localhost port={} user=web password=pencil sslmode=verify-full sslrootcert={}",
        hermetic.ports.nth(1),
        hermetic.ca().display()
    );
    let told = stderr(&psql(&place, "SELECT 1"));
    assert!(told.contains("the database asks for a login by password, which can't pass"), "{told}");
    assert_eq!(reason(&hermetic, 1), "a password that comes by TLS is asked for over cleartext");
}

#[test]
fn a_server_that_only_ever_says_something_beside_the_point_logs_nobody_in() {
    let server = Server::start();
    let hermetic = Hermetic::configured(|ports, _| {
        format!(
            "access_log = \"access.jsonl\"\n[[listener]]\nname = \"db\"\nbind = \"127.0.0.1:{}\"\n\
             protocol = \"postgres\"\nhandshake_timeout = \"1s\"\n[[route]]\nlistener = \"db\"\nto = \"postgres\"\n\
             [[upstream]]\nname = \"postgres\"\nendpoints = [\"127.0.0.1:{}\"]\nresponse_timeout = \"1s\"\n",
            ports.nth(1),
            server.port
        )
    });
    server.does(|stream| {
        packet(stream);
        // NoticeResponse, again and again, each in time.
        while stream.write_all(b"N\0\0\0\x0dSNOTICE\0\0").is_ok() {
            stream.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
            let _ = stream.read(&mut [0; 64]);
        }
    });
    // libpq itself leaves at such a notice; other clients need not.
    let mut client = TcpStream::connect(("127.0.0.1", hermetic.ports.nth(1))).unwrap();
    client.write_all(b"\0\0\0\x12\0\x03\0\0user\0web\0\0").unwrap();
    let mut told = Vec::new();
    client.read_to_end(&mut told).unwrap();
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("the database can't be reached securely (reference "), "{told}");
    assert_eq!(reason(&hermetic, 1), "no login within 2 s");
}
