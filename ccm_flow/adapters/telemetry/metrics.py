"""
The web application's metrics, as Prometheus reads them.

Numbers of the record (steps, months, what waits) are counted when they are asked for, at most
every few seconds; durations are kept as they happen. Labels are ids of clinics, route templates
and words from closed lists: never a path, a name or anything typed.
"""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from ccm_flow.adapters.db.metric_facts import MetricFacts, Queue, metric_facts
from ccm_flow.app.flow import Clock
from ccm_flow.app.statuses import ClickEnd
from ccm_flow.core.ids import ClinicId

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
FRESH_FOR: Final = timedelta(seconds=10)
"""How long the record's numbers are not counted anew, however many ask."""
_REQUEST_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CLICK_SECONDS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Everything one web application counts."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        # Otherwise each series has another one that tells its birth.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry(auto_describe=False)
        self._requests = Histogram(
            "ccm_http_request_duration_seconds",
            "From a request's arrival to the end of its answer.",
            ("method", "route", "status"),
            buckets=_REQUEST_SECONDS,
            registry=self._registry,
        )
        self._clicks = Histogram(
            "ccm_click_duration_seconds",
            "From passing a click on to the running month's answer.",
            ("result",),
            buckets=_CLICK_SECONDS,
            registry=self._registry,
        )
        for end in ClickEnd:
            self._clicks.labels(end.value)
        self._registry.register(_Record(engine, clock))
        self._registry.register(_Pool(engine))

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note how long a request took; `route` is a template such as `/steps/{cycle}/{key}`."""
        self._requests.labels(method, route, f"{status // 100}xx").observe(seconds)

    def click_ended(self, end: ClickEnd, seconds: float) -> None:
        """Note how long the running month took to answer a click."""
        self._clicks.labels(end.value).observe(seconds)

    def text(self) -> bytes:
        """Give everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _Record(Collector):
    """Counts the record, one reader at a time."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[datetime, MetricFacts] | None = None

    def collect(self) -> Iterable[Metric]:
        """Give the record's numbers."""
        now = self._clock.now()
        facts = self._facts(now)
        yield from _by_clinic(facts)
        yield _gauge(
            "ccm_month_opening_lag_seconds",
            "How long after the month's first instant the last patient's month began.",
            {clinic: lag.total_seconds() for clinic, lag in facts.opening_lag.items()},
        )
        raised = CounterMetricFamily(
            "ccm_questions", "Questions put to somebody (escalations).", labels=("clinic",)
        )
        for clinic, count in facts.questions.items():
            raised.add_metric((clinic,), count)
        yield raised
        yield from _waiting(facts, now)

    def _facts(self, now: datetime) -> MetricFacts:
        with self._lock:
            if self._known is None or not timedelta(0) <= now - self._known[0] < FRESH_FOR:
                self._known = now, metric_facts(self._engine, now)
            return self._known[1]


def _by_clinic(facts: MetricFacts) -> Iterable[Metric]:
    yield _gauge("ccm_steps_open", "Open steps.", facts.open_steps)
    yield _gauge("ccm_steps_overdue", "Open steps past their deadline.", facts.overdue_steps)
    yield _gauge("ccm_questions_open", "Questions not answered yet.", facts.open_questions)
    yield _gauge(
        "ccm_questions_late", "Of them, past the time for the reply.", facts.late_questions
    )
    yield _gauge(
        "ccm_deadlines_missed",
        "Deadlines missed by steps of the month now running.",
        facts.deadlines_missed,
    )
    yield _gauge(
        "ccm_patients_without_month",
        "Patients active since yesterday or longer who have no month now.",
        facts.without_month,
    )


def _waiting(facts: MetricFacts, now: datetime) -> Iterable[Metric]:
    lines: Mapping[str, Queue] = {
        "clicks": facts.clicks,
        "mail": facts.mail,
        "webhooks": facts.webhooks,
    }
    count = GaugeMetricFamily(
        "ccm_waiting", "What waits to be passed on or sent.", labels=("what",)
    )
    oldest = GaugeMetricFamily(
        "ccm_waiting_oldest_seconds", "How long the oldest of it has waited.", labels=("what",)
    )
    for what, queue in lines.items():
        waited = now - queue.since if queue.since is not None else timedelta(0)
        count.add_metric((what,), queue.count)
        oldest.add_metric((what,), max(waited.total_seconds(), 0.0))
    yield count
    yield oldest
    yield GaugeMetricFamily(
        "ccm_webhooks_given_up", "Messages whose every try failed.", value=facts.given_up
    )


def _gauge(name: str, text: str, values: Mapping[ClinicId, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=("clinic",))
    for clinic, value in sorted(values.items()):
        family.add_metric((clinic,), value)
    return family


class _Pool(Collector):
    """Tells how many connections to the database are in use."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[Metric]:
        """Give the pool's numbers; nothing where there is no pool."""
        pool = self._engine.pool
        if isinstance(pool, QueuePool):
            yield GaugeMetricFamily(
                "ccm_database_connections_in_use", "Connections in use.", value=pool.checkedout()
            )
            yield GaugeMetricFamily(
                "ccm_database_connections_most",
                "How many there may be before a request has to wait for one.",
                value=pool.size() + pool._max_overflow,
            )
