"""How many estimates a second one core works out, and how long `POST /api/estimate` takes over a real socket.

    python -m benchmarks.estimate

Goals: 2,000 a second in the pure function; 99 of 100 answers over HTTP within 10 ms.
"""

import asyncio
import statistics
import threading
import time
from datetime import date

import httpx
import uvicorn
from fastapi import FastAPI

from chat_server.core.estimate import estimate
from chat_server.core.figures import in_force
from chat_server.core.household import parse_household
from chat_server.estimate_api import router

ONE_HOME = {
    "income": {"amount": "28000", "period": "year"},
    "pension": {"amount": "100", "period": "month"},
    "receiving_parents": [{"name": "A", "children": [{"nights_per_year": 60}, {"nights_per_year": 60}]}],
    "other_children_at_home": 1,
}
TWO_HOMES = ONE_HOME | {
    "historic_income": {"amount": "40000", "period": "year"},
    "receiving_parents": [
        {"name": "A", "children": [{"nights_per_year": 110}, {"nights_per_year": 60}]},
        {"name": "B", "children": [{"nights_per_year": 180}]},
    ],
}
ROUNDS = 5000
REQUESTS = 2000


def main() -> None:
    figures = in_force(date.today())
    for name, data in (("one home", ONE_HOME), ("two homes, different nights", TWO_HOMES)):
        started = time.perf_counter()
        for _ in range(ROUNDS):
            estimate(parse_household(data), figures).to_dict()
        print(f"{name}: {ROUNDS / (time.perf_counter() - started):,.0f} estimates a second on one core")
    asyncio.run(over_http())


async def over_http() -> None:
    app = FastAPI()
    app.include_router(router)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        took = [await _timed(client, TWO_HOMES) for _ in range(REQUESTS)]
    server.should_exit = True
    thread.join()
    cuts = statistics.quantiles(took, n=100)
    print(f"over HTTP, one after another: median {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms of {REQUESTS}")


async def _timed(client: httpx.AsyncClient, data: dict) -> float:
    started = time.perf_counter()
    (await client.post("/api/estimate", json=data)).raise_for_status()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
