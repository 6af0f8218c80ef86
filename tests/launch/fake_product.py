"""The real supervisor as a process of its own, over two stand-in services instead of Rasa and the gateway.

    python -m tests.launch.fake_product DATA_DIR [manner of the second service]
"""

import asyncio
import sys
from pathlib import Path

from chat_server.launch.ports import free_port
from chat_server.launch.children import Backoff, Service, accepts
from chat_server.launch.supervisor import Supervisor, owned, supervise, until_told, watching

FAKE = str(Path(__file__).with_name("fake_service.py"))


def service(name: str, *manner: str, grace_s: float = 5.0) -> Service:
    port = free_port()
    return Service(name, (sys.executable, "-I", "-S", FAKE, str(port), *manner), port, grace_s=grace_s)


async def product(data_dir: Path, manner: list[str]) -> None:
    with owned(data_dir), watching() as watchdog:
        services = [service("actions"), service("gateway", *manner, grace_s=0.2)]

        async def ready() -> bool:
            return all([await accepts(each.host, each.port) for each in services])

        supervisor = Supervisor(services, data_dir, watchdog, backoff=Backoff(first_s=0.05, most_s=0.2))
        await supervise(supervisor, ready, lambda: "ports " + " ".join(str(each.port) for each in services))


if __name__ == "__main__":
    sys.exit(asyncio.run(until_told(lambda: product(Path(sys.argv[1]), sys.argv[2:]))))
