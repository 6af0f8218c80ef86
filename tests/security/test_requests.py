"""Huge, slow, malformed and compressed requests cost their own connection, and nobody else notices."""

import asyncio
import gzip
import zlib

import pytest

from chat_server.patience import LONGEST_BODY
from tests.gateways import PATIENCE_S, Server

HEAD = b"POST /api/estimate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


class Raw:
    """A connection that sends whatever bytes it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, server: Server) -> "Raw":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_closed(self) -> bytes:
        """Everything that the server still says before it closes."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def line(self) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.readline()


async def is_served(server: Server) -> None:
    async with server.parent() as parent:
        await parent.ask("is anybody there?")


async def test_a_connection_that_says_nothing_is_closed(start):
    async with start(request_within_s=0.2) as server:
        raw = await Raw.to(server)
        assert await raw.until_closed() == b""


async def test_headers_that_drip_are_cut_off_on_a_new_and_on_a_kept_connection(start):
    async with start(request_within_s=0.3) as server:
        for first in (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
            raw = await Raw.to(server)
            if first:
                await raw.send(first)
                assert b"200" in await raw.line()
            dripping = asyncio.create_task(_drip(raw, b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-Slow: 1\r\n" * 100_000))
            answer = await raw.until_closed()
            assert answer.count(b"HTTP/1.1 200") == 0
            dripping.cancel()
        await is_served(server)


async def _drip(raw: Raw, data: bytes) -> None:
    for at in range(len(data)):
        await raw.send(data[at : at + 1])
        await asyncio.sleep(0.01)


async def test_a_body_that_drips_is_answered_408(start):
    async with start(request_within_s=0.3) as server:
        raw = await Raw.to(server)
        await raw.send(HEAD + b"Content-Length: 1000\r\n\r\n{")
        assert b" 408 " in await raw.line()
        await is_served(server)


async def test_an_answer_may_take_longer_than_a_request(start):
    """Waiting for events is no slow request."""
    async with start(request_within_s=0.2) as server, server.http() as http:
        begun = (await http.post("/api/conversations", json={})).json()
        bearer = {"Authorization": f"Bearer {begun['resume']}"}
        answer = await http.get(f"/api/conversations/{begun['conversation']}/events", params={"after": 0, "wait": 1}, headers=bearer)
        assert answer.status_code == 200 and answer.json()["events"] == []


async def test_a_socket_is_not_taken_for_a_slow_request(start):
    async with start(request_within_s=0.2, beat_every_s=0.5) as server, server.parent() as parent:
        for _ in range(2):
            await parent.hear("beat")
        await parent.ask("still here")


@pytest.mark.parametrize("path", ["/api/estimate", "/api/conversations", "/api/agent/sign-in", "/chat"])
async def test_a_body_that_says_it_is_huge_is_refused_before_it_comes(server: Server, path: str):
    raw = await Raw.to(server)
    await raw.send(HEAD.replace(b"/api/estimate", path.encode()) + b"Content-Length: 10000000000\r\n\r\n")
    answer = await raw.until_closed()
    assert b" 413 " in answer and b"too_long" in answer


async def test_a_body_without_a_length_is_counted_as_it_comes(server: Server):
    raw = await Raw.to(server)
    await raw.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for _ in range(LONGEST_BODY // 0x10000 + 1):
        await raw.send(chunk)
    assert b" 413 " in await raw.line()
    await is_served(server)


@pytest.mark.parametrize("packed", [gzip.compress(b"x" * 50_000_000), zlib.compress(b"x" * 50_000_000)], ids=["gzip", "deflate"])
async def test_a_compressed_body_is_never_unpacked(server: Server, packed: bytes):
    async with server.http() as http:
        for encoding in ("gzip", "deflate", "br"):
            answer = await http.post("/api/estimate", content=packed, headers={"Content-Encoding": encoding, "Content-Type": "application/json"})
            assert answer.status_code in (400, 422)


async def test_a_socket_is_not_compressed_even_when_asked_to(server: Server):
    async with server.socket(compression="deflate") as parent:
        assert parent.ws.protocol.extensions == []


@pytest.mark.parametrize(
    "smuggled",
    [
        b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n{}",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: +2\r\n\r\n{}",
        b"X: a\x00b\r\n\r\n",
    ],
    ids=["two lengths", "length and chunked", "odd coding", "space before colon", "odd length", "nul"],
)
async def test_a_request_with_two_meanings_is_refused_and_nothing_after_it_is_answered(server: Server, smuggled: bytes):
    raw = await Raw.to(server)
    await raw.send(HEAD + smuggled)
    raw.writer.write_eof()
    answer = await raw.until_closed()
    assert b"chat_frames" not in answer and b" 200 " not in answer
    await is_served(server)
