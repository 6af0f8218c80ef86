"""The proxy of docker-compose.yml as it runs: nginx with `proxy.conf`, two gateways behind it, and what comes from outside.

Between the proxy and each gateway lies a wire that writes down what the proxy says, so that what never arrived is known, and not guessed.
Skipped, with the reason, where nginx is not there and cannot be installed.
"""

import asyncio
import contextlib
import itertools
import json
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chat_server import passwords
from chat_server.app import create_app, server_config
from chat_server.core.board import Agent
from chat_server.launch.ports import free_port
from chat_server.launch.watchdog import Watchdog
from chat_server.protocol import SUBPROTOCOL
from chat_server.services import now
from chat_server.settings import Settings
from chat_server.sign_in import TRIES_BY_ADDRESS
from chat_server.store.agents import hashed
from chat_server.store.migrate import upgrade
from chat_server.store.unit_of_work import Store
from tests import services
from tests.faults.places import PLAIN, OwnGateway, Process, until
from tests.gateways import Parent
from tests.services import Missing, _not_root
from tests.stack import ROOT
from tests.stand_in import stand_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONF = (ROOT / "chat_server" / "proxy.conf").read_text()
PATIENCE_S = 60.0
"""How long a test waits for something that must come; the proxy's own patience is 10 seconds."""
INSIDE = ("/metrics", "/readyz")
INSIDERS_WORDS = (b"# HELP", b"chat_sockets", b'"degraded"', b'"dialogue_servers"')
HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
PASSWORD = "correct horse battery staple"


# ---------------------------------------------------------------------- the places


@dataclass(frozen=True)
class Request:
    """A request as a gateway got it."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


class Wire:
    """From the proxy to one gateway; every byte that the proxy sends is kept."""

    def __init__(self, gateway: OwnGateway) -> None:
        self.gateway = gateway
        self._said: list[bytearray] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = bytearray()
        self._said.append(said)
        try:
            there, away = await asyncio.open_connection("127.0.0.1", self.gateway.port)
        except OSError:  # the gateway is down: whoever calls is cut off as by a machine where nothing listens
            writer.transport.abort()
            return

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, kept: bytearray | None) -> None:
            try:
                while data := await source.read(65536):
                    if kept is not None:
                        kept += data
                    target.write(data)
                    await target.drain()
                target.close()
            except OSError:
                target.transport.abort()

        await asyncio.gather(pass_on(reader, away, said), pass_on(there, writer, None))

    def requests(self) -> list[Request]:
        return [request for said in self._said for request in _requests(bytes(said))]

    async def stop(self) -> None:
        if self._server:
            self._server.close()


def _requests(data: bytes) -> Iterator[Request]:
    """All requests of one connection, by the one reading that what the proxy sends may have."""
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        assert end, "the proxy sends requests whole"
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        lengths = [value for name, value in headers if name == "content-length"]
        assert len(lengths) <= 1 and "transfer-encoding" not in dict(headers), "one way to tell where a body ends"
        length = int(lengths[0]) if lengths else 0
        yield Request(method, target, headers, rest[:length])
        if dict(headers).get("upgrade"):
            return
        data = rest[length:]


class Raw:
    """A connection that sends whatever bytes it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # who is refused may hear of it before everything is sent
            self._writer.write(data)
            await self._writer.drain()

    async def answer(self) -> bytes:
        """The head of the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._reader.readuntil(b"\r\n\r\n")

    async def until_closed(self) -> bytes:
        heard = b""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                while data := await self._reader.read(65536):
                    heard += data
        return heard

    async def until_ended(self, streams: set[int]) -> None:
        """Read frames of HTTP/2 until these streams have ended or were reset, or the connection has."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while streams:
                    head = await self._reader.readexactly(9)
                    await self._reader.readexactly(int.from_bytes(head[:3], "big"))
                    kind, ends, stream = head[3], head[4] & 1, int.from_bytes(head[5:], "big")
                    if kind == RESET or (kind in (DATA, HEADERS) and ends):
                        streams = streams - {stream}

    def close(self) -> None:
        self._writer.transport.abort()


