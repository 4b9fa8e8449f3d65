"""The application: the lifespan opens its parts, middleware stands in front, routes answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio
import structlog
from fastapi import FastAPI

from workbench.api import problem
from workbench.api.chain_check import keep_checking
from workbench.api.docs_page import add_docs
from workbench.api.documented import document
from workbench.api.failure_limit import FailureLimit
from workbench.api.forwarded import ForwardedAddress
from workbench.api.gate_keeper import GateKeeper
from workbench.api.job_queue import JobQueue
from workbench.api.live_feed import LiveFeed
from workbench.api.metrics import Metrics
from workbench.api.middleware import HostCheck, RateLimit, RequestLog, SizeLimit
from workbench.api.parts import Parts
from workbench.api.report_list import ReportList
from workbench.api.routes import audit, backtests, evidence, feeds, guardrails, health, strategies
from workbench.api.server_metrics import refresh, watch
from workbench.api.settings import Settings
from workbench.api.tokens import TokenBook, open_tokens
from workbench.api.worker_pool import WorkerPool
from workbench.api.writer import Threads
from workbench.data.btcturk.addresses import find_addresses
from workbench.engine.version import package_version
from workbench.guardrails.audit import Head
from workbench.guardrails.head_file import write_head
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.service import Guardrails
from workbench.home import Home
from workbench.model.errors import WorkbenchError

log = structlog.get_logger("workbench.server")

EXPIRY_SECONDS = 30.0
DESCRIPTION = (
    "Backtest jobs, the live feed, guardrails and the audit log. Tokens go into `x-admin-token` or "
    "`x-researcher-token`; without one a caller may read. Errors are problem documents (RFC 9457)."
)


def create_app(settings: Settings, home: Home) -> FastAPI:
    """The server's application; nothing is opened before its lifespan begins.

    Raises:
        DamagedFileError: the file of tokens is not to be trusted.
    """
    tokens, _ = open_tokens(settings, home.root)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.ending = anyio.Event()
        async with _opened(settings, home, tokens, metrics) as parts:
            app.state.parts = parts
            yield
            app.state.ending.set()

    app = FastAPI(
        title="Research workbench",
        version=package_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's own way of changing the document
    for each in (backtests, evidence, strategies, feeds, guardrails, audit, health):
        app.include_router(each.router)
    problem.install(app)
    add_docs(app)
    _add_middleware(app, settings, tokens, metrics)
    return app


def _add_middleware(app: FastAPI, settings: Settings, tokens: TokenBook, metrics: Metrics) -> None:
    """The last one added is the first to see a request."""
    app.add_middleware(SizeLimit, limit=settings.body_bytes)
    app.add_middleware(RateLimit, limit=settings.rate_limit, store=settings.rate_store, tokens=tokens, metrics=metrics)
    app.add_middleware(HostCheck, allowed=settings.allowed_hosts)
    app.add_middleware(RequestLog, metrics=metrics)
    if settings.proxy_secret is not None:
        app.add_middleware(ForwardedAddress, secret=settings.proxy_secret)


@asynccontextmanager
async def _opened(settings: Settings, home: Home, tokens: TokenBook, metrics: Metrics) -> AsyncIterator[Parts]:
    """Everything a server needs, closed again in the opposite order."""

    def tell(head: Head) -> None:
        write_head(home.root, head)
        log.info("audit head", seq=head.seq, hash=head.hash)

    url = None if settings.database_url is None else settings.database_url.get_secret_value()
    async with AsyncExitStack() as stack:
        home.root.mkdir(parents=True, exist_ok=True)
        ledger = await asyncio.to_thread(Ledger.open, home.root, url, on_head=tell)
        stack.callback(ledger.close)
        threads = await stack.enter_async_context(Threads().open())
        rails = Guardrails(ledger, require_second_person=settings.require_second_person)
        pairs = settings.feed_pairs if settings.feed else ()
        metrics.follow(pairs)
        feed = LiveFeed(pairs, find_addresses(settings.exchange), home.data, metrics)
        pool = WorkerPool(
            home, workers=settings.workers, job_seconds=settings.job_seconds, job_mebibytes=settings.job_mebibytes
        )
        await stack.enter_async_context(pool.open())
        jobs = await stack.enter_async_context(JobQueue(pool, ledger, threads, metrics, settings.queue_size).open())
        await stack.enter_async_context(feed.running())
        gate = GateKeeper(rails, feed)
        watched = FailureLimit(), ReportList(home)
        parts = Parts(settings, home, tokens, metrics, ledger, rails, threads, pool, jobs, feed, gate, *watched)
        await refresh(parts)
        watch(parts)
        for job in (_expire(parts), keep_checking(parts), _read_reports(parts)):
            stack.push_async_callback(_cancel, asyncio.create_task(job))
        yield parts


async def _expire(parts: Parts) -> None:
    """Let proposals expire in time, not only when somebody looks."""
    while True:
        await asyncio.sleep(EXPIRY_SECONDS)
        try:
            await parts.threads.write(parts.guardrails.expire, time.time_ns())
        except WorkbenchError as error:  # the ledger does not answer now
            log.warning("proposals could not be looked through", problem=str(error))


async def _read_reports(parts: Parts) -> None:
    """So that the first who asks for the list does not wait for thousands of them."""
    try:
        await parts.reports.refresh()
    except OSError as error:
        log.warning("the folder of evidence could not be read", problem=str(error))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
