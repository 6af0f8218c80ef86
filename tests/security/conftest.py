"""A gateway for each test, as in `tests/chat_server`, on an embedded store: what is attacked here comes before the store."""

from pathlib import Path

import pytest

from tests.chat_server.conftest import assistant, server, start

__all__ = ["assistant", "server", "start"]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'chat.sqlite3'}"
