"""What Prometheus reads. A registry of its own for every app, so that two in one process never meet.

Counters and histograms are fed as things happen; what is a state (feed, queue, gate) is read when somebody asks. Labels
are few and bounded: the pair, of those that the feed follows; the reason, of a fixed list.

All of it lives in the server's one process, which hears of every job's end from whichever worker had it: no worker
counts for itself. A restart begins every count anew; the few that the disk knows go on (audit entries, gaps).
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from workbench.data.btcturk.health import FeedHealth
from workbench.guardrails.gate import RULES

RUN_BUCKETS_MS = (
    *(0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 100, 250, 500, 1_000),
    *(1_500, 1_750, 2_000, 2_250, 2_500, 3_000, 4_000, 5_000, 7_500, 10_000, 20_000, 30_000, 60_000),
)
"""Fine where backtests end (some milliseconds) and around what is promised (2 s) and alerted (5 s)."""
LAG_BUCKETS_MS = (
    *(0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 150),
    *(200, 225, 250, 275, 300, 400, 500, 1_000, 2_500, 5_000, 10_000),
)
"""Fine where market trades arrive (1 ms) and around what is promised and alerted (250 ms)."""
REQUEST_BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

Sample = tuple[str, str, float]
"""Name, help, value."""


class Metrics:
    """The registry and what is counted as it happens."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.runs = self._counter("bt_runs", "Backtest jobs that ended: done, failed or cancelled.")
        self.failures = self._counter("bt_fail", "Backtest jobs that failed.")
        self.done = self._counter("bt_done", "Backtest jobs that were done.")
        self.turned_away = self._counter("bt_refused", "Backtest jobs refused because the queue was full.")
        self.trades = self._counter("bt_trades", "Round trips in all backtests that were done.")
        self.latency = self._histogram(
            "bt_latency_ms", "From the request to the evidence, of jobs that were done, milliseconds.", RUN_BUCKETS_MS
        )
        self.proposals = self._counter("param_proposals", "Proposals of parameters or limits made.")
        self.approvals = self._counter("param_approvals", "Proposals approved and put in force.")
        self.refusals = self._counter("param_refusals", "Decisions that the guardrails refused.")
        self.rollbacks = self._counter("param_rollbacks", "Older versions put in force again.")
        self.gate_checks = Counter(
            "risk_gate_checks", "Orders that the gate was asked about.", ["outcome"], registry=self.registry
        )
        for outcome in ("accepted", "refused"):
            self.gate_checks.labels(outcome)
        self.gate_refusals = Counter(
            "risk_gate_refusals",
            "Rules that orders broke; one order may break several.",
            ["rule"],
            registry=self.registry,
        )
        for rule in RULES:
            self.gate_refusals.labels(rule)
        self.auth_failures = self._counter("auth_failures", "Requests with a token that is not known.")
        self.ticks = Counter(
            "btcturk_ticks", "Price ticks and market trades received.", ["pair"], registry=self.registry
        )
        self.lag = Histogram(
            "btcturk_ws_lag_ms",
            "From the exchange's time of a market trade to its arrival, after drift compensation, milliseconds.",
            ["pair"],
            buckets=LAG_BUCKETS_MS,
            registry=self.registry,
        )
        self.requests = Counter(
            "http_requests",
            "Requests answered, by the first digit of their status.",
            ["status"],
            registry=self.registry,
        )
        for status in ("2xx", "3xx", "4xx", "5xx"):
            self.requests.labels(status)
        self.request_seconds = self._histogram(
            "http_request_seconds", "Time until a request was answered.", REQUEST_BUCKETS_SECONDS
        )
        self.rate_limited = self._counter("http_rate_limited", "Requests refused for being too many.")

    def follow(self, pairs: Iterable[str]) -> None:
        """Show these pairs from the start, at 0."""
        for pair in pairs:
            self.ticks.labels(pair)
            self.lag.labels(pair)

    def ticked(self, pair: str, count: int) -> None:
        self.ticks.labels(pair).inc(count)

    def lagged(self, pair: str, lag_ms: float) -> None:
        self.lag.labels(pair).observe(lag_ms)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)

    def watch(self, read: Callable[[], Iterable[Metric]]) -> None:
        """Ask ``read`` at every scrape."""
        self.registry.register(_Asked(read))

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(name, text, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, buckets=buckets, registry=self.registry)


class _Asked(Collector):
    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        return self._read()

    def describe(self) -> Iterable[Metric]:
        return ()


def gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def feed_metrics(health: FeedHealth | None, pairs: Iterable[str], reconnects: int) -> Iterator[Metric]:
    """The feed's state; ``health`` is None while none runs."""
    by_pair = {each.pair: each for each in health.pairs} if health else {}
    up = GaugeMetricFamily("btcturk_ws_up", "1 while market trades stream, 0 while not.", labels=["pair"])
    age = GaugeMetricFamily("btcturk_last_frame_age_seconds", "Since the last frame of a pair.", labels=["pair"])
    last = GaugeMetricFamily("btcturk_last_price", "Price of the last market trade, quote currency.", labels=["pair"])
    found = CounterMetricFamily(
        "btcturk_gaps_found", "Gaps found in the market trades, since the record on the disk began.", labels=["pair"]
    )
    filled = CounterMetricFamily("btcturk_gaps_filled", "Gaps of those that trades or candles filled.", labels=["pair"])
    for pair in pairs:
        each = by_pair.get(pair)
        up.add_metric([pair], float(each is not None and each.status != "down"))
        if each is None:
            continue
        found.add_metric([pair], each.gaps_found)
        filled.add_metric([pair], each.gaps_filled)
        if each.last_frame_age_seconds is not None:
            age.add_metric([pair], each.last_frame_age_seconds)
        if each.last is not None:
            last.add_metric([pair], each.last)
    yield from (up, age, last, found, filled)
    yield counter("btcturk_reconnects", "Times the connection was made again.", reconnects)
    if health is not None and health.clock_offset_ms is not None:
        yield gauge("btcturk_clock_offset_ms", "The exchange's clock minus ours.", health.clock_offset_ms)
    if health is not None:
        yield gauge("btcturk_simulated", "1 where the exchange is simulated.", float(health.simulated))
