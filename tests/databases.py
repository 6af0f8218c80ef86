"""A PostgreSQL database that several tests share, made new for each without making its tables again."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from chat_server.settings import Settings
from chat_server.store.migrate import upgrade

OURS = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


async def empty_tables(url: str) -> None:
    """Bring the database to its newest form and take every row out."""
    assert "/chat_test_" in url, "only a database that the tests made is emptied"
    database = Settings(database_url=url).database
    await upgrade(database)
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        names = (await connection.execute(sa.text(OURS))).scalars().all()
        await connection.execute(sa.text(f"TRUNCATE {', '.join(names)}"))
    await engine.dispose()
