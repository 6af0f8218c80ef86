"""`docs/settings.md` is what the settings make of it."""

import re
from pathlib import Path

from chat_server.settings import Settings, page

ROOT = Path(__file__).parents[2]


def test_the_page_is_current():
    assert (ROOT / "docs" / "settings.md").read_text() == page(), "python -m chat_server settings > docs/settings.md"


def test_every_setting_has_a_meaning_and_every_variable_that_is_named_anywhere_stands_there():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    named = set(re.findall(r"\b(CHAT_[A-Z0-9_]*[A-Z0-9])\b", (ROOT / "docs" / "operations.md").read_text()))
    assert named <= set(re.findall(r"^\| `(\w+)`", page(), re.M)) | {"CHAT_PUBLISH", "CHAT_SITE"}
