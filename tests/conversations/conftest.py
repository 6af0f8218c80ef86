"""The dialogue server for conversations in parents' words."""

from tests.rasa_server import chat, dialogue_server

__all__ = ["chat", "dialogue_server"]
