//! Certificates of clients that are revoked: by OpenSSL's authority, whose CRL is a file.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::harness::{ClientCa, DEADLINE, Hermetic, Origin, PythonServer, curl, eventually, folder, python};

/// A listener that demands certificates of that authority, and a listener of raw bytes that does too. They
/// lead to an origin, to a WebSocket server, and to a service that gives back bytes.
fn guarded(origin: u16, socket: u16, echo: u16) -> (Hermetic, ClientCa) {
    let folder = folder();
    let ca = ClientCa::found(&folder.path().join("clients"));
    let listener = |name: &str, protocol: &str, port: u16| {
        format!(
            "[[listener]]\nname = \"{name}\"\nbind = \"127.0.0.1:{port}\"\nprotocol = \"{protocol}\"\n\
             names = [\"localhost\"]\nclients = \"required\"\nclient_ca = \"clients/ca.pem\"\n\
             client_crl = [\"clients/crl.pem\"]\n"
        )
    };
    let upstream = |name: &str, port: u16| {
        format!("[[upstream]]\nname = \"{name}\"\nendpoints = [\"127.0.0.1:{port}\"]\n")
    };
    let hermetic = Hermetic::configured_in(folder, |ports, _| {
        listener("edge", "https", ports.nth(1))
            + "[[route]]\nlistener = \"edge\"\npath = \"/socket\"\nto = \"socket\"\n"
            + "[[route]]\nlistener = \"edge\"\nto = \"app\"\n"
            + &listener("raw", "tls", ports.nth(2))
            + "[[route]]\nlistener = \"raw\"\nto = \"echo\"\n"
            + &upstream("app", origin)
            + &upstream("socket", socket)
            + &upstream("echo", echo)
    });
    (hermetic, ca)
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// What curl gets, or how it was refused. A TLS 1.2 client waits for the server's last word before it says
/// anything, so that it always hears the alert.
fn asks(hermetic: &Hermetic, ca: &ClientCa, name: &str) -> String {
    let url = format!("https://localhost:{}/", hermetic.ports.nth(1));
    let shown = ca.of_curl(name);
    let mut arguments: Vec<&str> = shown.iter().map(String::as_str).collect();
    arguments.extend(["--tls-max", "1.2", &url]);
    let output = curl(hermetic, &arguments);
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_revoked_certificate_is_refused_as_soon_as_the_file_says_so() {
    let origin = Origin::answering(OK);
    let (hermetic, ca) = guarded(origin.port, 1, 1);
    ca.issue("good");
    ca.issue("bad");
    assert_eq!((asks(&hermetic, &ca, "good").as_str(), asks(&hermetic, &ca, "bad").as_str()), ("ok", "ok"));
    ca.revoke("bad");
    ca.publish(7);
    // One that was verified just before the CRL came, and entered after, is cut without an alert.
    eventually("the refusal", || asks(&hermetic, &ca, "bad").contains("revoked").then_some(()));
    assert_eq!(asks(&hermetic, &ca, "good"), "ok");
    let counts = &hermetic.hop("client", "edge")["counts"];
    assert!(counts["refused_certificates"]["revoked"].as_u64() >= Some(1), "{counts}");
}

#[test]
fn a_stale_crl_refuses_everybody_until_there_is_another() {
    let origin = Origin::answering(OK);
    let (hermetic, ca) = guarded(origin.port, 1, 1);
    ca.issue("good");
    ca.publish_stale();
    eventually("the refusal", || (asks(&hermetic, &ca, "good") != "ok").then_some(()));
    let counts = hermetic.hop("client", "edge")["counts"].clone();
    let reason = counts["failures"].as_object().unwrap().keys().next().unwrap().clone();
    assert!(reason.contains("clients/crl.pem is stale since 2026-02-01T00:00:00Z"), "{reason}");
    assert!(counts["refused_certificates"]["stale_crl"].as_u64() >= Some(1), "{counts}");
    ca.publish(7);
    eventually("the return", || (asks(&hermetic, &ca, "good") == "ok").then_some(()));
}

#[test]
fn a_crl_that_can_not_be_used_leaves_the_one_before_in_place() {
    let origin = Origin::answering(OK);
    let (hermetic, ca) = guarded(origin.port, 1, 1);
    ca.issue("good");
    ca.issue("bad");
    ca.revoke("bad");
    ca.publish(7);
    eventually("the refusal", || (asks(&hermetic, &ca, "bad") != "ok").then_some(()));
    std::fs::write(ca.path("crl.pem"), "not a CRL").unwrap();
    eventually("the complaint", || hermetic.log().contains("the ones before stay").then_some(()));
    assert_eq!(asks(&hermetic, &ca, "good"), "ok");
    assert!(asks(&hermetic, &ca, "bad").contains("revoked"));
}

/// Connections of Python's hand: each says when it has ended.
struct Connections {
    child: Child,
    said: Receiver<String>,
    told: ChildStdin,
}

impl Connections {
    fn open(hermetic: &Hermetic, ca: &ClientCa, names: &[&str]) -> Self {
        let (https, raw) = (hermetic.ports.nth(1).to_string(), hermetic.ports.nth(2).to_string());
        let mut command = python();
        command.args(["-c", CLIENTS, &https, &raw]).arg(hermetic.ca()).arg(ca.path("")).args(names);
        Self::started(command, names.len() * 4)
    }

    fn started(mut command: Command, connections: usize) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (sender, said) = mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let told = child.stdin.take().unwrap();
        let connections_are = Self { child, said, told };
        for _ in 0..connections {
            let line = connections_are.said.recv_timeout(DEADLINE).unwrap();
            assert!(line.starts_with("open "), "{line}");
        }
        connections_are
    }

    /// Waits until all of these have ended; gives how long the last took.
    fn end(&self, mut which: Vec<String>) -> Duration {
        let start = Instant::now();
        while !which.is_empty() {
            let line = self.said.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("still open: {which:?}"));
            let ended = line.strip_prefix("ended ").unwrap_or_else(|| panic!("{line}")).to_owned();
            assert!(which.contains(&ended), "{ended} ended, and should not");
            which.retain(|open| *open != ended);
        }
        start.elapsed()
    }

    /// Has every connection that is left say and hear something; all that answer.
    fn talk(mut self, count: usize) -> Vec<String> {
        writeln!(self.told, "talk").unwrap();
        let mut answers: Vec<String> =
            (0..count).map(|_| self.said.recv_timeout(DEADLINE).unwrap()).collect();
        answers.sort();
        answers
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// HTTP/1.1, HTTP/2, a WebSocket, and raw bytes, for each certificate.
const CLIENTS: &str = r#"
import asyncio, ssl, sys, h2.connection, h2.config, h2.events, websockets
https, raw, ca, folder, *names = sys.argv[1:]

def context(name, alpn=()):
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    if alpn: context.set_alpn_protocols(alpn)
    return context

async def raw_bytes(name):
    reader, writer = await asyncio.open_connection("localhost", int(raw), ssl=context(name))
    async def talk():
        writer.write(b"word")
        assert await reader.readexactly(4) == b"word"
    return talk, reader.read

async def http1(name):
    reader, writer = await asyncio.open_connection("localhost", int(https), ssl=context(name))
    async def talk():
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"ok"
    return talk, reader.read

async def http2(name):
    reader, writer = await asyncio.open_connection("localhost", int(https), ssl=context(name, ["h2"]))
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    connection.initiate_connection()
    answers = asyncio.Queue()
    async def reads():
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.DataReceived) and event.data: answers.put_nowait(event.data)
            writer.write(connection.data_to_send())
    over = asyncio.create_task(reads())
    async def talk():
        head = [(":method", "GET"), (":path", "/"), (":scheme", "https"), (":authority", "localhost")]
        connection.send_headers(connection.get_next_available_stream_id(), head, end_stream=True)
        writer.write(connection.data_to_send())
        assert await answers.get() == b"ok"
    return talk, lambda: asyncio.shield(over)

async def websocket(name):
    socket = await websockets.connect(f"wss://localhost:{https}/socket", ssl=context(name), ping_interval=None)
    async def talk():
        await socket.send("word")
        assert await socket.recv() == "word"
    return talk, socket.wait_closed

async def ends(label, over):
    try:
        await over()
    except Exception as error:
        print(label, repr(error), file=sys.stderr)
    print("ended", label, flush=True)

async def main():
    connections = []
    for name in names:
        for kind in (http1, http2, websocket, raw_bytes):
            talk, over = await kind(name)
            await talk()
            label = f"{name} {kind.__name__}"
            connections.append((label, talk, asyncio.create_task(ends(label, over))))
            print("open", label, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    live = [connection for connection in connections if connection[2].cancel()]
    await asyncio.gather(*(over for _, _, over in live), return_exceptions=True)
    for label, talk, _ in live:
        await talk()
        print("answers", label, flush=True)

asyncio.run(main())
"#;

const KINDS: [&str; 4] = ["http1", "http2", "raw_bytes", "websocket"];

/// A WebSocket server that gives back what it hears; the port must be free.
fn socket_server(port: u16) -> PythonServer {
    PythonServer::start(&format!(
        r#"
import asyncio, websockets
async def echo(socket):
    async for message in socket:
        await socket.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", {port}):
        print("ready", flush=True)
        await asyncio.Future()
asyncio.run(main())
"#
    ))
}

/// A service that gives back bytes as they come.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
        }
    });
    port
}

