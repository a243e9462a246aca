//! Live connections of clients with certificates, in every protocol, and what is at their other end.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use super::{DEADLINE, Hermetic, PythonServer, python};

/// Connections of Python's hand: each says when it has ended.
#[derive(Debug)]
pub struct Connections {
    child: Child,
    said: Receiver<String>,
    told: ChildStdin,
}

impl Connections {
    /// Opens one of each kind for each of these certificates in `folder`, at the first two ports of the
    /// instance, and talks over it.
    pub fn open(hermetic: &Hermetic, folder: &Path, names: &[&str]) -> Self {
        let (https, raw) = (hermetic.ports.nth(1).to_string(), hermetic.ports.nth(2).to_string());
        let mut command = python();
        command.args(["-c", CLIENTS, &https, &raw]).arg(hermetic.ca()).arg(folder).args(names);
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
    pub fn end(&self, mut which: Vec<String>) -> Duration {
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
    pub fn talk(mut self, count: usize) -> Vec<String> {
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

/// The kinds of connections, in the order of their names.
pub const KINDS: [&str; 4] = ["http1", "http2", "raw_bytes", "websocket"];

/// A WebSocket server that gives back what it hears; the port must be free.
pub fn socket_server(port: u16) -> PythonServer {
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
pub fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
        }
    });
    port
}
