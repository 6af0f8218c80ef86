"""What anybody may ask without a conversation: topics and the directory."""

from typing import Any, Literal

from fastapi import APIRouter, Request

from chat_server.core import directory
from chat_server.core.topics import TOPICS
from chat_server.errors import Problem
from chat_server.protocol import Nation

router = APIRouter(prefix="/api", tags=["public"])

ALL = 100
"""A list for looking things up is whole; a reply in the chat names three at most."""


@router.get("/topics")
async def get_topics() -> dict[str, Any]:
    """The topics that the assistant recognises, with what a parent sees when one comes up."""
    return {
        "topics": [
            {"name": topic.name, "family": topic.family, "outcome": topic.outcome, "about": topic.about}
            for topic in TOPICS.values()
        ]
    }


@router.get("/directory")
async def get_directory(
    request: Request,
    topic: str,
    nation: Nation | None = None,
    audience: str | None = None,
    lang: Literal["en", "cy"] = "en",
) -> dict[str, Any]:
    """Organisations for a topic, best first, with the date of what is known about each."""
    if topic not in TOPICS:
        raise Problem("not_found", "there is no such topic")
    at = request.app.state.gateway.services.clock()
    found = directory.organisations(topic, nation, audience, at, limit=ALL)
    return {
        "topic": topic,
        "nation": nation,
        "reviewed_on": directory.DIRECTORY.reviewed_on,
        "organisations": [directory.card(organisation, nation, at, lang) for organisation in found],
    }