#[test]
fn a_revocation_ends_the_connections_of_that_certificate_in_every_protocol_within_a_second_and_no_other() {
    let origin = Origin::answering(OK);
    let free = crate::harness::Ports::reserve();
    let _socket = socket_server(free.nth(1));
    let (hermetic, ca) = guarded(origin.port, free.nth(1), echo());
    ca.issue("good");
    ca.issue("bad");
    let connections = Connections::open(&hermetic, &ca, &["good", "bad"]);
    ca.revoke("bad");
    ca.publish(7);
    let took = connections.end(KINDS.map(|kind| format!("bad {kind}")).to_vec());
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(connections.talk(KINDS.len()), KINDS.map(|kind| format!("answers good {kind}")));
    let ended = |listener: &str| hermetic.hop("client", listener)["counts"]["ended"]["revoked"].clone();
    assert_eq!((ended("edge"), ended("raw")), (3.into(), 1.into()));
}

#[test]
fn a_revocation_ends_connections_of_listeners_that_were_renamed_or_moved_meanwhile() {
    let origin = Origin::answering(OK);
    let free = crate::harness::Ports::reserve();
    let _socket = socket_server(free.nth(1));
    let (hermetic, ca) = guarded(origin.port, free.nth(1), echo());
    ca.issue("good");
    ca.issue("bad");
    let connections = Connections::open(&hermetic, &ca, &["good", "bad"]);
    let file = hermetic.folder.path().join("hermetic.toml");
    let (raw, elsewhere) = (hermetic.ports.nth(2).to_string(), hermetic.ports.nth(3).to_string());
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"edge\"", "\"door\"").replace(&raw, &elsewhere)).unwrap();
    let reloaded = hermetic.hermetic(&["reload"]);
    assert!(reloaded.status.success(), "{reloaded:?}");
    // HTTP/2 is asked to come back; the others may last.
    connections.end(["good http2", "bad http2"].map(str::to_owned).to_vec());
    ca.revoke("bad");
    ca.publish(7);
    let kinds = ["http1", "raw_bytes", "websocket"];
    let took = connections.end(kinds.map(|kind| format!("bad {kind}")).to_vec());
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(connections.talk(kinds.len()), kinds.map(|kind| format!("answers good {kind}")));
}
