"""Fixtures that every folder of tests may use: the real services, and the whole product."""

from collections.abc import Iterator

import pytest

from tests import services
from tests.stack import Stack, running_stack


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server on which databases may be made."""
    with services.a_postgres() as found:
        yield found.at


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database for this run of the tests, shared by them; dropped at the end."""
    with services.new_database(postgres_server) as url:
        yield url


@pytest.fixture
def clean_postgres_url(postgres_url: str) -> str:
    """The same database, emptied before this test."""
    services.empty_database(postgres_url)
    return postgres_url


@pytest.fixture
def new_postgres_url(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database for one test alone; dropped after it."""
    with services.new_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A numbered Redis database for this run of the tests; emptied at the end."""
    with services.a_redis() as found, services.own_redis_database(found.at) as url:
        yield url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of a Chromium that runs."""
    return services.a_chromium().at


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole product, started once for all tests that ask for it. A test that kills parts waits until it is ready again."""
    with running_stack() as running:
        yield running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test that used the whole product shows what the product said."""
    outcome = yield
    report = outcome.get_result()
    running = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(running, Stack):
        report.sections.append(("what the product said", running.everything_said()))
