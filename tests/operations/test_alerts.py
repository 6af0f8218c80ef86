"""Dashboard and alert rules name metrics that exist, and every alert has a section that says what to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

from chat_server import metrics
from tests.gateways import Server

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations"
PAGE = OPERATIONS.with_suffix(".md").read_text()
DASHBOARD = json.loads((OPERATIONS / "dashboard.json").read_text())
ALERTS = [rule for group in yaml.safe_load((OPERATIONS / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
OF_PROMETHEUS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""What the scraper and the client library add of themselves."""
SUFFIXES = {Histogram: ("_bucket", "_sum", "_count"), Counter: ("",), Gauge: ("",)}


def declared() -> dict[str, set[str]]:
    """The series of each metric of ours with the names of its labels."""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            name = metric._name + ("_total" if isinstance(metric, Counter) else "")
            for suffix in SUFFIXES[type(metric)]:
                found[name + suffix] = {*metric._labelnames, *({"le"} if suffix == "_bucket" else set())}
    return found


def expressions() -> Iterator[tuple[str, str]]:
    """Every query with the place where it stands."""
    for panel in DASHBOARD["panels"]:
        yield from ((f"panel {panel['title']}", target["expr"]) for target in panel.get("targets", ()))
    yield from ((f"alert {rule['alert']}", rule["expr"]) for rule in ALERTS)


QUERIES = list(expressions())


@pytest.mark.parametrize(("place", "query"), QUERIES, ids=[place for place, _ in QUERIES])
def test_every_query_can_be_read_and_names_metrics_and_labels_that_exist(place: str, query: str):
    promql_parser.parse(query)  # raises for what Prometheus would refuse
    known = declared()
    for name in set(re.findall(r"\b(?:chat_|process_)\w+|\bup\b", query)) - OF_PROMETHEUS:
        assert name in known, name
    labels = set().union(*known.values()) | {"instance", "job"}
    assert set(re.findall(r"[{,]\s*(\w+)\s*=", query)) <= labels


def test_every_metric_is_on_the_dashboard():
    shown = " ".join(query for place, query in QUERIES if place.startswith("panel"))
    missing = {name.removesuffix("_bucket") for name in declared() if not name.endswith(("_sum", "_count")) and name not in shown}
    assert missing == set()


def test_every_metric_says_what_it_is():
    assert [name for name, metric in vars(metrics).items() if isinstance(metric, Counter | Gauge | Histogram) and len(metric._documentation) < 15] == []


@pytest.mark.parametrize("rule", ALERTS, ids=[rule["alert"] for rule in ALERTS])
def test_every_alert_says_how_grave_it_is_and_has_a_section_with_what_to_do(rule):
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert len(rule["annotations"]["summary"]) > 15
    section = re.search(rf"^### {rule['alert']}\n(.+?)(?=^#|\Z)", PAGE, re.M | re.S)
    assert section and len(section[1].split()) >= 25


def test_no_section_is_about_an_alert_that_there_is_not():
    told = re.search(r"^## When an alarm rings\n(.+?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert told and set(re.findall(r"^### (\w+)$", told[1], re.M)) == {rule["alert"] for rule in ALERTS}


async def test_the_gauges_say_what_waits_who_is_here_and_what_works(server: Server):
    from tests.agents import add_agent

    await add_agent(server.services)
    async with server.parent() as calm, server.parent() as urgent, server.http() as http:
        await calm.do("human")
        await calm.hear("state", state="queued")
        await urgent.ask("I want to kill myself")
        text = (await http.get("/metrics")).text
        assert 'chat_queue_waiting{urgent="yes"} 1.0' in text and 'chat_queue_waiting{urgent="no"} 1.0' in text
        assert 'chat_agents_here{status="available"} 1.0' in text
        assert 'chat_part_up{part="store"} 1.0' in text and 'chat_part_up{part="bus"} 1.0' in text
        assert "chat_turns_waiting 0.0" in text and "chat_retention_overdue 0.0" in text
        assert re.search(r'chat_build_info\{model="fake-model",version="[\d.]+"\} 1.0', text)
        assert REGISTRY.get_sample_value("chat_queue_longest_wait_seconds", {"urgent": "yes"}) >= 0


async def test_without_the_store_no_old_number_is_told(server: Server, monkeypatch):
    async def gone() -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(server.services.store, "ping", gone)
    async with server.http() as http:
        text = (await http.get("/metrics")).text
        assert 'chat_part_up{part="store"} 0.0' in text
        assert "chat_turns_waiting NaN" in text and "chat_queue_waiting{" not in text