class Proxy:
    """The proxy, and those who come to it; each comes from an address of its own."""

    def __init__(self, port: int, plain_port: int, trust: ssl.SSLContext, wires: list[Wire], log: Path, store: Store) -> None:
        self.port, self.plain_port, self.wires, self.store = port, plain_port, wires, store
        self.url = f"https://127.0.0.1:{port}"
        self._trust, self._log = trust, log
        self._addresses = (f"127.0.{third}.{fourth}" for third in itertools.count(3) for fourth in range(2, 250))

    def address(self) -> str:
        """One from which nobody came before."""
        return next(self._addresses)

    def browser(self, address: str, **options: object) -> httpx.AsyncClient:
        transport = httpx.AsyncHTTPTransport(verify=self._trust, local_address=address)
        return httpx.AsyncClient(base_url=self.url, transport=transport, timeout=PATIENCE_S, **options)

    @contextlib.asynccontextmanager
    async def socket(self, address: str, **options: object) -> AsyncIterator[Parent]:
        settings = {"subprotocols": [SUBPROTOCOL], "origin": self.url, "compression": None, "proxy": None, "open_timeout": PATIENCE_S} | options
        where = f"wss://127.0.0.1:{self.port}/ws/chat"
        async with websockets.connect(where, ssl=self._trust, local_addr=(address, 0), **settings) as ws:
            yield Parent(ws)

    @contextlib.asynccontextmanager
    async def parent(self, address: str | None = None, **hello: object) -> AsyncIterator[Parent]:
        async with self.socket(address or self.address()) as parent:
            await parent.hello(**hello)
            yield parent

    @contextlib.asynccontextmanager
    async def raw(self, address: str, alpn: str | None = None, tls: bool = True) -> AsyncIterator[Raw]:
        trust = ssl.create_default_context(cadata=self._trust.certificate) if tls else None
        if trust and alpn:
            trust.set_alpn_protocols([alpn])
        raw = Raw(*await asyncio.open_connection("127.0.0.1", self.port, ssl=trust, local_addr=(address, 0)))
        try:
            yield raw
        finally:
            raw.close()

    def arrived(self, address: str) -> list[Request]:
        """What gateways got from there."""
        return [request for request in self.all_arrived() if request.values("x-forwarded-for") == [address]]

    def all_arrived(self) -> list[Request]:
        return [request for wire in self.wires for request in wire.requests()]

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


class Trust(ssl.SSLContext):
    """Trusts one certificate, and keeps it."""

    certificate = ""

    @classmethod
    def of(cls, certificate: str) -> "Trust":
        trust = cls(ssl.PROTOCOL_TLS_CLIENT)
        trust.load_verify_locations(cadata=certificate)
        trust.certificate = certificate
        return trust


