"""The dialogue server for the tests of its channel."""

from tests.rasa_server import chat, dialogue_server

__all__ = ["chat", "dialogue_server"]
