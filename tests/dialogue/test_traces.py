"""One turn is one trace, from the gateway through the dialogue model to the action server, and holds no words."""

import asyncio
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chat_server import tracing
from chat_server.settings import Settings
from tests.gateways import running
from tests.rasa_server import TOKEN, DialogueServer
from tests.waiting import eventually


@pytest.fixture
def made():
    """The spans of the gateway."""
    exporter = InMemorySpanExporter()
    tracing.start(None, SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop()


async def test_a_turn_is_one_trace_of_three_processes_without_a_word(dialogue_server: DialogueServer, made: InMemorySpanExporter, tmp_path: Path):
    settings = Settings(data_dir=tmp_path, rasa_url=str(dialogue_server.http.base_url).partition("/webhooks")[0], rasa_token=TOKEN)
    async with running(settings) as server, server.parent() as parent:
        frames = await parent.ask("how much maintenance should I pay for two children, quinceblossom?")
        assert any(frame["type"] == "message" and frame["from"] == "assistant" for frame in frames)
    root = next(span for span in made.get_finished_spans() if span.name == "turn")
    trace = f"{root.context.trace_id:032x}"

    def all_there():
        found = dialogue_server.traces.of_trace(trace)
        return {"chat-dialogue", "chat-actions"} <= {span.service for span in found} and found

    elsewhere = await asyncio.to_thread(eventually, all_there, "the spans of dialogue model and action server")
    own = {f"{span.context.span_id:016x}" for span in made.get_finished_spans() if span.context.trace_id == root.context.trace_id}
    parents = own | {span.id for span in elsewhere}
    assert all(span.parent in parents for span in elsewhere), "every span hangs on another one of this trace"
    assert {"dialogue turn"} <= {span.name for span in elsewhere}
    assert any(span.name.startswith("action ") for span in elsewhere)
    assert root.attributes["result"] == "answered" and root.attributes["conversation"] == parent.welcome["conversation"]
    everything = "".join(span.everything for span in elsewhere) + "".join(span.to_json() for span in made.get_finished_spans())
    assert "quinceblossom" not in everything and "two children" not in everything
