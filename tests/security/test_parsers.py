"""Whatever arrives, a parser answers with a frame or with a refusal that repeats nothing of it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.agent_protocol import AgentFrame, parse_agent_frame
from chat_server.protocol import BadFrame, Frame, ParentFrame, parse_durable, parse_parent_frame

PARSERS = {"parent": (parse_parent_frame, ParentFrame), "agent": (parse_agent_frame, AgentFrame)}
MARK = "quinceblossom"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(MARK) | st.integers(min_value=2**62),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(["type", "id", "text"]), inner, max_size=5),
    max_leaves=12,
)


def types_of(union: Any) -> list[type[Frame]]:
    return list(union.__origin__.__args__)


def nearly(frames: list[type[Frame]]) -> st.SearchStrategy[dict[str, Any]]:
    """Frames with the right type and names of fields, and anything in them."""

    def fields(frame: type[Frame]) -> st.SearchStrategy[dict[str, Any]]:
        names = [name for name in frame.model_fields if name != "type"]
        sensible = st.just("9a3c1e52-0f1d-4c6b-9d5e-0123456789ab") | st.integers(0, 9) | st.sampled_from(["en", "available", "helped", "self_harm"])
        return st.fixed_dictionaries({"type": st.just(frame.model_fields["type"].default)}, optional={name: sensible | anything for name in names})

    return st.sampled_from(frames).flatmap(fields)


def parsed(parse: Any, raw: Any) -> Frame | None:
    """The frame, or None for a refusal that says what is wrong without repeating it."""
    try:
        frame = parse(raw)
    except BadFrame as refused:
        assert refused.code == "bad_frame" and refused.message and MARK not in refused.message
        json.dumps(refused.frame(refused.re))
        return None
    assert isinstance(frame, Frame)
    json.dumps(frame.model_dump(mode="json")).encode()  # every store and every socket can keep it
    return frame


@pytest.mark.parametrize("side", PARSERS)
@settings(max_examples=100, deadline=None)
@given(raw=st.text() | anything.map(json.dumps) | st.text().map(lambda text: text * 2000))
def test_any_text_is_a_frame_or_a_refusal(side: str, raw: str):
    parsed(PARSERS[side][0], raw)


@pytest.mark.parametrize("side", PARSERS)
def test_frames_that_are_nearly_right_are_frames_or_refusals(side: str):
    parse, union = PARSERS[side]
    seen: set[bool] = set()

    @settings(max_examples=200, deadline=None)
    @given(frame=nearly(types_of(union)))
    def check(frame: dict[str, Any]) -> None:
        seen.add(parsed(parse, json.dumps(frame)) is None)

    check()
    assert seen == {True, False}, "the search reaches both good and bad frames"


@settings(max_examples=100, deadline=None)
@given(data=nearly(types_of(ParentFrame)))
def test_what_comes_over_http_is_a_frame_or_a_refusal(data: dict[str, Any]):
    parsed(parse_durable, data)


@pytest.mark.parametrize("side", PARSERS)
@pytest.mark.parametrize("raw", ["[" * 50_000, '{"a":' * 50_000, "1" * 50_000, '{"type": "say", "type": "ping"}', '"\\ud800"', "NaN", "{\"type\": \"seen\", \"seq\": 1e400}"])
def test_known_nasty_texts_are_refusals_or_frames(side: str, raw: str):
    parsed(PARSERS[side][0], raw)
