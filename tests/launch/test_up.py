"""`python -m chat_server up` with a dialogue model that runs elsewhere: here a tiny server that says it is ready."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from chat_server.launch.ports import free_port
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]


class ReadyModel(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        known = self.headers["Authorization"] == "Bearer a token of the operator"
        answer = json.dumps({"ready": True, "model": "elsewhere", "actions": True}).encode() if known else b"{}"
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def model_elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), ReadyModel) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_with_a_model_elsewhere_only_the_gateway_is_started_and_nothing_is_trained(model_elsewhere, tmp_path):
    port, data_dir = free_port(), tmp_path / "data"
    environ = {
        **os.environ, "CHAT_PORT": str(port), "CHAT_DATA_DIR": str(data_dir),
        "CHAT_RASA_URL": model_elsewhere, "CHAT_RASA_TOKEN": "a token of the operator",
    }
    with open(tmp_path / "output", "w+") as output:
        product = subprocess.Popen([sys.executable, "-m", "chat_server", "up"], cwd=ROOT, env=environ, stdout=output, stderr=output)
        try:
            said = (tmp_path / "output").read_text
            eventually(lambda: "Ctrl-C" in said() or product.poll() is not None, "the addresses are printed", 60)
            assert said().startswith("Starting: gateway.\n") and "Ready after" in said()
            assert list(json.loads((data_dir / "run/children.json").read_text())) == ["gateway"]
            assert httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).json()["model"] == "elsewhere"
            assert not (data_dir / "models").exists()
            assert data_dir.stat().st_mode & 0o077 == 0
        finally:
            product.terminate()
            assert product.wait(30) == 0


def test_a_setting_of_the_wrong_kind_is_named_in_one_line(tmp_path):
    refused = subprocess.run(
        [sys.executable, "-m", "chat_server", "up"], cwd=ROOT, env={**os.environ, "CHAT_PORT": "many"}, capture_output=True, text=True
    )
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1 and refused.stderr.startswith("CHAT_PORT: ")
