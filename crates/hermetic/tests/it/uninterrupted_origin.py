"""An origin: requests that wait until they are released, and WebSockets that echo.

Arguments: the ports of both. Prints `ready` when it listens.
"""

import asyncio
import sys

import websockets

waiting = 0
released = asyncio.Event()


async def answer(reader, writer):
    global waiting
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1]
            if target.startswith(b"/slow"):
                waiting += 1
                await released.wait()
                waiting -= 1
                body = b"ok"
            elif target == b"/waiting":
                body = str(waiting).encode()
            elif target == b"/release":
                released.set()
                body = b"released"
            else:
                body = b"ok"
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def main():
    requests, sockets = map(int, sys.argv[1:])
    server = await asyncio.start_server(answer, "127.0.0.1", requests, backlog=2048)
    async with server, websockets.serve(echo, "127.0.0.1", sockets):
        print("ready", flush=True)
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
