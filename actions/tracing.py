"""Traces of the action server, when `CHAT_TRACES_URL` says where they go: which action, how long, whether it worked.

rasa_sdk makes the span of each call and goes on with the trace of the dialogue model. It would add the message of an
exception, in which a parent's words may stand; here that is taken out before anything is sent.
"""

import os
from collections.abc import Sequence
from typing import Any

VARIABLE = "CHAT_TRACES_URL"
TOLD = ("next_action", "http.method", "http.route")
"""Attributes that are sent."""


def offer() -> None:
    """Register with rasa_sdk; without a place to send traces to, nothing is loaded."""
    url = os.environ.get(VARIABLE)
    if not url:
        return
    from rasa_sdk.plugin import plugin_manager

    plugin_manager().register(_Plugin(url), "traces")


class _Plugin:
    """rasa_sdk asks it when its application is made."""

    def __init__(self, url: str) -> None:
        self._url = url

    def attach_sanic_app_extensions(self, app: Any) -> None:
        """After rasa_sdk has looked for a provider of its own."""
        app.register_listener(self._provide, "before_server_start")
        app.register_listener(self._send_the_rest, "after_server_stop")

    attach_sanic_app_extensions.rasa_sdk_impl = {}  # type: ignore[attr-defined]  # what pluggy's marker would set

    async def _provide(self, app: Any) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        app.ctx.tracer_provider = provider(BatchSpanProcessor(without_words(OTLPSpanExporter(endpoint=self._url))))

    async def _send_the_rest(self, app: Any) -> None:
        app.ctx.tracer_provider.shutdown()


def provider(processor: Any) -> Any:
    """Where rasa_sdk gets its tracer from."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider

    made = TracerProvider(resource=Resource.create({SERVICE_NAME: "chat-actions"}))
    made.add_span_processor(processor)
    return made


def without_words(exporter: Any) -> Any:
    """The same exporter, which is given nothing that could hold words."""
    from opentelemetry.sdk.trace.export import SpanExporter

    class WithoutWords(SpanExporter):
        def export(self, spans: Sequence[Any]) -> Any:
            return exporter.export([_bare(span) for span in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

    return WithoutWords()


def _bare(span: Any) -> Any:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status

    told = {name: value for name, value in (span.attributes or {}).items() if name in TOLD}
    return ReadableSpan(
        name=f"action {told.get('next_action', '')}".strip(), context=span.context, parent=span.parent, resource=span.resource,
        attributes=told, kind=span.kind, status=Status(span.status.status_code), start_time=span.start_time, end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
