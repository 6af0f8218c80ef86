"""Is the process up, and would a parent's message be answered?"""

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chat_server.gateway import Gateway

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is up."""
    return {"status": "up"}


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """The state of every part; 503 unless a parent's message would be answered."""
    gateway: Gateway = request.app.state.gateway
    services = gateway.services
    parts = await gateway.observer.parts()
    ready = parts.would_answer and not gateway.draining
    words = parts.words()
    wording = services.wording.problem or "up"
    eye = services.screen.problem or "up"
    state = {
        "ready": ready,
        "degraded": ready and ("down" in (*words.values(), *parts.assistant.servers.values()) or wording != "up" or eye != "up"),
        **words,
        "model": parts.assistant.model,
        **({"dialogue_servers": parts.assistant.servers} if parts.assistant.servers else {}),
        "draining": gateway.draining,
        "wording": wording,
        "danger_eye": eye,
        "children": _children(services.settings.data_dir / "run" / "children.json"),
    }
    return JSONResponse(state, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus text."""
    gateway: Gateway = request.app.state.gateway
    await gateway.observer.refresh()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _children(path: Path) -> dict[str, Any]:
    """What the supervisor writes down about the processes beside this one."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
