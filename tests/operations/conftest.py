"""A gateway for each test, as in `tests/chat_server`."""

from tests.chat_server.conftest import assistant, database_url, server, start

__all__ = ["assistant", "database_url", "server", "start"]