def certificate(folder: Path) -> str:
    """One for 127.0.0.1, signed by itself; in the folder as the proxy wants it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the tests of the proxy")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    (folder / "fullchain.pem").write_text(pem)
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem


def adapted(folder: Path, version: tuple[int, ...], port: int, plain_port: int, upstreams: list[int]) -> str:
    """`proxy.conf`, with what is elsewhere in a test: addresses, ports and paths. Each change has to find its place once."""
    conf = CONF.replace(" /tmp/", f" {folder}/").replace(" /tls/", f" {folder}/")

    def put(old: str, new: str) -> None:
        nonlocal conf
        assert conf.count(old) == 1, f"proxy.conf has changed: {old}"
        conf = conf.replace(old, new)

    put("/dev/stderr", str(folder / "error.log"))
    put("server gateway:8000 resolve max_fails=1 fail_timeout=5s;", "".join(f"server 127.0.0.1:{one} max_fails=1 fail_timeout=5s; " for one in upstreams))
    put("listen 8080;", f"listen 127.0.0.1:{plain_port};")
    put("listen 8443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    if version < (1, 25, 1):  # the same, as older ones say it
        put(" ssl;\n        http2 on;", " ssl http2;")
    return conf


@pytest.fixture(scope="module")
def nginx() -> Path:
    try:
        found = services.provided_nginx()
        with socket.socket() as probe:
            probe.bind(("127.0.3.2", 0))
    except Missing as reason:
        pytest.skip(f"The proxy was not run. {reason}")
    except OSError:
        pytest.skip("The proxy was not run: this system has no addresses like 127.0.3.2, and visitors need different ones.")
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxy(nginx: Path, postgres_server: str, redis_url: str) -> AsyncIterator[Proxy]:
    """As docker-compose.yml has it: nginx without root, two gateways, PostgreSQL, Redis; the dialogue model is a stand-in."""
    async with contextlib.AsyncExitStack() as stack:
        keep = stack.enter_context
        folder = Path(keep(tempfile.TemporaryDirectory(prefix="chat-proxy-", ignore_cleanup_errors=True)))
        own = Path(keep(tempfile.TemporaryDirectory(prefix="chat-nginx-", ignore_cleanup_errors=True)))
        database = keep(services.new_database(postgres_server))
        watchdog = Watchdog()
        stack.callback(watchdog.close)
        settings = Settings(database_url=database)
        await upgrade(settings.database)
        model = await stack.enter_async_context(stand_in())
        environ = {
            "CHAT_DATABASE_URL": database, "CHAT_REDIS_URL": redis_url, "CHAT_RASA_URL": model.url, "CHAT_BEAT_EVERY_S": "1", "FORWARDED_ALLOW_IPS": "*",
        }
        running = [OwnGateway(f"gateway-{number}", folder, watchdog, environ, PLAIN) for number in (1, 2)]
        for one in running:
            stack.push_async_callback(one.close)
        await asyncio.gather(*(one.start() for one in running))
        wires = [Wire(one) for one in running]
        for wire in wires:
            await wire.start()
            stack.push_async_callback(wire.stop)

        said = subprocess.run([nginx, "-v"], capture_output=True, text=True).stderr
        version = tuple(map(int, re.search(r"nginx/([\d.]+)", said)[1].split(".")))
        port, plain_port = free_port(), free_port()
        trust = Trust.of(certificate(own))
        (own / "nginx.conf").write_text(adapted(own, version, port, plain_port, [wire.port for wire in wires]))
        store = Store(settings.database)
        stack.push_async_callback(store.close)
        process = Process("nginx", own, watchdog)
        await process.launch([nginx, "-c", own / "nginx.conf", "-p", own, "-g", "daemon off;"], cwd=own, **_not_root(own))
        stack.push_async_callback(_stop, process)
        proxy = Proxy(port, plain_port, trust, wires, own / "error.log", store)

        async def answers() -> bool:
            assert process.runs, f"nginx does not run:\n{process.end_of_log()}{proxy.log()}"
            with contextlib.suppress(httpx.HTTPError):
                async with proxy.browser(proxy.address()) as browser:
                    return (await browser.get("/healthz")).json() == {"status": "up"}
            return False

        await until(answers, "the proxy answers", PATIENCE_S)
        yield proxy


async def _stop(process: Process) -> None:
    """Its workers end with it when it is asked to end, and would not when it is killed."""
    process.send(signal.SIGTERM)
    await process.ended()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nothing_of_the_inside_was_asked_for(proxy: Proxy) -> AsyncIterator[None]:
    """After every test: each request that gateways got came by the proxy's rules, and none is for what stays inside."""
    yield
    for request in proxy.all_arrived():
        assert request.target.partition("?")[0] not in INSIDE
        assert len(request.values("x-forwarded-for")) == 1 and request.values("x-forwarded-proto") == ["https"], "what is smuggled in lacks what the proxy adds"


# ---------------------------------------------------------------------- parents


