"""Traces of the dialogue model, when `CHAT_TRACES_URL` says where they go: turns and calls of actions, never words."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import Any, ContextManager, Dict, Iterator, Mapping, Optional, Text

VARIABLE = "CHAT_TRACES_URL"

_provider: Optional[Any] = None


def start(processor: Optional[Any] = None) -> None:
    """Send traces from now on; without a place to send them to, nothing is loaded. Tests give a processor of their own."""
    global _provider
    url = os.environ.get(VARIABLE)
    if not url and processor is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    _provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "chat-dialogue"}))
    _provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))


def stop() -> None:
    """Send what is left."""
    if _provider is not None:
        _provider.shutdown()


def span(name: Text, came_with: Optional[Mapping[Text, Text]] = None) -> ContextManager[Any]:
    """A part of the trace that runs now, or of the one that a request came with."""
    return nullcontext() if _provider is None else _span(name, came_with)


def headers() -> Dict[Text, Text]:
    """What the action server needs to go on with the trace (W3C trace context)."""
    carrier: Dict[Text, Text] = {}
    if _provider is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(carrier)
    return carrier


@contextmanager
def _span(name: Text, came_with: Optional[Mapping[Text, Text]]) -> Iterator[Any]:
    from opentelemetry.trace import Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract(came_with) if came_with is not None else None
    tracer = _provider.get_tracer("dialogue")
    with tracer.start_as_current_span(name, context, record_exception=False, set_status_on_exception=False) as current:
        try:
            yield current
        except Exception as broken:
            current.set_status(Status(StatusCode.ERROR, type(broken).__name__))
            raise
