"""How the tests come to their PostgreSQL, Redis and Chromium."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import redis

from tests import services

ROOT = Path(__file__).parents[2]


def test_an_installed_postgres_is_started_privately_and_gone_afterwards():
    binaries = services.installed_postgres()
    if not binaries:
        pytest.skip("no PostgreSQL server is installed here; the tests use the one that TEST_DATABASE_URL names")
    with services.private_postgres(binaries) as found, services.new_database(found.at) as url:
        services.run(services._execute(url, "create table t (i int)"))
        services.empty_database(url)
        with pytest.raises(asyncpg.UndefinedTableError):
            services.run(services._execute(url, "select * from t"))
    with pytest.raises(OSError):
        services.run(services._execute(found.at, "select 1"))


def test_an_installed_redis_is_started_privately_and_gone_afterwards():
    binary = services.installed_redis()
    if not binary:
        pytest.skip("no Redis server is installed here; the tests use the one that TEST_REDIS_URL names")
    with services.private_redis(binary) as found, services.own_redis_database(found.at) as one:
        with services.own_redis_database(found.at) as other:
            assert one != other
        with redis.Redis.from_url(one) as database:
            database.set("word", "x")
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(found.at).ping()


def test_a_redis_database_that_holds_something_is_left_alone(redis_url):
    with redis.Redis.from_url(redis_url) as ours:
        ours.set("word", "x")
        with services.own_redis_database(redis_url) as other:
            assert other != redis_url
        assert ours.get("word") == b"x"


def test_a_named_server_that_does_not_answer_is_an_error_and_not_passed_over(monkeypatch):
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x")
    monkeypatch.setenv("TEST_REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("TEST_CHROMIUM", "/nothing/here")
    for look in (services.running_postgres, services.running_redis, services.chromium):
        with pytest.raises(services.Missing, match="TEST_"):
            look()


def test_without_any_way_to_get_them_one_line_says_what_to_install(tmp_path):
    """A machine without servers, programs or apt-get: an empty PATH, and ports on which nothing listens."""
    code = (
        "import tests.services as s; "
        "s.running_postgres = s.installed_postgres = s.running_redis = s.installed_redis = s.chromium = lambda: None; "
        "import sys; sys.exit(s.main(['--version']))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert asked.returncode == 1 and asked.stdout == ""
    assert asked.stderr.count("\n") == 1 and "PostgreSQL and Redis and Chromium" in asked.stderr