async def test_the_page_and_the_widget_come_over_tls_with_their_headers(proxy: Proxy):
    async with proxy.browser(proxy.address()) as browser:
        for path, kind in (("/", "text/html"), ("/chat", "text/html"), ("/agent", "text/html"), ("/widget.js", "text/javascript")):
            answer = await browser.get(path)
            assert answer.status_code == 200 and answer.headers["content-type"].startswith(kind)
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            assert f"connect-src 'self' ws://127.0.0.1:{proxy.port} wss://127.0.0.1:{proxy.port};" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["server"] == "nginx"
        assert (await browser.get("/metrics")).headers["strict-transport-security"]
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as plain:
        sent = await plain.get(f"http://127.0.0.1:{proxy.plain_port}/chat?lang=cy")
        assert (sent.status_code, sent.headers["location"]) == (308, "https://127.0.0.1/chat?lang=cy")


async def test_a_parent_talks_and_a_page_elsewhere_does_not(proxy: Proxy):
    async with proxy.parent() as parent:
        await parent.ask("what are my options?")
        await parent.hear("beat")
        frames = await parent.ask("and what does it cost?")
        assert [frame["from"] for frame in frames if frame["type"] == "message"] == ["parent", "assistant"]
    async with proxy.socket(proxy.address(), origin="https://evil.example") as stranger:
        assert await stranger.closed() == 4503


async def test_the_proxy_is_more_patient_than_the_beats_and_less_than_the_gateways():
    """The numbers of `proxy.conf` against those of the gateway; a test cannot wait for them."""
    socket_s = int(re.search(r"location /ws/ \{[^}]*\}?[^}]*proxy_read_timeout (\d+)s", CONF)[1])
    kept_s = int(re.search(r"upstream gateways \{[^}]*keepalive_timeout (\d+)s", CONF)[1])
    assert socket_s > 3 * Settings().beat_every_s
    assert kept_s < server_config(create_app(Settings()), "127.0.0.1", 0).timeout_keep_alive, "no request meets a connection that closes"


async def test_a_browsers_address_is_its_own_whatever_it_says(proxy: Proxy):
    """Tries to sign in are counted by address: who guesses is stopped, with whatever address he claims, and nobody else is."""
    guesser, colleague = proxy.address(), proxy.address()
    async with proxy.store.work() as work:
        await work.add_agent(Agent(uuid.uuid4().hex, "asha@example.org", "Asha", "agent"), passwords.hash_now(PASSWORD), now())
        for _ in range(TRIES_BY_ADDRESS - 1):  # those that he made before
            await work.add_failure(hashed(f"address {guesser}"), now())
        await work.commit()

    async def guess(number: int) -> int:
        claimed = {"X-Forwarded-For": f"203.0.113.{number}, 127.0.0.1", "X-Real-IP": "203.0.113.1", "Forwarded": "for=203.0.113.1", "X-Forwarded-Proto": "http"}
        answer = await browser.post("/api/agent/sign-in", json={"email": f"{number}@example.org", "password": PASSWORD}, headers=claimed)
        return answer.json()["code"]

    async with proxy.browser(guesser) as browser:
        assert [await guess(1), await guess(2)] == ["not_allowed", "slow_down"]
    async with proxy.browser(colleague) as browser:
        claimed = {"X-Forwarded-For": guesser, "X-Forwarded-Proto": "http", "Origin": proxy.url}
        answer = await browser.post("/api/agent/sign-in", json={"email": "asha@example.org", "password": PASSWORD}, headers=claimed)
        assert answer.status_code == 200 and "; Secure" in answer.headers["set-cookie"]


# ---------------------------------------------------------------------- attackers


POST = b"POST /api/estimate HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = {
    "length then chunked": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked then length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n26\r\n" + HIDDEN + b"\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a list of lengths": POST + b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a signed length": POST + b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a folded line": POST + b"X: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded value": POST + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "space before the colon": POST + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "another coding": POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two codings": POST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a bare return": POST + b"X: a\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a zero in a header": POST + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a chunk that is no number": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a chunk with a negative size": CHUNKED + b"-1\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a chunk with an enormous size": CHUNKED + b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a chunk longer than it says": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a hidden line in the target": b"GET /healthz\rGET:/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}
