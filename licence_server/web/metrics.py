"""What /metrics tells: counters that all worker processes share, in Prometheus' text format.

Each worker has a row of its own in one anonymous memory map, made before the workers are: nothing on disk, nothing to
clean up, and a worker that is started again goes on in its row.
"""

import mmap
import threading
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, g
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from keys.errors import NotFoundError
from licence_server.web.addresses import Networks
from licence_server.web.problems import STATUS

ENDPOINTS = ("activation", "validation", "deactivation", "trust", "alive", "ready", "metrics", "console", "other")
DONE, CRASHED = "done", "crashed"
OUTCOMES = (DONE, CRASHED, *sorted(refusal.word for refusal in STATUS))
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, float("inf"))
_DOUBLE = 8
_PER_ENDPOINT = len(OUTCOMES) + len(BUCKETS) + 1
_ROW = len(ENDPOINTS) * _PER_ENDPOINT


class Tallies:
    """Counts requests by endpoint and outcome, and their seconds.

    Args:
        rows: how many processes count.
    """

    def __init__(self, rows: int = 1) -> None:
        self._rows = rows
        self._cells = memoryview(mmap.mmap(-1, rows * _ROW * _DOUBLE)).cast("d")
        self._turn = threading.Lock()
        self._first = 0

    def take_row(self, row: int) -> None:
        """Count in a row of one's own from now on; called once in each process."""
        self._first = row * _ROW

    def count(self, endpoint: str, outcome: str, seconds: float) -> None:
        """Count one request; what is not known by name counts as other, or as crashed."""
        place = ENDPOINTS.index(endpoint if endpoint in ENDPOINTS else "other")
        start = self._first + place * _PER_ENDPOINT
        result = OUTCOMES.index(outcome if outcome in OUTCOMES else CRASHED)
        bucket = next(index for index, limit in enumerate(BUCKETS) if seconds <= limit)
        with self._turn:
            self._cells[start + result] += 1
            self._cells[start + len(OUTCOMES) + bucket] += 1
            self._cells[start + _PER_ENDPOINT - 1] += seconds

    def requests(self, endpoint: str, outcome: str) -> float:
        """Return how many requests all processes counted."""
        return self._total(endpoint, OUTCOMES.index(outcome))

    def seconds(self, endpoint: str) -> tuple[list[tuple[str, float]], float]:
        """Return the cumulative buckets of an endpoint and the sum of its seconds."""
        found, below = [], 0.0
        for index, limit in enumerate(BUCKETS):
            below += self._total(endpoint, len(OUTCOMES) + index)
            found.append(("+Inf" if limit == BUCKETS[-1] else str(limit), below))
        return found, self._total(endpoint, _PER_ENDPOINT - 1)

    def _total(self, endpoint: str, cell: int) -> float:
        place = ENDPOINTS.index(endpoint) * _PER_ENDPOINT + cell
        return sum(self._cells[row * _ROW + place] for row in range(self._rows))


class Numbers:
    """Collects what Prometheus asks for.

    Args:
        tallies: the requests.
        trust_expires_at: returns the end of the trust document in force.
    """

    def __init__(self, tallies: Tallies, trust_expires_at: Callable[[], int]) -> None:
        self._tallies, self._trust_expires_at = tallies, trust_expires_at

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client.registry.Collector."""
        requests = CounterMetricFamily(
            "licence_server_requests", "Requests answered, by their outcome.", labels=("endpoint", "outcome")
        )
        seconds = HistogramMetricFamily(
            "licence_server_request_seconds", "Seconds from the whole request to its answer.", labels=("endpoint",)
        )
        for endpoint in ENDPOINTS:
            for outcome in OUTCOMES:
                number = self._tallies.requests(endpoint, outcome)
                if number:
                    requests.add_metric((endpoint, outcome), number)
            buckets, total = self._tallies.seconds(endpoint)
            seconds.add_metric((endpoint,), buckets, total)
        yield requests
        yield seconds
        expiry = "When the trust document in force ends, in seconds since 1970."
        yield GaugeMetricFamily("licence_server_trust_expires_at", expiry, value=self._trust_expires_at())


def blueprint(numbers: Numbers, readers: Networks) -> Blueprint:
    """Build /metrics, which exists only for those who may read it."""
    bp = Blueprint("metrics", __name__)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(numbers)

    @bp.get("/metrics")
    def metrics() -> Response:
        # A proxy that nobody told us of speaks for the whole world, though its own address may be a reader's.
        if not (g.is_known and readers.has(g.address)):
            raise NotFoundError("There is nothing at this address.")
        return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")

    return bp
