"""Figures for Prometheus, read from the books when they are asked for: keeping them costs the hot path nothing."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from agent.domain.mode import Standing
from agent.domain.seats import Count
from agent.services.seating import Seating

_MODES = ("full", "grace", "restricted", "blocked")


class SeatMetrics(Collector):
    """Collects what the seats and the licence look like now."""

    def __init__(self, seating: Seating, standing: Callable[[], Standing]) -> None:
        self._seating, self._standing = seating, standing
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def expose(self) -> bytes:
        """Return the figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Name nothing ahead, so that registering does not collect."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        yield from self._counters()
        yield from self._gauges()

    def _counters(self) -> Iterator[Metric]:
        figures, books = self._seating.figures, self._seating.books
        for name, help_text, value in (
            ("seats_given", "Seats given anew", figures.given),
            ("seats_renewed", "Check-outs of a pair that held a seat", figures.renewed),
            ("seats_released", "Releases", figures.released),
            ("seats_lost", "Seats that a heartbeat found lost", figures.lost),
            ("seats_refused", "Check-outs refused", figures.refused),
            ("seats_waited", "Check-outs that got a place in the queue", figures.waited),
            ("seats_overdrawn", "Users who got in beyond the limit", figures.overdrawn),
            ("heartbeats", "Heartbeat calls", figures.heartbeats),
            ("journal_commits", "Durable commits of the seats' journal", books.commits),
            ("journal_failures", "Commits of the seats' journal that failed", books.failed_commits),
        ):
            yield CounterMetricFamily(f"licence_agent_{name}", f"{help_text}.", value)

    def _gauges(self) -> Iterator[Metric]:
        occupied, standing = self._seating.occupied(), self._standing()
        used = GaugeMetricFamily("licence_agent_seats_used", "In use now.", labels=["dimension"])
        limit = GaugeMetricFamily("licence_agent_seats_limit", "As many as the licence allows.", labels=["dimension"])
        counts: dict[str, Count] = {"users": occupied.users, "clients": occupied.clients, "service": occupied.services}
        for dimension, count in counts.items():
            used.add_metric([dimension], count.used)
            if count.limit is not None:
                limit.add_metric([dimension], count.limit)
        mode = GaugeMetricFamily("licence_agent_mode", "1 for the mode that the licence is in.", labels=["mode"])
        for name in _MODES:
            mode.add_metric([name], standing.mode == name)
        yield from (used, limit, mode)
        yield GaugeMetricFamily("licence_agent_seats_waiting", "How many wait for a seat.", self._seating.waiting)
        if standing.ends_at is not None:
            yield GaugeMetricFamily(
                "licence_agent_licence_expires_at",
                "End of the licence in hand, stretched by an outage or not (Unix time).",
                standing.ends_at,
            )
