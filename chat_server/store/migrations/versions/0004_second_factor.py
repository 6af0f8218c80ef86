"""Sign-in codes, recovery codes, the organisation's own sign-in, and audit lines about accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("totp_secret", sa.String(length=400), nullable=True))
    op.add_column("agents", sa.Column("totp_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("agents", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column("agent_sessions", sa.Column("by_organisation", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "recovery_codes",
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_recovery_codes_agent_id"),
        sa.PrimaryKeyConstraint("agent_id", "code_hash", name="pk_recovery_codes"),
        comment="Each stands in for a code of the app, once",
    )
    op.create_table(
        "oidc_starts",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_oidc_starts"),
        comment="Sign-ins that were sent to the organisation and are not back yet",
    )
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("conversation_id", existing_type=sa.String(length=32), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM audit WHERE conversation_id IS NULL")
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("conversation_id", existing_type=sa.String(length=32), nullable=False)
    op.drop_table("oidc_starts")
    op.drop_table("recovery_codes")
    with op.batch_alter_table("agent_sessions") as batch:
        batch.drop_column("by_organisation")
    with op.batch_alter_table("agents") as batch:
        for column in ("totp_step", "totp_since", "totp_secret"):
            batch.drop_column(column)
