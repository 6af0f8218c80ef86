"""Memory for each idle parent on the gateway against a bare uvicorn echo server, as a ratio of one run.

    .venv/bin/python -m benchmarks.idle_memory [--parents 5000]

Both servers run with the same settings of uvicorn. A parent has said hello and was welcomed; a client of the echo server
has said as much and got it back. Memory is what the server process holds (USS) after the last one, less what it
held before the first. Goal: at most 2 times.
"""

import argparse
import asyncio
import base64
import json
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable

import httpx
import psutil

from chat_server.launch.ports import free_port

AT_ONCE = 50
SETTLE_S = 3.0
HELLO = b'{"type":"hello"}'
GOAL = 2.0

ECHO = textwrap.dedent(
    """
    import sys, uvicorn
    from chat_server.app import server_config

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        while True:
            message = await receive()
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
            elif message["type"] == "websocket.disconnect":
                return
            else:
                await send({"type": "websocket.send", "text": message.get("text") or ""})

    uvicorn.Server(server_config(app, "127.0.0.1", int(sys.argv[1]))).run()
    """
)


def main() -> int:
    """Measure both servers and print the ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle_memory", description=__doc__.partition("\n")[0])
    parser.add_argument("--parents", type=int, default=5000)
    parents = parser.parse_args().parents
    wanted = parents * 2 + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "CHAT_DATA_DIR": folder, "CHAT_LOG_LEVEL": "WARNING"}
        echo = measure(lambda port: [sys.executable, "-c", ECHO, str(port)], environ, parents)
        ours = measure(lambda _: [sys.executable, "-m", "chat_server", "serve"], environ, parents)
    ratio = ours / echo
    print(f"parents                 {parents}")
    print(f"bare uvicorn echo       {echo / 1024:6.1f} KiB each")
    print(f"gateway                 {ours / 1024:6.1f} KiB each")
    print(f"ratio                   {ratio:6.2f}   goal at most {GOAL}: {'met' if ratio <= GOAL else 'not met'}")
    print(json.dumps({"benchmark": "idle_memory", "parents": parents, "ratio": round(ratio, 3)}))
    return 0


def measure(command: Callable[[int], list[str]], environ: dict[str, str], parents: int) -> float:
    """Bytes that a server holds for each of so many idle sockets."""
    port = free_port()
    server = subprocess.Popen(command(port), env={**environ, "CHAT_PORT": str(port)})
    try:
        return asyncio.run(_measure(psutil.Process(server.pid), port, parents))
    finally:
        server.terminate()
        server.wait(30)


async def _measure(server: psutil.Process, port: int, parents: int) -> float:
    await _until_up(port)
    warm = [await _connect(port) for _ in range(20)]
    before = server.memory_full_info().uss
    sockets = []
    for _ in range(0, parents, AT_ONCE):
        sockets += await asyncio.gather(*(_connect(port) for _ in range(AT_ONCE)))
    await asyncio.sleep(SETTLE_S)
    after = server.memory_full_info().uss
    for _, writer in (*warm, *sockets):
        writer.transport.abort()
    return (after - before) / len(sockets)


async def _until_up(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(300):
            try:
                await http.get(f"http://127.0.0.1:{port}/healthz")
                return
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    raise RuntimeError("the server does not answer")


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A socket that has said hello and heard the answer; written by hand, because 5,000 of them have to be light."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=16 * 1024)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        (
            f"GET /ws/chat HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: options-chat.v1\r\n\r\n"
        ).encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(bytes([0x81, 0x80 | len(HELLO)]) + b"\0\0\0\0" + HELLO)
    first, second = await reader.readexactly(2)
    assert first == 0x81, "a text frame was expected"
    length = second & 0x7F
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2), "big")
    await reader.readexactly(length)
    return reader, writer


if __name__ == "__main__":
    sys.exit(main())
