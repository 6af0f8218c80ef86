"""Refusals with a stable code, and how each becomes an answer over HTTP (RFC 9457)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

STATUS = {
    "bad_frame": 400,
    "bad_input": 422,
    "too_long": 413,
    "slow_down": 429,
    "unavailable": 503,
    "id_reused": 409,
    "not_allowed": 403,
    "not_found": 404,
    "ended": 410,
    "taken": 409,
    "stale": 409,
    "closed_now": 409,
    "expired": 401,
}
"""HTTP status of each code of the protocol."""


class Problem(Exception):
    """A request or frame that is refused; nothing that was stored is lost by it."""

    def __init__(self, code: str, message: str, *, retry_after_ms: int | None = None, **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms
        self.more = more

    def frame(self, re: str | None) -> dict[str, Any]:
        """The `error` frame that answers the frame with id `re`."""
        frame: dict[str, Any] = {"type": "error", "re": re, "code": self.code, "message": self.message}
        if self.retry_after_ms is not None:
            frame["retry_after_ms"] = self.retry_after_ms
        return frame


def problem_response(problem: Problem) -> JSONResponse:
    """`application/problem+json` with the code of the protocol."""
    status = STATUS[problem.code]
    body = {"type": "about:blank", "title": problem.code.replace("_", " "), "status": status}
    body |= {"code": problem.code, "detail": problem.message, **problem.more}
    headers = {}
    if problem.retry_after_ms is not None:
        body["retry_after_ms"] = problem.retry_after_ms
        headers["Retry-After"] = str(-(-problem.retry_after_ms // 1000))
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def answer_problem(_request: Request, problem: Exception) -> JSONResponse:
    """The one place where a refusal becomes an HTTP answer."""
    assert isinstance(problem, Problem)
    return problem_response(problem)
