"""Agents: who they are, who is signed in, notes, offers and their own canned replies"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.UniqueConstraint("email", name="uq_agents_email"),
    )
    op.create_table(
        "agent_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_sessions_agent_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_agent_sessions"),
        comment="Who is signed in; a row that is gone is a sign-in that has ended",
    )
    op.create_index("ix_agent_sessions_agent_id", "agent_sessions", ["agent_id"])
    op.create_table(
        "tickets",
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_hash"], ["agent_sessions.token_hash"], name="fk_tickets_token_hash", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name="pk_tickets"),
        comment="Each opens one socket of an agent, once",
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failures"),
        comment="By account and by address, both hashed, so that guessing is slow on every gateway",
    )
    op.create_index("ix_sign_in_failures_key", "sign_in_failures", ["key", "at"])
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_notes_conversation_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_notes_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        comment="Agents' private notes: never an event, so never on the way to a parent",
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id"])
    op.create_table(
        "offers",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_id", sa.String(length=32), nullable=False),
        sa.Column("to_id", sa.String(length=32), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_offers_conversation_id"),
        sa.ForeignKeyConstraint(["from_id"], ["agents.id"], name="fk_offers_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["agents.id"], name="fk_offers_to_id"),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_offers"),
        comment="A conversation that is offered to a colleague, who has to accept; one at a time",
    )
    op.create_table(
        "canned",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_canned_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_canned"),
        comment="Replies that an agent keeps ready; the team's own are wording",
    )
    op.create_index("ix_canned_agent_id", "canned", ["agent_id"])
    op.create_index("ix_conversations_state", "conversations", ["state"])
    op.create_index("ix_audit_cause", "audit", ["cause", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_cause", "audit")
    op.drop_index("ix_conversations_state", "conversations")
    for table in ("canned", "offers", "notes", "sign_in_failures", "tickets", "agent_sessions", "agents"):
        op.drop_table(table)
