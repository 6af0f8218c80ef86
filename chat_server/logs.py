"""Structured log lines: JSON with ids, codes and durations; never what anybody wrote.

The message of an exception may repeat what somebody wrote, and what libraries say at debug level does. So exceptions are
told by their kind and place, and debug is for our own lines alone.
"""

import logging
import sys
import traceback
from typing import Any

import structlog

TOLD = (OSError,)
"""Exceptions whose messages are the system's: a path, an address, a number."""
QUIET = ("httpx", "httpcore", "uvicorn.access", "uvicorn.error", "aiosqlite", "fontTools")
"""Libraries that tell addresses of browsers, or everything that they do."""


def set_up(level: str) -> None:
    """One JSON object a line on standard error, for our own lines and those of the libraries."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_where),
    ]
    written = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, written],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    own = structlog.stdlib.ProcessorFormatter
    handler.setFormatter(own(foreign_pre_chain=shared, processors=[own.remove_processors_meta, written]))
    logging.basicConfig(handlers=[handler], level=max(logging.INFO, logging.getLevelNamesMapping()[level.upper()]), force=True)
    for quiet in QUIET:
        logging.getLogger(quiet).setLevel(logging.WARNING)


def _where(info: Any) -> str:
    """An exception as kinds and places, the first cause first."""
    told = []
    error = info[1]
    while error is not None:
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
        said = f": {error}" if isinstance(error, TOLD) else ""
        told.append("\n".join([*places, f"{type(error).__module__}.{type(error).__qualname__}{said}"]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(told))
