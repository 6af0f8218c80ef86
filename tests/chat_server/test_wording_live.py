"""A changed sentence is said by the running product, in the conversations that are open, without a start."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chat_server.core.opening import Opening
from chat_server.core.wording import Wording
from chat_server.settings import Settings
from tests.fakes import FakeAssistant, reply
from tests.gateways import Parent, running

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


async def says(parent: Parent, words: str) -> bool:
    """Whether an answer of this conversation comes to hold these words; asked again and again, as parents would."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            frames = await parent.ask("thanks")
            if any(words in frame.get("text", "") for frame in frames if frame.get("from") == "assistant"):
                return True
            await asyncio.sleep(0.3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "domain" / "wording", tmp_path / "wording"))


async def test_a_changed_sentence_is_live_in_an_open_conversation_and_a_broken_file_changes_nothing(tmp_path: Path, folder: Path):
    assistant = FakeAssistant()
    assistant.script = lambda q: reply("utter_chat.thanks", "chat.thanks")
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'chat.sqlite3'}", data_dir=tmp_path, opening_hours="always")
    wording = Wording(folder)

    def change(services):
        return replace(services, wording=wording, assistant=assistant, opening=Opening.from_setting("always"))

    chat = folder / "chat.yml"
    async with running(settings, change) as server, server.parent() as parent:
        assert await says(parent, "Is anything still open?")
        chat.write_text(chat.read_text().replace("Is anything still open?", "Is there anything else on your mind?"))
        assert await says(parent, "Is there anything else on your mind?")
        chat.write_text("responses: [")
        async with asyncio.timeout(PATIENCE_S):
            while wording.problem is None:
                await asyncio.sleep(0.1)
        assert await says(parent, "Is there anything else on your mind?")
        async with server.http() as http:
            assert (await http.get("/readyz")).json()["wording"] != "up"
