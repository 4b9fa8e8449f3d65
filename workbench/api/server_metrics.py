"""The server's own state as metrics, read when somebody asks."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric

from workbench.api.metrics import counter, feed_metrics, gauge
from workbench.api.parts import Parts
from workbench.guardrails.audit import Head
from workbench.guardrails.gate import TradingState
from workbench.guardrails.ledger import LedgerError
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.records import GateRecord


@dataclass
class LedgerState:
    """What the ledger said when it was last asked."""

    limits: RiskLimits
    gate: GateRecord
    head: Head
    pending: int
    answers: bool = True


async def refresh(parts: Parts) -> None:
    """Ask the ledger; where it does not answer, that is a metric too, and the gate counts as closed."""
    try:
        parts.state = await parts.threads.read(_ask, parts)
    except LedgerError:
        if parts.state is not None:
            parts.state.answers = False


def _ask(parts: Parts) -> LedgerState:
    now = parts.guardrails.overview()
    return LedgerState(now.limits, now.gate, parts.ledger.head(), len(now.pending))


def watch(parts: Parts) -> None:
    """Have it all shown at every scrape."""
    parts.metrics.watch(lambda: feed_metrics(parts.feed.health(), parts.feed.pairs, parts.feed.reconnects))
    parts.metrics.watch(lambda: _server(parts))


def _server(parts: Parts) -> Iterator[Metric]:
    jobs, pool, state = parts.jobs, parts.pool, parts.state
    yield gauge("bt_jobs_waiting", "Backtest jobs in the queue.", jobs.waiting)
    yield gauge("bt_jobs_running", "Backtest jobs being worked on.", jobs.running)
    yield gauge("bt_queue_size", "How many jobs may wait.", jobs.size)
    yield gauge("bt_workers", "Worker processes that are there.", pool.alive)
    yield gauge(
        "bt_workers_memory_bytes", "Resident memory of all worker processes.", _resident_bytes(pool.process_ids)
    )
    yield counter("bt_workers_replaced", "Worker processes that ended and were replaced.", pool.replaced)
    yield gauge("ledger_up", "1 where the ledger answered at this scrape.", float(state is not None and state.answers))
    is_open = state is not None and state.answers and _is_open(parts, state)
    yield gauge("risk_gate_open", "1: orders may pass; 0: the gate is closed.", float(is_open))
    if state is None:
        return
    states = GaugeMetricFamily("risk_gate_state", "1 for the state that the switch is in.", labels=["state"])
    for each in TradingState:
        states.add_metric([each.label], float(each is state.gate.state))
    yield states
    yield gauge("param_proposals_pending", "Proposals that wait for a decision.", state.pending)
    yield counter("audit_entries", "Entries of the audit log; goes on across restarts.", state.head.seq)
    if parts.chain is not None:
        yield gauge(
            "audit_chain_intact", "1 where the audit chain was whole when it was last walked.", parts.chain.intact
        )
        yield gauge(
            "audit_chain_checked_timestamp_seconds",
            "When the audit chain was last walked, seconds since 1970.",
            parts.chain.at_seconds,
        )


def _is_open(parts: Parts, state: LedgerState) -> bool:
    return parts.gate.is_open(parts.gate.market(None), state.limits, state.gate)


def _resident_bytes(process_ids: Iterable[int]) -> int:
    """As Linux tells it; a process that ended meanwhile has none."""
    pages = 0
    for process_id in process_ids:
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{process_id}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