HARMLESS = {
    "a request in a body": POST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a request in a chunk": CHUNKED + b"%x;junk=\"x\"\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\nX: trailer\r\n\r\n",
}


async def test_a_request_with_two_meanings_reaches_no_gateway(proxy: Proxy):
    async with proxy.browser(proxy.address()) as neighbour:
        for name, attack in SMUGGLED.items():
            address = proxy.address()
            async with proxy.raw(address) as raw:
                await raw.send(attack)
                answer = await raw.until_closed()
            assert re.match(rb"HTTP/1\.1 (400|501) ", answer) and answer.count(b"HTTP/1.1 ") == 1, (name, answer)
            assert proxy.arrived(address) == [], name
            assert (await neighbour.get("/healthz")).json() == {"status": "up"}, f"{name}: somebody else got another answer"


async def test_a_request_hidden_in_a_body_stays_a_body(proxy: Proxy):
    for name, attack in HARMLESS.items():
        address = proxy.address()
        async with proxy.raw(address) as raw:
            await raw.send(attack)
            answer = await raw.until_closed()
        assert answer.startswith(b"HTTP/1.1 4") and answer.count(b"HTTP/1.1 ") == 1, (name, answer)
        assert [request.body for request in proxy.arrived(address)] == [HIDDEN], name


DATA, HEADERS, RESET, SETTINGS = 0, 1, 3, 4


def _field(name: bytes, value: bytes) -> bytes:
    """A header of HTTP/2 as it may always be written: a literal that nobody remembers."""
    assert len(name) < 127 and len(value) < 127
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


async def test_http_2_carries_no_second_request_either(proxy: Proxy):
    """Header and data frames that would be two requests when they are written down for a gateway."""
    asked = [(b":method", b"POST"), (b":scheme", b"https"), (b":path", b"/api/estimate"), (b":authority", b"x"), (b"content-type", b"application/json")]
    tricks = {
        "none": (asked, b"{}"),
        "a length that is too short": ([*asked, (b"content-length", b"0")], HIDDEN),
        "a coding": ([*asked, (b"transfer-encoding", b"chunked")], b"0\r\n\r\n" + HIDDEN),
        "lines in a value": ([*asked, (b"x", b"a\r\n\r\n" + HIDDEN)], b""),
        "lines in a name": ([*asked, (b"x: a\r\n\r\n" + HIDDEN, b"a")], b""),
        "lines in the path": ([*asked[:2], (b":path", b"/ HTTP/1.1\r\nHost: x\r\n\r\n" + HIDDEN), *asked[3:]], b""),
        "a socket": ([(b":method", b"GET"), *asked[1:2], (b":path", b"/ws/chat"), asked[3], (b"upgrade", b"websocket"),
                      (b"sec-websocket-version", b"13"), (b"sec-websocket-key", b"AAAAAAAAAAAAAAAAAAAAAA==")], b""),
    }
    for name, (fields, body) in tricks.items():
        address = proxy.address()
        async with proxy.raw(address, alpn="h2") as raw:
            await raw.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(SETTINGS, 0, 0))
            await raw.send(_frame(HEADERS, 4 if body else 5, 1, b"".join(_field(*field) for field in fields)) + (_frame(DATA, 1, 1, body) if body else b""))
            await raw.send(_frame(HEADERS, 5, 3, b"".join(_field(*field) for field in [(b":method", b"GET"), (b":path", b"/widget.js"), *asked[1:2], asked[3]])))
            await raw.until_ended({1, 3})
        assert len(proxy.arrived(address)) == 2 if name == "none" else len(proxy.arrived(address)) <= 2, name
        for request in proxy.arrived(address):
            assert (request.target, request.body) in (("/api/estimate", body), ("/widget.js", b"")), name
            assert not any("metrics" in value for _, value in request.headers), name
    async with proxy.browser(proxy.address()) as browser:
        assert (await browser.get("/healthz")).json() == {"status": "up"}


