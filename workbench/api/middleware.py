"""What every request passes, outermost first: request id and log, size, rate; and the headers of every answer.

Plain ASGI, so that streams stay streams.
"""

import secrets
import time
from collections.abc import Collection, Mapping

import structlog
from limits import RateLimitItem, parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.api.metrics import Metrics
from workbench.api.problem import Problem, as_response
from workbench.api.tokens import HEADERS, TokenBook

log = structlog.get_logger("workbench.request")

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"
DOCS_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
UNLIMITED = ("/healthz", "/readyz", "/metrics")


class RequestLog:
    """A request id, one structured line per request, and security headers; an error nobody expected becomes 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began, status = secrets.token_hex(8), time.perf_counter(), 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in {**SECURITY, "x-request-id": request_id}.items():
                    headers.setdefault(name, value)
                is_docs = scope["path"].startswith("/docs")
                headers.setdefault("content-security-policy", DOCS_POLICY if is_docs else CONTENT_POLICY)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, tell)
            except Exception:  # the last line of defence: logged whole, told without a word of it
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if status:
                    raise
                response = as_response(Problem(500, f"see the server's log for request {request_id}"))
                await response(scope, receive, tell)
            finally:
                seconds = time.perf_counter() - began
                self.metrics.requests.labels(f"{status // 100}xx").inc()
                self.metrics.request_seconds.observe(seconds)
                log.info(
                    "request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1e3, 2)
                )


class HostCheck:
    """Answers only to its own names in the Host header: a foreign name may point here too (DNS rebinding)."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self.app, self.allowed = app, {name.lower() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _host_name(Headers(scope=scope).get("host", "")) not in self.allowed:
            await as_response(Problem(400, "the Host header names another server"))(scope, receive, send)
            return
        await self.app(scope, receive, send)


class SizeLimit:
    """Refuses bodies over a size, announced or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > self.limit:
            await as_response(self._problem())(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise HTTPException(413, self._problem().detail)  # FastAPI makes any other error of a body a 400
            return message

        await self.app(scope, counted, send)

    def _problem(self) -> Problem:
        return Problem(413, f"a request has at most {self.limit:,} bytes")


class RateLimit:
    """So many requests per token, else per address; over it 429 with Retry-After."""

    def __init__(self, app: ASGIApp, limit: str, store: str, tokens: TokenBook, metrics: Metrics) -> None:
        self.app, self.tokens, self.metrics = app, tokens, metrics
        self.limit: RateLimitItem = parse(limit)
        self.limiter = SlidingWindowCounterRateLimiter(storage_from_string(store))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        who = self._who(scope, Headers(scope=scope))
        if await self.limiter.hit(self.limit, who):
            await self.app(scope, receive, send)
            return
        self.metrics.rate_limited.inc()
        stats = await self.limiter.get_window_stats(self.limit, who)
        seconds = max(1, round(stats.reset_time - time.time()))
        problem = Problem(429, f"at most {self.limit}; try again in {seconds} s", headers={"retry-after": str(seconds)})
        await as_response(problem)(scope, receive, send)

    def _who(self, scope: Scope, headers: Mapping[str, str]) -> str:
        for role, name in HEADERS.items():
            offered = headers.get(name)
            if offered and self.tokens.is_token(role, offered):
                return f"role:{role}:{headers.get('x-remote-user', '')[:64]}"
        client = scope.get("client")
        return f"address:{client[0] if client else 'unknown'}"


def _host_name(host: str) -> str:
    """The Host header without its port; brackets of an IPv6 address are taken off."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
