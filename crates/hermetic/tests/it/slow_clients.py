"""Clients that take their time: python slow_clients.py CA PORT NAME. Prints what the server answers."""

import select
import socket
import ssl
import sys

from hpack import Encoder
from hyperframe.frame import Frame, HeadersFrame, SettingsFrame


def connect(protocol):
    context = ssl.create_default_context(cafile=sys.argv[1])
    context.set_alpn_protocols([protocol])
    plain = socket.create_connection(("localhost", int(sys.argv[2])), timeout=15)
    return context.wrap_socket(plain, server_hostname="localhost")


def to_end(stream):
    answer = b""
    try:
        while received := stream.recv(65536):
            answer += received
    except OSError:
        pass
    return answer


def upload_that_stops():
    stream = connect("http/1.1")
    stream.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n1234")
    print(to_end(stream).decode())


def response_unread():
    stream = connect("http/1.1")
    stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    # Without reading anything; that the connection was given up shows all the same.
    watch = select.poll()
    watch.register(stream, select.POLLHUP | select.POLLERR)
    assert watch.poll(15_000), "still open"


def window_closed():
    stream = connect("h2")
    settings = SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 10})
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/")]
    headers = HeadersFrame(1, Encoder().encode(fields), flags=["END_HEADERS", "END_STREAM"])
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    stream.sendall(preface + settings.serialize() + headers.serialize())
    received = b""
    while True:
        received += stream.recv(65536)
        while len(received) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(received[:9]))
            if len(received) < 9 + length:
                break
            received = received[9 + length:]
            if type(frame).__name__ == "RstStreamFrame":
                print("reset")
                return


{
    "upload-that-stops": upload_that_stops,
    "response-unread": response_unread,
    "window-closed": window_closed,
}[sys.argv[3]]()
