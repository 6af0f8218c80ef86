"""The supervisor as a process of its own, over tiny stand-in services (fake_service.py) instead of Rasa and the gateway.

The same promises over the real product are tests/journeys' business.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from chat_server.launch.ports import free_port, listen_problem
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]


class Product:
    """A running supervisor, and what a person or the gateway sees of it."""

    def __init__(self, data_dir: Path, *manner: str) -> None:
        self.data_dir = data_dir
        self.output = data_dir.with_suffix(".out")
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.launch.fake_product", str(data_dir), *manner],
                cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> "Product":
        eventually(lambda: "\nports " in self.said() or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, self.said()
        return self

    def children(self) -> dict:
        record = self.data_dir / "run/children.json"
        return json.loads(record.read_text()) if record.exists() else {}

    def ports(self) -> list[int]:
        return [int(port) for line in self.said().splitlines() if line.startswith("ports") for port in line.split()[1:]]

    def processes(self) -> list[psutil.Process]:
        """The services and whatever they started, without the supervisor and its watchdog."""
        services = [psutil.Process(child["pid"]) for child in self.children().values()]
        return [each for service in services for each in (service, *service.children(recursive=True))]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


@pytest.fixture
def start(tmp_path):
    started: list[Product] = []

    def run(name: str = "data", *manner: str) -> Product:
        started.append(Product(tmp_path / name, *manner))
        return started[-1]

    yield run
    for product in started:
        product.stop()


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_a_killed_service_comes_back_and_that_is_written_down(start):
    product = start().wait_until_ready()
    before = product.children()
    assert {name: child["state"] for name, child in before.items()} == {"actions": "running", "gateway": "running"}

    os.kill(before["actions"]["pid"], signal.SIGKILL)

    def back() -> bool:
        actions = product.children()["actions"]
        return actions["restarts"] == 1 and actions["state"] == "running" and actions["pid"] != before["actions"]["pid"]

    eventually(back, "the service runs again")
    assert product.children()["gateway"] == before["gateway"]
    assert "actions was ended by SIGKILL; starting it again in 0.05 s." in product.said()


def test_what_a_killed_service_had_started_does_not_keep_its_port(start):
    product = start().wait_until_ready()
    worker = product.processes()[1]
    assert worker.name() == "sleep"
    os.kill(product.children()["actions"]["pid"], signal.SIGKILL)
    eventually(lambda: gone([worker]), "the worker is gone")


def test_the_wait_grows_with_each_death(start):
    product = start("data", "doomed")
    assert product.process.wait(20) == 1
    delays = [line.split(" again in ")[1].split(" s.")[0] for line in product.said().splitlines() if " again in " in line]
    assert delays == ["0.05", "0.1", "0.2"]


def test_a_service_that_never_stays_up_ends_the_start_with_its_own_words(start):
    product = start("data", "doomed")
    assert product.process.wait(20) == 1
    assert "gateway does not stay up" in product.said() and "no such configuration" in product.said()
    assert product.children() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_stops_everything(start, number):
    product = start().wait_until_ready()
    processes, ports = product.processes(), product.ports()
    assert len(processes) == 4
    product.process.send_signal(number)
    assert product.process.wait(20) == 0
    eventually(lambda: gone(processes), "all services are gone", within_s=5)
    assert [listen_problem("127.0.0.1", port) for port in ports] == [None, None]
    assert product.children() == {}


def test_a_service_that_does_not_listen_to_term_is_killed(start):
    product = start("data", "stubborn").wait_until_ready()
    processes = product.processes()
    product.process.terminate()
    assert product.process.wait(20) == 0
    eventually(lambda: gone(processes), "all services are gone", within_s=5)


def test_a_killed_supervisor_leaves_no_orphan(start):
    product = start().wait_until_ready()
    processes = product.processes()
    product.process.kill()
    product.process.wait(20)
    eventually(lambda: gone(processes), "all services are gone")


def test_two_copies_run_side_by_side(start):
    one, other = start("one").wait_until_ready(), start("other").wait_until_ready()
    assert not set(one.ports()) & set(other.ports())
    processes = one.processes()
    one.stop()
    eventually(lambda: gone(processes), "all services are gone", within_s=5)
    assert {child["state"] for child in other.children().values()} == {"running"}
    assert not gone(other.processes())


def test_the_same_data_folder_twice_is_refused_in_one_line(start):
    first = start("data").wait_until_ready()
    second = subprocess.run(
        [sys.executable, "-m", "tests.launch.fake_product", str(first.data_dir)], cwd=ROOT, capture_output=True, text=True, timeout=20
    )
    assert second.returncode == 1 and second.stdout == ""
    assert second.stderr.count("\n") == 1 and str(first.process.pid) in second.stderr and "CHAT_DATA_DIR" in second.stderr
    assert {child["state"] for child in first.children().values()} == {"running"}


def test_the_output_of_services_is_in_their_logs_and_not_on_the_terminal(start):
    product = start().wait_until_ready()
    log = product.data_dir / "logs/actions.log"
    assert log.read_text().startswith("worker ") and "worker" not in product.said()
    assert log.stat().st_mode & 0o077 == 0


def test_a_taken_port_is_refused_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        environ = {**os.environ, "CHAT_PORT": str(port), "CHAT_DATA_DIR": str(tmp_path)}
        refused = subprocess.run(
            [sys.executable, "-m", "chat_server", "up"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=20
        )
    assert refused.returncode == 1 and refused.stdout == ""
    assert refused.stderr.count("\n") == 1 and f"Port {port}" in refused.stderr and "CHAT_PORT" in refused.stderr
