"""Rasa's server with the gateway's channel and nothing else.

    .venv-rasa/bin/python -m dialogue.serve --model VAR/models/<version>.tar.gz --port 5005

Environment: CHAT_RASA_TOKEN (needed), CHAT_ACTIONS_URL (the action server's /webhook), CHAT_DATA_DIR (models are loaded
from its folder `models` only), CHAT_TRACES_URL (where traces go, if anywhere). `command` gives this line to whoever starts processes.

Not `rasa run`: that also serves Rasa's own HTTP interface, through which anybody on the machine could load a model or
read a conversation, and it builds Rasa's own processor.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import Any, List, Optional, Text

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
# One message is too little to share out: a second thread for its sums costs as much again as the turn itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore", category=DeprecationWarning)
warnings.filterwarnings("ignore", category=FutureWarning)

HERE = Path(__file__).parent
LOOPBACK = "127.0.0.1"
VERSION = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


def command(python: Text, model: Path, port: int) -> List[Text]:
    """The command line that starts this server."""
    return [python, "-m", "dialogue.serve", "--model", str(model), "--port", str(port)]


def models_folder() -> Path:
    """Where our own builds lie, and the only place from which a model is loaded."""
    return Path(os.environ.get("CHAT_DATA_DIR", "./var")).resolve() / "models"


def own_model(version: Any) -> Path:
    """The file of a model of ours. Raises ValueError for a name that is none, FileNotFoundError where it is not there."""
    if not isinstance(version, str) or not VERSION.match(version):
        raise ValueError("model: the version of a model of ours is needed")
    path = models_folder() / f"{version}.tar.gz"
    if not path.is_file():
        raise FileNotFoundError(f"model: there is no {version} in the models folder")
    return path


def own_file(path: Path) -> Path:
    """The path, when it is a file in the models folder. Raises ValueError otherwise: a model file can run code."""
    path = path.resolve()
    if path.parent != models_folder() or not path.is_file():
        raise ValueError(f"{path.name} is no model in {models_folder()}")
    return path


def make_agent(model: Path) -> Any:
    """Rasa's agent with our processor, keys and memory."""
    from rasa.core.agent import Agent
    from rasa.core.nlg import NaturalLanguageGenerator
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints

    from dialogue.lean_actions import KeptConnection
    from dialogue.turn_processor import TurnProcessor

    class GatewayAgent(Agent):
        """Swaps its processor as a whole, so a turn in progress ends with the model that it began with."""

        @staticmethod
        def _create_tracker_store(store: Any, domain: Any) -> Any:
            return store  # memory of one turn needs no stand-in for when it cannot be reached

        def load_model(self, model_path: Any, fingerprint: Optional[Text] = None) -> None:
            processor = TurnProcessor(
                model_path=str(model_path),
                tracker_store=self.tracker_store,
                lock_store=self.lock_store,
                action_endpoint=self.action_endpoint,
                generator=self.nlg,
            )
            self.tracker_store.domain = processor.domain
            self.domain = processor.domain
            self.processor = processor

        def swap_model(self, version: Any) -> None:
            """Load another model of ours; the one in use stays when that fails."""
            self.load_model(own_model(version))

        @property
        def version(self) -> Optional[Text]:
            """The version of the model in use: its file's name."""
            name = self.model_name
            return name.partition(".")[0] if name else None

        async def actions_answer(self) -> bool:
            """Whether the action server is well."""
            return self.action_endpoint is not None and await self.action_endpoint.answers()

    endpoints = AvailableEndpoints.read_endpoints(str(HERE / "endpoints.yml"))
    agent = GatewayAgent(
        generator=NaturalLanguageGenerator.create(endpoints.nlg, None),
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        action_endpoint=KeptConnection.to(endpoints.action),
    )
    agent.load_model(model)
    return agent


def make_app(model: Path) -> Any:
    """The Sanic application: our channel alone."""
    from rasa.core.channels import channel
    from sanic import Sanic

    from dialogue.gateway_channel import GatewayInput

    app = Sanic("dialogue", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = 75
    channel.register([GatewayInput.from_credentials(None)], app, route="/webhooks/")
    app.register_listener(partial(_load, model), "before_server_start")
    app.register_listener(_close, "after_server_stop")
    return app


async def _load(model: Path, app: Any, loop: Any) -> None:
    from dialogue import tracing

    tracing.start()
    app.ctx.agent = make_agent(model)
    print(f"The dialogue model {app.ctx.agent.version} is ready.", flush=True)


async def _close(app: Any, loop: Any) -> None:
    agent = getattr(app.ctx, "agent", None)
    if agent is not None and agent.action_endpoint is not None:
        await agent.action_endpoint.close()
    from dialogue import tracing

    tracing.stop()


def main(arguments: Optional[List[Text]] = None) -> None:
    """Serve until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m dialogue.serve", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a file in the models folder")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--host", default=LOOPBACK, help="another address only inside a container's own network")
    parser.add_argument("--log-level", default=os.environ.get("CHAT_LOG_LEVEL", "WARNING"))
    options = parser.parse_args(arguments)
    level = logging.getLevelName(options.log_level.upper())
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        from rasa.utils.log_utils import configure_structlog

        configure_structlog(level)
        model = own_file(options.model)
        app = make_app(model)
    except Exception as refused:  # a start that cannot work says why in one line
        sys.exit(f"The dialogue model was not started: {refused}")
    app.run(host=options.host, port=options.port, workers=1, access_log=False, motd=False)


if __name__ == "__main__":
    main()
