"""How a conversation begins, and how a token finds it again."""

import secrets
import uuid
from dataclasses import dataclass

from chat_server.core.conversation import Conversation
from chat_server.errors import Problem
from chat_server.protocol import Hello
from chat_server.services import Services

LETTERS = "23456789BCDFGHJKMNPQRTVWXYZ"
"""Of a reference: nothing that is taken for something else when read aloud, and no vowels that make words."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A new conversation with the token that resumes it; only a hash of the token is kept."""

    conversation: Conversation
    resume: str


async def begin(services: Services, hello: Hello) -> Begun:
    """Begin a conversation in the language and nation that the page told."""
    resume = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=uuid.uuid4().hex,
        ref=new_reference(),
        created_at=services.clock(),
        lang=hello.lang,
        nation=hello.nation,
        via=hello.via,
    )
    async with services.store.work() as work:
        await work.add(conversation, resume)
        await work.commit()
    return Begun(conversation, resume)


async def by_token(services: Services, ref: str, token: str | None) -> Conversation:
    """The conversation whose reference and token belong together. Raises Problem, alike for either being wrong."""
    if token:
        async with services.store.reading() as reading:
            conversation = await reading.by_resume(token)
        if conversation and secrets.compare_digest(conversation.ref, ref):
            return conversation
    raise Problem("not_found", "there is no such conversation for this token")


def new_reference() -> str:
    """A short public reference such as `K7QR-4MXW`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
