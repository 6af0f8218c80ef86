"""Retention: conversations that still have words are found by their age"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HAS_WORDS = sa.text("state <> 'erased'")


def upgrade() -> None:
    op.create_index(
        "ix_conversations_with_words", "conversations", ["created_at"], sqlite_where=HAS_WORDS, postgresql_where=HAS_WORDS
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_with_words", "conversations")
