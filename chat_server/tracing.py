"""Traces: one for each turn of the assistant, from the gateway through the dialogue model to the action server.

Spans hold names, references, results and times; never what anybody wrote, and so never the message of an exception.
Without a place to send them to, nothing is made and nothing of OpenTelemetry is loaded.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

P = ParamSpec("P")
R = TypeVar("R")

_provider: TracerProvider | None = None


def start(url: str | None, processor: SpanProcessor | None = None) -> None:
    """Send traces there from now on, in the background; tests give a processor of their own."""
    global _provider
    if not url and processor is None:
        return
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider

    _provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "chat-gateway"}))
    _provider.add_span_processor(processor or _sender(url or ""))


def stop() -> None:
    """Send what is left, and make no more."""
    global _provider
    if _provider:
        _provider.shutdown()
        _provider = None


def span(name: str, **attributes: Any) -> AbstractContextManager[Any]:
    """A part of the trace, for as long as the block runs."""
    return _span(_provider, name, attributes) if _provider else nullcontext()


def traced(name: str, about: Callable[P, dict[str, Any]]) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Make each call of a coroutine function a span; `about` says what of its arguments may be told."""

    def wrap(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(function)
        async def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            if not _provider:
                return await function(*args, **kwargs)
            with _span(_provider, name, about(*args, **kwargs)):
                return await function(*args, **kwargs)

        return inside

    return wrap


def note(**attributes: Any) -> None:
    """Say something more of the span that runs now."""
    if _provider:
        from opentelemetry import trace

        trace.get_current_span().set_attributes(attributes)


def headers() -> dict[str, str]:
    """What the next process needs to go on with the trace (W3C trace context)."""
    carrier: dict[str, str] = {}
    if _provider:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(carrier)
    return carrier


@contextmanager
def _span(provider: TracerProvider, name: str, attributes: dict[str, Any]) -> Iterator[Any]:
    from opentelemetry.trace import Status, StatusCode

    tracer = provider.get_tracer("chat_server")
    with tracer.start_as_current_span(name, attributes=attributes, record_exception=False, set_status_on_exception=False) as current:
        try:
            yield current
        except Exception as broken:
            current.set_status(Status(StatusCode.ERROR, type(broken).__name__))
            raise


def _sender(url: str) -> SpanProcessor:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=url))
