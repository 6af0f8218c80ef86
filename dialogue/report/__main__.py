"""What a training brought, as one page to look at: var/reports/<model>.html.

    .venv-rasa/bin/python -m dialogue.report VAR/models/<version>.tar.gz

Reads the messages that are kept back for judging (tests/dialogue/evaluation*.yml). A copy of the product without them has
no such page; nothing at run time needs it. The figures stand as JSON beside the page, so that the next one can be compared.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

from dialogue.report.figures import Read, figures
from dialogue.report.page import page

ROOT = Path(__file__).resolve().parents[2]
MOST_S = 25.0
"""Reading stops after so much work of a core, or twice the time on the clock; the page says how much was read until then."""


def kept_back(folder: Path) -> List[Dict[Text, Any]]:
    """The messages for judging; none where a copy of the product has none."""
    import ruamel.yaml

    yaml = ruamel.yaml.YAML(typ="safe")
    files = sorted(folder.glob("evaluation*.yml"))
    return [message for path in files for message in yaml.load(path.read_text(encoding="utf-8"))["messages"]]


async def read_all(model: Path, messages: List[Dict[Text, Any]], most_s: float) -> List[Read]:
    """What the model makes of each message as the first of a conversation, for as long as there is time."""
    from rasa.core.channels.channel import UserMessage

    from dialogue.reading.context import in_context
    from dialogue.serve import make_agent

    processor = make_agent(model).processor
    # Every topic gets its share where time runs out.
    order = sorted(range(len(messages)), key=lambda n: (n * 7919) % len(messages))
    read, enough, until = [], time.process_time() + most_s, time.monotonic() + 2 * most_s
    for n in order:
        if time.process_time() > enough or time.monotonic() > until:
            break
        message = messages[n]
        parsed = in_context(await processor.parse_message(UserMessage(message["text"])), {})
        heard = {"nlu_fallback": "out_of_scope", "nation": "eligibility.nation"}.get(parsed["intent"]["name"], parsed["intent"]["name"])
        read.append(Read(message["text"], [message["topic"], *message.get("also", [])], heard))
    return read


def last_report(folder: Path, model: Text) -> Optional[Dict[Text, Any]]:
    """The figures of the model before this one."""
    files = [path for path in folder.glob("*.json") if path.stem != model]
    newest = max(files, key=lambda path: path.stat().st_mtime, default=None)
    try:
        return json.loads(newest.read_text(encoding="utf-8")) if newest else None
    except ValueError:
        return None


def write(model: Path, folder: Path, messages: Path = ROOT / "tests" / "dialogue", most_s: float = MOST_S) -> Optional[Path]:
    """Make the page of a model. None where there are no messages to judge it by."""
    import ruamel.yaml

    judged = kept_back(messages)
    if not judged:
        return None
    topics = ruamel.yaml.YAML(typ="safe").load((ROOT / "chat_server" / "core" / "facts" / "topics.yaml").read_text(encoding="utf-8"))
    name = model.name.partition(".")[0]
    read = asyncio.run(read_all(model, judged, most_s))
    found = figures(read, {topic: about["outcome"] for topic, about in topics.items()}, name)
    found["of"] = len(judged)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.html"
    path.write_text(page(found, last_report(folder, name)), encoding="utf-8")
    path.with_suffix(".json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    return path


def main() -> None:
    """Make the page of the model that is named."""
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    os.environ.setdefault("CHAT_ACTIONS_URL", "")  # reading needs no actions
    model = Path(sys.argv[1]).resolve()
    path = write(model, model.parent.parent / "reports")
    print(f"The report on it is {path}" if path else "No messages are kept back here to judge it by, so there is no report.", flush=True)


if __name__ == "__main__":
    main()
