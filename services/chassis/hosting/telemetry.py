"""Logs by structlog, metrics for Prometheus, traces for OpenTelemetry."""

import json
import logging
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
from prometheus_client import Counter, Gauge, Histogram

from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent, Work
from services.chassis.publishing.effects import span_id

MESSAGES = Counter("ser_messages", "Messages read, by topic and result", ["topic", "result"])
PUBLISHED = Counter("ser_published", "Messages confirmed by Kafka, by topic", ["topic"])
BATCH_MESSAGES = Histogram(
    "ser_batch_messages", "Messages in a batch", buckets=(1, 3, 10, 30, 100, 300, 1000, 3000)
)
BATCH_SECONDS = Histogram(
    "ser_batch_seconds",
    "From the start of a batch to its commit",
    buckets=(0.003, 0.01, 0.03, 0.1, 0.3, 1, 3),
)
LAG = Gauge("ser_lag", "Unread messages in Kafka of this process")
OUTBOX_ROWS = Gauge("ser_outbox_rows", "Messages that the relay's last round took from the outbox")
REFUSED = Counter(
    "ser_refused", "Messages that Kafka refused for good, by topic and error", ["topic", "error"]
)
SET_ASIDE_ROWS = Gauge(
    "ser_set_aside", "Messages that Kafka refused for good and no operator has put back yet"
)
HELD_ROWS = Gauge("ser_held", "Held messages, by cause: `defect`, or `waiting` for a fact", ["why"])
HELD_ACTIONS = Counter("ser_held_actions", "Operators' actions on held messages", ["action"])


def configure_logs(service: str, level: str) -> None:
    """One JSON object a line on standard error. No line has the contents of a message."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_messages,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Wordless(service))
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)


class _Wordless(logging.Formatter):
    """Formats a library's log line: time, logger, level, exception and place, without its text, which may
    quote a message."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        failure = record.exc_info[1] if record.exc_info else None
        event = {
            "level": record.levelname.lower(),
            "event": "library",
            "logger": record.name,
            "place": f"{record.funcName}:{record.lineno}",
            "service": self._service,
            "timestamp": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        }
        if failure is None:
            event |= _named_by(record)
        return json.dumps(_without_messages(None, "", {**event, "exc_info": failure}))


def _named_by(record: logging.LogRecord) -> dict[str, str]:
    """The class of an exception among the arguments of a library's log line."""
    words = record.args if isinstance(record.args, tuple) else ()
    classes = [word if isinstance(word, type) else type(word) for word in words]
    names = [found.__name__ for found in classes if issubclass(found, BaseException)]
    return {"error": ", ".join(names)} if names else {}


def _without_messages(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception's text may quote a message's content: the log shows only its type and place."""
    failure = event.pop("exc_info", None)
    if isinstance(failure, BaseException):
        trace = failure.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        event["error"] = type(failure).__name__
        event["place"] = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""
    return event


class _DerivedIds(RandomIdGenerator):
    """Gives a span the id that its effects already name."""

    def __init__(self) -> None:
        self.next: int | None = None

    def generate_span_id(self) -> int:
        given, self.next = self.next, None
        return given if given is not None else int(super().generate_span_id())


class Tracer:
    """Records a span for each message that belongs to a sampled trace."""

    def __init__(self, service: str, endpoint: str) -> None:
        self._service = service
        self._ids = _DerivedIds()
        self._provider: TracerProvider | None = None
        if endpoint:
            self._provider = TracerProvider(
                resource=Resource({"service.name": f"ser-{service}"}), id_generator=self._ids
            )
            self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))

    def handled(self, batch: Sequence[Work], seconds: float) -> None:
        """Record a span for each message of a batch that took `seconds`."""
        if self._provider is not None:
            for work in batch:
                if isinstance(work, ReceivedCommand | ReceivedEvent):
                    self._span(self._provider, work, seconds)

    def _span(self, provider: TracerProvider, work: ReceivedCommand | ReceivedEvent, seconds: float) -> None:
        parent = _parent(work.envelope.traceparent)
        if parent is None or not parent.trace_flags.sampled:
            return
        self._ids.next = int(span_id(work.envelope, self._service), 16)
        ended = time.time_ns()
        span = provider.get_tracer("ser").start_span(
            f"{self._service} {work.name}",
            context=set_span_in_context(NonRecordingSpan(parent)),
            start_time=ended - int(seconds * 1e9),
            attributes={"messaging.destination": work.raw.topic, "messaging.message.id": work.id},
        )
        span.end(ended)

    def close(self) -> None:
        """Send what is still to be sent."""
        if self._provider is not None:
            self._provider.shutdown()


def _parent(traceparent: str | None) -> SpanContext | None:
    try:
        _, trace, span, flags = (traceparent or "").split("-")
        return SpanContext(
            int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16))
        )
    except ValueError:
        return None
