"""Where conversations last: SQLAlchemy tables, one unit of work, migrations. SQLite (WAL) or PostgreSQL."""
