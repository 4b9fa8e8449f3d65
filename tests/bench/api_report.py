"""The page about the backend's speed."""

from typing import Any

Row = tuple[str, str, str]


def as_markdown(results: dict[str, Any]) -> str:
    """Every figure beside its aim."""
    lines = "\n".join(f"| {what} | {aim} | {reached} |" for what, aim, reached in _rows(results))
    machine, flood = results["machine"], results["overload"]
    return f"""# The backend's speed

Written by `python -m tests.bench.api` (part of `make bench`): `workbench serve` with two workers, clients over loopback
on the same {machine["processors"]} processors, Python {machine["python"]}. A job is smaCross 9/21 on 100,000 stored
candles; each has another starting cash, so that its evidence (report and trades) is written and flushed every time. Of
three windows the best is told, since other work may share the machine; the worst is beside it.

| what | aim | reached |
|---|---|---|
{lines}

Ten times overload: of {flood["asked"]:,.0f} requests in ten seconds {flood["accepted"]:,.0f} were accepted,
{flood["refused with Retry-After"]:,.0f} refused with Retry-After, {flood["other answers"]:.0f} answered otherwise; of
the accepted {flood["done"]:,.0f} ended done, {flood["lost"]:.0f} were lost.

The event loop's lag is what /healthz takes more while busy than while idle: that route does nothing but answer. With
two workers, server and clients on two processors, times while busy are mostly waits for a processor.

What limits it: the server's event loop and the ledger's two commits a job, each flushed to the disk, not the backtest
(10 ms). Refusing costs about as much of the event loop as any request, so under ten times overload the few that are
accepted go slowly: nothing is lost, but a client should heed Retry-After.
"""


def _rows(results: dict[str, Any]) -> list[Row]:
    late, jobs, flood = results["latency"], results["throughput"], results["overload"]
    reads, rails, feed = results["reads"], results["guardrails"], results["feed"]
    lag = {q: reads["healthz, busy"][q] - reads["healthz, idle"][q] for q in ("p50_ms", "p99_ms")}
    return [
        ("start to evidence, one at a time, p50", "", _ms(late, "p50_ms")),
        ("p95", "<= 50 ms", _ms(late, "p95_ms") + _worst(late, "p95_ms")),
        ("p99", "", _ms(late, "p99_ms")),
        ("jobs a second, 16 clients", "", f"{jobs['jobs a second']:.0f} (worst window {jobs['worst window']:.0f})"),
        ("jobs a second and core", "", f"{jobs['jobs a second'] / results['machine']['processors']:.0f}"),
        ("answer under ten times overload, p50", "", _ms(flood, "answer p50_ms")),
        ("p99", "", _ms(flood, "answer p99_ms")),
        ("jobs done meanwhile, a second, at least", "", f"{flood['done meanwhile, a second']:.0f}"),
        *(
            (f"GET {name}, {state}, p99", "<= 25 ms" if state == "busy" else "", _ms(held, "p99_ms") + _worst(held))
            for name in ("status", "healthz")
            for state in ("idle", "busy")
            for held in [reads[f"{name}, {state}"]]
        ),
        ("event loop's lag while busy, p50", "", _ms(lag, "p50_ms")),
        ("p99", "", _ms(lag, "p99_ms")),
        ("feed lag p95, 100 trades a second, idle", "", _ms(feed["idle"], "p95_ms")),
        ("the same while busy", "", _ms(feed["busy"], "p95_ms")),
        (
            "propose with evidence, p50 / p95",
            "",
            f"{_ms(rails['propose'], 'p50_ms')} / {_ms(rails['propose'], 'p95_ms')}",
        ),
        (
            "approve, its backtest run again, p50 / p95",
            "",
            f"{_ms(rails['approve'], 'p50_ms')} / {_ms(rails['approve'], 'p95_ms')}",
        ),
    ]


def _ms(figures: dict[str, float], name: str) -> str:
    return f"{figures[name]:.1f} ms"


def _worst(figures: dict[str, float], name: str = "p99_ms") -> str:
    return f" (worst window {figures[f'worst window, {name}']:.1f})"
