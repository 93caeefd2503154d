"""The program's numbers in Prometheus' own format. Imported only while metrics are switched on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kotaemon_desktop import __version__
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Done, Loaded, Piece, Released, ResidencyEvent
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.records import ComponentState, ComponentStatus

_WAKE_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
_ANSWER_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80, 160)


class Metrics:
    """Owns the registry; any thread may feed and read it.

    What is true now (states, bytes) is asked of the keeper when somebody reads; what has happened is counted from
    :meth:`hear` and :meth:`watch`.
    """

    def __init__(self, status: Callable[[], Sequence[ComponentStatus]], clock: Clock) -> None:
        disable_created_metrics()  # a second series for each counter that nobody reads
        self._clock = clock
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # process_*: the window's own memory and CPU
        registry.register(_Components(status))
        Gauge("kotaemon_build_info", "Always 1.", ["version"], registry=registry).labels(__version__).set(1)
        self._loads = Counter("kotaemon_loads", "Hosts loaded into memory.", ["component"], registry=registry)
        self._unloads = Counter("kotaemon_unloads", "Hosts gone.", ["component", "cause"], registry=registry)
        self._held = Counter(
            "kotaemon_unload_held_bytes", "Bytes held by hosts before they went.", ["component"], registry=registry
        )
        self._freed = Counter(
            "kotaemon_unload_freed_bytes", "Bytes that came back when they went.", ["component"], registry=registry
        )
        self._wakes = Histogram(
            *("kotaemon_wake_seconds", "Time until a host was ready.", ["component"]),
            buckets=_WAKE_BUCKETS,
            registry=registry,
        )
        self._questions = Histogram(
            *("kotaemon_question_seconds", "Time from a question to the end of its answer.", ["outcome"]),
            buckets=_ANSWER_BUCKETS,
            registry=registry,
        )
        self._first_pieces = Histogram(
            *("kotaemon_first_piece_seconds", "Time from a question to the first words of its answer."),
            buckets=_ANSWER_BUCKETS,
            registry=registry,
        )
        self._tokens = Counter("kotaemon_generated_tokens", "Tokens generated.", ["model"], registry=registry)
        self._decode = Counter("kotaemon_decode_seconds", "Time spent generating them.", ["model"], registry=registry)
        self._rate = Gauge("kotaemon_tokens_per_second", "Of the last answer.", ["model"], registry=registry)

    def hear(self, event: ResidencyEvent) -> None:
        """Count what came and went; for ``Keeper.subscribe``."""
        match event:
            case Loaded():
                self._loads.labels(event.component).inc()
                self._wakes.labels(event.component).observe(event.seconds)
            case Released():
                self._unloads.labels(event.component, event.cause).inc()
                self._held.labels(event.component).inc(event.held)
                self._freed.labels(event.component).inc(max(0, event.freed))
            case _:
                pass

    def watch(self, events: Iterator[AnswerEvent]) -> Generator[AnswerEvent]:
        """Yield the ``events`` of an answer unchanged, and count it when it ends, however it does."""
        started, outcome, spoken = self._clock.monotonic(), "stopped", False
        try:
            for event in events:
                match event:
                    case Piece() if not spoken:
                        spoken = True
                        self._first_pieces.observe(self._clock.monotonic() - started)
                    case Done():
                        outcome = "answered" if event.answered else "not_found"
                        self._count_tokens(event)
                    case AnswerFailed():
                        outcome = "failed"
                    case _:
                        pass
                yield event
        finally:
            self._questions.labels(outcome).observe(self._clock.monotonic() - started)
            if close := getattr(events, "close", None):
                close()

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _count_tokens(self, done: Done) -> None:
        tokens, seconds = done.timings.get("tokens", 0.0), done.timings.get("decode", 0.0)
        if tokens and seconds:
            self._tokens.labels(done.model).inc(tokens)
            self._decode.labels(done.model).inc(seconds)
            self._rate.labels(done.model).set(tokens / seconds)


class _Components(Collector):
    """Asks the keeper how the components stand, whenever somebody reads."""

    def __init__(self, status: Callable[[], Sequence[ComponentStatus]]) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        state = GaugeMetricFamily(
            "kotaemon_component_state", "1 for the state it is in.", labels=["component", "state"]
        )
        held = GaugeMetricFamily("kotaemon_component_bytes", "Memory that its hosts hold.", labels=["component"])
        hosts = GaugeMetricFamily("kotaemon_component_hosts", "Its processes.", labels=["component"])
        waiting = GaugeMetricFamily("kotaemon_component_waiting", "Requests waiting for it.", labels=["component"])
        for each in self._status():
            for possible in ComponentState:
                state.add_metric([each.name, possible.value], each.state is possible)
            held.add_metric([each.name], each.bytes)
            hosts.add_metric([each.name], each.hosts)
            waiting.add_metric([each.name], each.waiting)
        return state, held, hosts, waiting
