"""The tables. Words in a conversation live in `events.body`, `turns`, `ratings` and `notes` alone, and the reason for taking a
danger mark off in `audit.detail`, so that erasing is complete."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = sa.JSON().with_variant(JSONB(), "postgresql")


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time, also where the database keeps no zone (SQLite)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None or value.tzinfo:
            return value
        return value.replace(tzinfo=UTC)


conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(16), nullable=False, unique=True),
    sa.Column("resume_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("agent_id", sa.String(32)),
    sa.Column("agent_name", sa.String(120)),
    sa.Column("lease_until", UtcTime),
    sa.Column("top", sa.Integer, nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("lang", sa.String(8), nullable=False),
    sa.Column("nation", sa.String(24)),
    sa.Column("via", sa.String(200)),
    sa.Column("presence", sa.String(8), nullable=False),
    sa.Column("safe_contact", Json),
    sa.Column("urgent", Json, nullable=False),
    sa.Column("topic", sa.String(64)),
    sa.Column("queued_at", UtcTime),
    sa.Column("lost_agent", sa.Boolean, nullable=False),
    sa.Column("is_urgent", sa.Boolean, nullable=False),
    sa.Column("wrap_up_until", UtcTime),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("memory", Json),
    sa.Column("recent_keys", Json, nullable=False),
)

# The queue is a query: those in state queued, urgent first, then lost agent, then by time.
sa.Index(
    "ix_conversations_queue",
    conversations.c.is_urgent.desc(),
    conversations.c.lost_agent.desc(),
    conversations.c.queued_at,
    sqlite_where=conversations.c.state == "queued",
    postgresql_where=conversations.c.state == "queued",
)

# Whose words are past their time: as many rows as the rule keeps, however many were erased before.
sa.Index(
    "ix_conversations_with_words",
    conversations.c.created_at,
    sqlite_where=conversations.c.state != "erased",
    postgresql_where=conversations.c.state != "erased",
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("body", Json, nullable=False),
)

inbound = sa.Table(
    "inbound",
    metadata,
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    comment="Every durable frame that was accepted, so that the same id is answered the same way again",
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text),
    sa.Column("payload", sa.Text),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.String(32)),
    sa.Column("claimed_until", UtcTime),
    sa.Column("noticed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("done_at", UtcTime),
    sa.Column("result", sa.String(24)),
)

sa.Index(
    "ix_turns_waiting",
    turns.c.created_at,
    sqlite_where=turns.c.done_at.is_(None),
    postgresql_where=turns.c.done_at.is_(None),
)

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("answers", Json, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), index=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("from_state", sa.String(16), nullable=False),
    sa.Column("to_state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("detail", Json, nullable=False),
    comment="Lines about an account belong to no conversation",
)

# What stands on the desks is found by state, the latest waits and readings by cause.
sa.Index("ix_conversations_state", conversations.c.state)
sa.Index("ix_audit_cause", audit.c.cause, audit.c.id)

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("email", sa.String(200), nullable=False, unique=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("seen_at", UtcTime),
    sa.Column("disabled_at", UtcTime),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("totp_secret", sa.String(400), comment="Sealed where the settings name a key; without `totp_since` not confirmed"),
    sa.Column("totp_since", UtcTime),
    sa.Column("totp_step", sa.BigInteger, comment="The latest step whose code was used: no code is used twice"),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("agent_id", sa.String(32), sa.ForeignKey("agents.id"), primary_key=True),
    sa.Column("code_hash", sa.String(64), primary_key=True),
    comment="Each stands in for a code of the app, once",
)

agent_sessions = sa.Table(
    "agent_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("agent_id", sa.String(32), sa.ForeignKey("agents.id"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("by_organisation", sa.Boolean, nullable=False, server_default=sa.false()),
    comment="Who is signed in; a row that is gone is a sign-in that has ended",
)

oidc_starts = sa.Table(
    "oidc_starts",
    metadata,
    sa.Column("state_hash", sa.String(64), primary_key=True),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    comment="Sign-ins that were sent to the organisation and are not back yet",
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("ticket_hash", sa.String(64), primary_key=True),
    sa.Column("token_hash", sa.String(64), sa.ForeignKey("agent_sessions.token_hash", ondelete="CASCADE"), nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    comment="Each opens one socket of an agent, once",
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_sign_in_failures_key", "key", "at"),
    comment="By account and by address, both hashed, so that guessing is slow on every gateway",
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("agent_id", sa.String(32), sa.ForeignKey("agents.id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    comment="Agents' private notes: never an event, so never on the way to a parent",
)

offers = sa.Table(
    "offers",
    metadata,
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("from_id", sa.String(32), sa.ForeignKey("agents.id"), nullable=False),
    sa.Column("to_id", sa.String(32), sa.ForeignKey("agents.id"), nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    comment="A conversation that is offered to a colleague, who has to accept; one at a time",
)

canned = sa.Table(
    "canned",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("agent_id", sa.String(32), sa.ForeignKey("agents.id"), nullable=False, index=True),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("lang", sa.String(8), nullable=False),
    comment="Replies that an agent keeps ready; the team's own are wording",
)
