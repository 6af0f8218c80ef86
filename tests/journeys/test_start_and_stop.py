"""The whole product started, hurt and stopped, as the person who runs it sees it. The tests are one story, in order."""

from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.stack import Stack, running_stack
from tests.waiting import eventually


@pytest.fixture(scope="module")
def product() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


def readyz(product: Stack) -> dict:
    return httpx.get(f"{product.url}/readyz", timeout=10, trust_env=False).json()


def test_a_fresh_start_prints_its_addresses_and_nothing_of_rasas_noise(product):
    said = eventually(lambda: "Ctrl-C" in product.output.read_text() and product.output.read_text(), "the addresses are printed")
    assert f"{product.url}/" in said and f"{product.url}/chat" in said and f"{product.url}/readyz" in said
    assert "Ready after" in said and "Training" not in said
    noise = [line for line in said.splitlines() if "still starting" not in line]
    assert "Warning" not in said and len(noise) < 9, said


def test_each_page_that_is_printed_is_there(product):
    printed = [word for word in product.output.read_text().split() if word.startswith(product.url)]
    assert len(printed) >= 3
    for address in printed:
        assert httpx.get(address, timeout=10, trust_env=False).status_code == 200, address


def test_the_dialogue_model_and_the_actions_are_reached_from_this_machine_alone(product):
    for name in ("dialogue", "actions"):
        service = psutil.Process(product.children()[name]["pid"])
        listening = {
            connection.laddr.ip
            for process in (service, *service.children(recursive=True))
            for connection in process.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}, name


@pytest.mark.parametrize("name", ["actions", "gateway"])
def test_a_killed_part_comes_back_and_readyz_says_so(product, name):
    restarts = readyz(product)["children"][name]["restarts"]
    product.kill_and_wait(name)
    assert readyz(product)["children"][name] == {
        "pid": product.children()[name]["pid"], "restarts": restarts + 1, "state": "running"
    }


def test_while_the_model_is_away_readyz_is_not_ready_and_the_gateway_stays_up_and_it_comes_back(product):
    product.kill("dialogue")
    eventually(lambda: product.readiness() == 503, "not ready")
    away = readyz(product)
    assert away["dialogue"] == "down" and away["store"] == "up"
    assert httpx.get(f"{product.url}/healthz", timeout=10, trust_env=False).status_code == 200
    product.wait_until_ready()
    assert readyz(product)["children"]["dialogue"]["restarts"] == 1


def test_at_last_term_stops_everything_and_leaves_no_orphan(product):
    services = [psutil.Process(child["pid"]) for child in product.children().values()]
    everything = [each for service in services for each in (service, *service.children(recursive=True))]
    product.stop()
    assert product.process.returncode == 0
    assert product.output.read_text().endswith("Stopped.\n")
    eventually(lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in everything), "all is gone", 5)
