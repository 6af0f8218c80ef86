"""The parents' socket: hello, loop, bye. No rules of the conversation live here."""

from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from chat_server import conversations, inbox, replies
from chat_server import protocol as wire
from chat_server.connection import Connection
from chat_server.core.conversation import Conversation, State
from chat_server.errors import Problem
from chat_server.frame_socket import FrameSocket, accept
from chat_server.gateway import Gateway
from chat_server.metrics import REFUSED, SOCKETS
from chat_server.security import origin_is_allowed

log = structlog.get_logger(__name__)


async def parent_chat(ws: WebSocket) -> None:
    """Serve one parent's socket until either side leaves."""
    gateway: Gateway = ws.app.state.gateway
    connection, served = await accept(ws, gateway, origin_allowed=origin_is_allowed(ws.headers, gateway.services.settings))
    if served:
        SOCKETS.inc()
        try:
            await ParentSocket(ws, connection, gateway).serve()
        except WebSocketDisconnect:
            pass
        except Exception:
            log.exception("socket_failed", conversation=connection.conversation_id)
            connection.bye(wire.CLOSE_FAULT, "fault")
        finally:
            gateway.leave(connection)
            SOCKETS.dec()
    await connection.closed()


class ParentSocket(FrameSocket):
    """Reads the frames of one parent and hands them on."""

    def __init__(self, ws: WebSocket, connection: Connection, gateway: Gateway) -> None:
        super().__init__(ws, connection, gateway, REFUSED)
        self._services = gateway.services

    async def serve(self) -> None:
        hello = await self._first_frame(wire.parse_parent_frame, wire.Hello)
        if hello is None or not await self._hello(hello):
            return
        while not self._connection.closing:
            raw = await self._receive()
            if raw is None:
                return
            await self._frame(raw)

    # ------------------------------------------------------------------ frames

    async def _frame(self, raw: str) -> None:
        re: str | None = None
        try:
            frame = await self._parse(raw)
            re = getattr(frame, "id", None)
            await self._handle(frame)
            self._bad_frames = 0
        except wire.BadFrame as bad:
            self._refuse(bad)
        except Problem as problem:
            REFUSED.labels(problem.code).inc()
            self._connection.send(problem.frame(re))

    async def _parse(self, raw: str) -> Any:
        frame = wire.parse_parent_frame(raw)
        if len(raw.encode()) <= wire.FRAME_LIMIT or (isinstance(frame, wire.Say) and len(frame.text) > wire.LONGEST_TEXT):
            return frame
        if isinstance(frame, wire.Say) and (finding := (await self._services.screen.hear(frame.text)).finding):
            await self._gateway.inbox.show_help(self._connection.conversation_id, finding)
        raise wire.BadFrame(f"a frame has at most {wire.FRAME_LIMIT} bytes", getattr(frame, "id", None))

    async def _handle(self, frame: Any) -> None:
        connection = self._connection
        match frame:
            case wire.Hello():
                await self._hello(frame)
            case wire.Ping():
                connection.send({"type": "beat", "top": connection.top})
                if connection.top > connection.sent:
                    connection.catch_up()
            case wire.Seen():
                await self._relay({"type": "receipt", "who": "parent", "seq": min(frame.seq, connection.top)})
            case wire.Typing():
                await self._relay({"type": "typing", "who": "parent", "on": frame.on})
            case wire.Durable():
                await self._gateway.inbox.take(
                    connection.conversation_id, frame, lambda ack: connection.send(ack.frame())
                )
                if isinstance(frame, wire.End | wire.Erase):
                    self._close(wire.CLOSE_ENDED, "erased" if isinstance(frame, wire.Erase) else "ended")

    async def _relay(self, frame: dict[str, Any]) -> None:
        """What a parent does besides writing: heard by agents who watch, never echoed to the parent's own sockets."""
        await self._services.bus.publish(f"watch:{self._connection.conversation_id}", [frame])

    # ------------------------------------------------------------------ hello

    async def _hello(self, hello: wire.Hello) -> bool:
        """Begin, go on with, or catch up on a conversation; False when the socket is closed instead."""
        connection, services = self._connection, self._services
        again = connection.conversation_id
        if again and hello.resume is None:
            hello = hello.model_copy(update={"resume": connection.resume})
        if hello.resume is None:
            begun = await conversations.begin(services, hello)
            conversation, resume, resumed = begun.conversation, begun.resume, False
        else:
            async with services.store.reading() as reading:
                found = await reading.by_resume(hello.resume)
            if found is None:
                self._close(wire.CLOSE_BAD_TOKEN, "bad_token")
                return False
            conversation, resume, resumed = found, hello.resume, True
        if conversation.state is State.ERASED:
            self._close(wire.CLOSE_ENDED, "erased")
            return False
        if again and again != conversation.id:
            raise Problem("not_allowed", "this socket belongs to another conversation")
        if not again and not self._gateway.join(connection, conversation.id):
            self._close(wire.CLOSE_TOO_MANY, "too_many_sockets")
            return False
        connection.resume = resume
        await self._welcome(conversation, hello, resumed)
        return True

    async def _welcome(self, conversation: Conversation, hello: wire.Hello, resumed: bool) -> None:
        connection, services = self._connection, self._services
        at = services.clock()
        last_seq = min(hello.last_seq, conversation.top) if resumed else 0
        connection.queued = conversation.state is State.QUEUED
        connection.send(
            {
                "type": "welcome",
                "conversation": conversation.ref,
                "resume": connection.resume,
                "top": conversation.top,
                "state": conversation.state,
                "owner": conversation.owner,
                "version": conversation.version,
                "urgent": sorted(conversation.urgent),
                "resumed": resumed,
                "lang": conversation.lang,
                "nation": conversation.nation,
                "limits": wire.LIMITS | {"beat_s": services.settings.beat_every_s},
                "open": services.opening.is_open(at),
                "greeting": replies.greeting(services, conversation, at),
            }
        )
        connection.follow(conversation.id, last_seq, conversation.top, self._gateway.replay)
        if not resumed:
            return
        await connection.replay()
        async with services.store.reading() as reading:
            answered = await reading.answered_since(conversation.id, last_seq)
        for seq in answered:
            connection.send({"type": "done", "in_reply_to": seq})
        if connection.queued:
            frame = await inbox.place(services, conversation)
            if frame:
                connection.send(frame)
