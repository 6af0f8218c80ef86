"""A gateway for each test, over SQLite and over PostgreSQL, with a fake dialogue model that the test steers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat_server.core.opening import Opening
from chat_server.services import Services
from chat_server.settings import Settings
from tests.fakes import FakeAssistant
from tests.databases import empty_tables
from tests.gateways import Server, running

Start = Callable[..., AbstractAsyncContextManager[Server]]


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database in its newest form."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'chat.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    await empty_tables(url)
    return url


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture
def start(database_url: str, tmp_path: Path, assistant: FakeAssistant) -> Start:
    """Start a gateway with these settings; `opening` is a setting of opening hours, `always` unless said."""

    def begin(**changed: Any) -> AbstractAsyncContextManager[Server]:
        opening = changed.pop("opening", "always")
        fakes = {"assistant": changed.pop("assistant", assistant)}
        if "clock" in changed:
            fakes["clock"] = changed.pop("clock")
        settings = Settings(**{"database_url": database_url, "data_dir": tmp_path, "opening_hours": opening} | changed)

        def with_fakes(services: Services) -> Services:
            return replace(services, opening=Opening.from_setting(opening), **fakes)

        return running(settings, with_fakes)

    return begin


@pytest.fixture
async def server(start: Start) -> AsyncIterator[Server]:
    """A gateway with everything as usual, and people on the team."""
    async with start() as running_server:
        yield running_server
