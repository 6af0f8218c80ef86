"""Whatever is sent to a call of the API, the answer has a code, and is never a fault of the server."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from chat_server.app import create_app
from chat_server.settings import Settings
from tests.fakes import FakeAssistant
from tests.gateways import running

LEFT_OUT = {"/readyz", "/metrics"}
"""503 is an answer of the first, and the second is no JSON."""
SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
CALLS = [f"{each.ok().method.upper()} {each.ok().path}" for each in SCHEMA.get_all_operations() if each.ok().path not in LEFT_OUT]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway that runs in a thread of its own."""
    folder: Path = tmp_path_factory.mktemp("api")
    started, done = threading.Event(), threading.Event()
    found: list[str] = []

    async def serve() -> None:
        given_settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'chat.sqlite3'}")
        async with running(given_settings, lambda services: replace(services, assistant=FakeAssistant())) as server:
            found.append(server.url)
            started.set()
            while not done.is_set():
                await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(60)
    yield found[0]
    done.set()
    thread.join()


@pytest.mark.parametrize("call", CALLS)
def test_no_call_makes_the_server_fail(url: str, call: str):
    method, path = call.split()

    @settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(SCHEMA[path][method].as_strategy())
    def check(case: schemathesis.Case) -> None:
        response = case.call(base_url=url, timeout=60)
        assert response.status_code < 500, response.text
        if response.status_code >= 400 and path.startswith("/api"):
            assert {"code", "detail"} <= set(response.json()) or response.status_code in (404, 405)

    check()
