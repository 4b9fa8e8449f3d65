"""What a running server is made of; opened by the lifespan, handed to every route."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from workbench.api.answers import Answers
from workbench.api.failure_limit import FailureLimit
from workbench.api.gate_keeper import GateKeeper
from workbench.api.job_queue import JobQueue
from workbench.api.live_feed import LiveFeed
from workbench.api.metrics import Metrics
from workbench.api.report_list import ReportList
from workbench.api.settings import Settings
from workbench.api.tokens import TokenBook
from workbench.api.worker_pool import WorkerPool
from workbench.api.writer import Threads
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.service import Guardrails
from workbench.home import Home

if TYPE_CHECKING:
    from workbench.api.chain_check import ChainCheck
    from workbench.api.server_metrics import LedgerState


@dataclass
class Parts:
    """One server."""

    settings: Settings
    home: Home
    tokens: TokenBook
    metrics: Metrics
    ledger: Ledger
    guardrails: Guardrails
    threads: Threads
    pool: WorkerPool
    jobs: JobQueue
    feed: LiveFeed
    gate: GateKeeper
    failures: FailureLimit
    reports: ReportList
    curves: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One curve, chart or the like at a time: anybody may ask for them, and jobs need the workers."""
    answers: Answers = field(default_factory=Answers)
    """The last charts and breakdowns."""
    state: Optional["LedgerState"] = None
    """What the ledger said at the last scrape."""
    chain: Optional["ChainCheck"] = None
    """The last walk over the audit log."""
