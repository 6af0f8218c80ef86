"""The agents' socket: a ticket, then frames. No rules of the desk live here."""

from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from chat_server import agent_protocol as wire
from chat_server import protocol
from chat_server.connection import Connection
from chat_server.core.board import Agent
from chat_server.core.conversation import LEASE, WRAP_UP_LIMIT
from chat_server.desks import Link
from chat_server.errors import Problem
from chat_server.frame_socket import FrameSocket, accept
from chat_server.gateway import Gateway
from chat_server.metrics import AGENT_REFUSED, AGENT_SOCKETS
from chat_server.security import origin_is_own

log = structlog.get_logger(__name__)

RENEW_EVERY_S = 5.0
"""Signs of life nearer together than this count as one."""


def me(agent: Agent) -> dict[str, Any]:
    """An agent as their own console knows them."""
    return {
        "agent": agent.id, "name": agent.name, "email": agent.email, "role": agent.role,
        "status": agent.status, "places": agent.places,
    }


async def agent_desk(ws: WebSocket) -> None:
    """Serve one socket of an agent until either side leaves."""
    gateway: Gateway = ws.app.state.gateway
    connection, served = await accept(ws, gateway, origin_allowed=origin_is_own(ws.headers))
    if served:
        with AGENT_SOCKETS.track_inprogress():
            await AgentSocket(ws, connection, gateway).serve()
    await connection.closed()


class AgentSocket(FrameSocket):
    """Reads the frames of one agent and hands them to the desk."""

    def __init__(self, ws: WebSocket, connection: Connection, gateway: Gateway) -> None:
        super().__init__(ws, connection, gateway, AGENT_REFUSED)
        self._desk, self._desks = gateway.desk, gateway.desks
        self._link: Link

    async def serve(self) -> None:
        try:
            link = await self._sign_on()
            if link is None:
                return
            self._link = link
            try:
                await self._welcome()
                while not self._connection.closing:
                    raw = await self._receive()
                    if raw is None:
                        return
                    await self._frame(raw)
            finally:
                self._desks.leave(link)
        except WebSocketDisconnect:
            pass
        except Problem:  # the sign-in has ended between the ticket and the welcome
            self._close(protocol.CLOSE_BAD_TOKEN, "signed_out")
        except Exception:
            log.exception("agent_socket_failed")
            self._connection.bye(protocol.CLOSE_FAULT, "fault")

    # ------------------------------------------------------------------ hello

    async def _sign_on(self) -> Link | None:
        """The ticket is used up; None when the socket is closed instead."""
        hello = await self._first_frame(wire.parse_agent_frame, wire.AgentHello)
        if hello is None:
            return None
        services = self._gateway.services
        at = services.clock()
        async with services.store.work() as work:
            token_hash = await work.use_ticket(hello.ticket, at)
            agent = await work.signed_in(token_hash, at) if token_hash else None
            await work.commit()
        if token_hash is None or agent is None:
            self._close(protocol.CLOSE_BAD_TOKEN, "bad_ticket")
            return None
        link = Link(self._connection, agent, token_hash)
        if not self._desks.join(link):
            self._close(protocol.CLOSE_TOO_MANY, "too_many_sockets")
            return None
        return link

    async def _welcome(self) -> None:
        link, settings = self._link, self._gateway.services.settings
        link.send(
            {
                "type": "welcome",
                "version": protocol.SUBPROTOCOL,
                "agent": me(link.agent),
                "limits": {
                    "text_max": protocol.LONGEST_TEXT,
                    "note_max": wire.LONGEST_NOTE,
                    "frame_bytes": protocol.FRAME_LIMIT,
                    "beat_s": settings.beat_every_s,
                },
                "lease_s": int(LEASE.total_seconds()),
                "wrap_up_s": int(WRAP_UP_LIMIT.total_seconds()),
                "outcomes": list(wire.OUTCOMES),
            }
        )
        await self._sign_of_life()
        await self._desks.show(link)

    # ------------------------------------------------------------------ frames

    async def _frame(self, raw: str) -> None:
        re: str | None = None
        try:
            frame = wire.parse_agent_frame(raw)
            re = getattr(frame, "id", None)
            await self._sign_of_life()
            await self._handle(frame)
            self._bad_frames = 0
        except protocol.BadFrame as bad:
            self._refuse(bad)
        except Problem as problem:
            AGENT_REFUSED.labels(problem.code).inc()
            self._connection.send(problem.frame(re) | problem.more)
            if problem.code == "expired":
                self._close(protocol.CLOSE_BAD_TOKEN, "signed_out")

    async def _handle(self, frame: Any) -> None:
        link = self._link
        match frame:
            case wire.Act():
                done = await self._desk.take(link.token_hash, frame, lambda done: link.send(done.frame()))
                if isinstance(frame, wire.Claim | wire.Accept) and not done.dup:
                    await self._open(done.conversation, None)
            case wire.Watch(conversation=ref, last_seq=last_seq):
                await self._open(ref, last_seq)
            case wire.Unwatch(conversation=ref):
                self._desks.unwatch(link, ref)
            case wire.AgentSeen() | wire.AgentTyping():
                await self._desk.relay(link.token_hash, frame)
            case wire.Presence():
                await self._desk.present(link.token_hash, frame)
            case protocol.Ping():
                link.send({"type": "beat", "dseq": link.dseq})
            case wire.AgentHello():
                raise Problem("not_allowed", "this socket has said hello")

    async def _open(self, ref: str, last_seq: int | None) -> None:
        opened = await self._desk.open(self._link.token_hash, ref, "watched")
        await self._desks.watch(self._link, opened.conversation, last_seq)

    async def _sign_of_life(self) -> None:
        """Whatever the agent sends keeps what they have."""
        now = self._gateway.monotonic()
        if now - self._link.renewed_at >= RENEW_EVERY_S:
            self._link.renewed_at = now
            self._link.send(await self._desk.renew(self._link.token_hash))