async def test_what_is_for_the_inside_is_refused_however_it_is_spelt(proxy: Proxy):
    gateway = proxy.wires[0].gateway
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as inside:
        for path in INSIDE:
            told = (await inside.get(path)).content
            assert any(words in told for words in INSIDERS_WORDS), "the words by which they are known"
    address = proxy.address()
    for path in INSIDE:
        word = path[1:]
        spelt = [
            path, f"{path}?x=1", f"{path}#x", f"/{path}", f"/.{path}", f"/x/..{path}", f"/web/widget/../..{path}", f"/%{ord(word[0]):x}{word[1:]}",
            f"/%2e{path}", f"/x%2f..%2f{word}", f"{path}/", f"{path}%2f", f"{path};x", f"{path}%20", f"{path}%3fx", f"{path}%23", f"/%25{ord(word[0]):x}{word[1:]}",
            path.upper(), f"https://127.0.0.1{path}", f"/{word[:3]}\\..\\{word}", f"//x{path}",
        ]
        for target in spelt:
            for method in ("GET", "HEAD") if target == path else ("GET",):
                async with proxy.raw(address) as raw:
                    await raw.send(f"{method} {target} HTTP/1.1\r\nHost: x\r\nX-Original-URL: {path}\r\nConnection: close\r\n\r\n".encode())
                    answer = await raw.until_closed()
                assert re.match(rb"HTTP/1\.1 (30[78]|40[045]) ", answer), (target, answer)
                assert not any(words in answer for words in INSIDERS_WORDS), target


KEYS = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
SOCKET = b" HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
NO_HANDSHAKES = {
    "posted": (b"POST /ws/chat" + SOCKET + KEYS + b"Content-Length: 2\r\n\r\n{}", b"426"),
    "elsewhere": (b"POST /api/conversations" + SOCKET + KEYS + b"Content-Length: 2\r\n\r\n{}", b"4"),
    "to a page": (b"GET /healthz" + SOCKET + KEYS + b"\r\n", b"200"),
    "with a body": (b"GET /ws/chat" + SOCKET + KEYS + b"Content-Length: 33\r\n\r\n" + HIDDEN[:33], b"101"),
    "with many headers": (b"GET /ws/chat" + SOCKET + KEYS + b"".join(b"X%d: a\r\n" % number for number in range(300)) + b"\r\n", b"101"),
    "without a key": (b"GET /ws/chat" + SOCKET + b"\r\n", b"400"),
    "without being asked": (b"GET /ws/chat HTTP/1.1\r\nHost: x\r\n" + KEYS + b"\r\n", b"426"),
    "in an older way": (b"GET /ws/chat" + SOCKET.replace(b"1.1", b"1.0") + KEYS + b"\r\n", b"426"),
    "to another protocol": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade, http2-settings\r\nHTTP2-Settings: AA\r\n\r\n", b"200"),
}


async def test_a_handshake_that_is_none_makes_no_gateway_wait(proxy: Proxy):
    """A gateway that keeps the proxy waiting counts as dead: one such request for each would shut the others out."""
    for name, (attack, status) in NO_HANDSHAKES.items():
        async with proxy.raw(proxy.address()) as raw:
            await raw.send(attack)
            assert (await raw.answer()).startswith(b"HTTP/1.1 " + status), name
    async with proxy.parent() as parent:
        await parent.ask("is anybody there?")


