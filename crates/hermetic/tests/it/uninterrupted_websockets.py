"""Holds WebSockets open: for each line on standard input, sends it over each and waits for its echo.

Arguments: the URL, the root's file, how many. Prints `ready`, then `echoed N` for each line.
"""

import asyncio
import ssl
import sys

import websockets


async def echoed(socket, text):
    await socket.send(text)
    return await asyncio.wait_for(socket.recv(), 15) == text


async def main():
    url, root, count = sys.argv[1:]
    context = ssl.create_default_context(cafile=root)
    sockets = [await websockets.connect(url, ssl=context, open_timeout=15) for _ in range(int(count))]
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        good = await asyncio.gather(*(echoed(socket, line.strip()) for socket in sockets))
        print("echoed", sum(good), flush=True)


asyncio.run(main())