async def test_huge_requests_end_at_the_proxy_while_another_parent_talks(proxy: Proxy):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    attacks = {
        "a header": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", b"400"),
        "many headers": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: %s\r\n" % (number, b"x" * 6000) for number in range(10)) + b"\r\n", b"400"),
        "a target": (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        "a body that says so": (POST + b"Content-Length: 10000000000\r\n\r\n", b"413"),
        "a body that does not say so": (CHUNKED + chunk * 5, b"413"),
    }
    async with proxy.parent() as other:
        for name, (attack, status) in attacks.items():
            address = proxy.address()
            async with proxy.raw(address) as raw:
                await raw.send(attack)
                assert (await raw.answer()).startswith(b"HTTP/1.1 " + status), name
            assert proxy.arrived(address) == [], name
        await other.ask("is anybody there?")


async def test_slow_requests_are_ended_while_another_parent_is_silent_and_then_talks(proxy: Proxy):
    """All wait beside each other, as long as the proxy has patience; a silent parent's socket is held by its beats meanwhile."""
    address = proxy.address()

    async def drip(raw: Raw) -> None:
        while True:
            await raw.send(b"X-Slow: 1\r\n")
            await asyncio.sleep(0.25)

    async def slow(beginning: bytes, drips: bool, tls: bool) -> bytes:
        async with proxy.raw(address, tls=tls) as raw:
            await raw.send(beginning)
            dripping = asyncio.create_task(drip(raw)) if drips else None
            try:
                return await raw.until_closed()
            finally:
                if dripping:
                    dripping.cancel()

    kinds = [(b"GET /healthz HTTP/1.1\r\nHost: x\r\n", True, True), (POST + b"Content-Length: 1000\r\n\r\n{", False, True), (b"", False, True), (b"", False, False)]
    async with proxy.parent() as other:
        answers = await asyncio.gather(*(slow(*kind) for kind in kinds * 5))
        assert not any(b" 200 " in answer for answer in answers)
        assert proxy.arrived(address) == []
        await other.hear("beat")
        await other.ask("is anybody there?")


async def test_who_comes_too_often_is_refused_and_nobody_else_is_and_no_address_is_written_down(proxy: Proxy):
    often, path = proxy.address(), "/api/conversations"
    async with proxy.browser(often, limits=httpx.Limits(max_connections=20)) as browser:
        statuses = [answer.status_code for answer in await asyncio.gather(*(browser.post(path, json={}) for _ in range(80)))]
    assert set(statuses) == {201, 429} and statuses.count(201) >= 20
    async with proxy.browser(proxy.address()) as browser:
        assert (await browser.post(path, json={})).status_code == 201
    assert often not in proxy.log() and path not in proxy.log()


# ---------------------------------------------------------------------- a gateway goes


async def test_a_gateway_that_dies_leaves_its_parents_to_the_other(proxy: Proxy):
    """Some are cut off, come back, and hear everything from the other; those of the other notice nothing."""
    async with contextlib.AsyncExitStack() as stack:
        addresses = [proxy.address() for _ in range(6)]
        parents = [await stack.enter_async_context(proxy.parent(address)) for address in addresses]
        for parent in parents:
            await parent.ask("what are my options?")
        doomed, other = proxy.wires
        theirs = {request.values("x-forwarded-for")[0] for request in doomed.requests()}
        cut = [(address, parent) for address, parent in zip(addresses, parents) if address in theirs]
        left = [parent for address, parent in zip(addresses, parents) if address not in theirs]
        assert cut and left, "both gateways have some of them"

        doomed.gateway.send(signal.SIGKILL)
        for _, parent in cut:
            with pytest.raises(websockets.ConnectionClosed):
                async with asyncio.timeout(PATIENCE_S):
                    while True:
                        await parent.ws.recv()
        for address, parent in cut:
            async with proxy.parent(address, resume=parent.welcome["resume"], last_seq=0) as again:
                assert again.welcome["conversation"] == parent.welcome["conversation"]
                await again.has_heard("message", text="what are my options?")
                await again.ask("is anybody there?")
        for parent in left:
            await parent.ask("is anybody there?")
        async with proxy.browser(proxy.address()) as browser:
            assert {(await browser.get("/healthz")).status_code for _ in range(20)} == {200}
    assert not any(address in proxy.log() for address in addresses)
