"""A typed client of the server: what dashboards, notebooks and commands see of it. *Network.*

```python
from workbench.client import Client
with Client(researcher_token="...") as client:
    started = client.start_backtest(pair="ETHUSDT", timeframe="1h", strategy="smaCross", params={"fast": 9, "slow": 21})
    client.wait(started.id).metrics
```
"""

import getpass
import json
import os
import ssl
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from workbench import wire
from workbench.home import Home
from workbench.model.errors import WorkbenchError
from workbench.token_file import read_tokens

ADDRESS = "http://127.0.0.1:4010"
CONNECT_TRIES = 2
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loading the system's takes longer than a question; without TLS none is needed."""
ENDED = ("done", "failed", "cancelled", "interrupted")

Answer = TypeVar("Answer", bound=BaseModel)


def server_address() -> str:
    """The server's: ``WORKBENCH_URL``, else this machine's."""
    return (os.environ.get("WORKBENCH_URL") or ADDRESS).rstrip("/")


class UnreachableError(WorkbenchError):
    """Nothing answers at the address."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"no server answers at {url} ({why}); `workbench serve` starts one")


class ApiError(WorkbenchError):
    """The server says no; the fields are those of its problem document."""

    exit_status = 1

    def __init__(self, problem: wire.ProblemDocument) -> None:
        self.status, self.title, self.detail = problem.status, problem.title, problem.detail
        self.reasons = tuple(problem.reasons)
        self.fields = {each.field: each.problem for each in problem.fields}
        self.request_id = problem.request_id
        if problem.status == 422:
            self.exit_status = 2
        super().__init__(problem.detail)


class Client:
    """One server. Tokens stay inside: neither ``repr`` nor errors show them. A question is never repeated by itself."""

    def __init__(
        self,
        url: str | None = None,
        *,
        admin_token: str | None = None,
        researcher_token: str | None = None,
        user: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> None:
        """Args:
        url: by default WORKBENCH_URL, else this machine's server.
        user: who the person is; believed only beside a token.
        """
        self.url = url.rstrip("/") if url else server_address()
        given = {"x-admin-token": admin_token, "x-researcher-token": researcher_token, "x-remote-user": user}
        headers = {name: value for name, value in given.items() if value}
        verify = True if self.url.startswith("https") else NO_AUTHORITIES
        transport = httpx.HTTPTransport(retries=CONNECT_TRIES, verify=verify)  # connecting only: nothing is sent twice
        self._http = httpx.Client(
            base_url=self.url, headers=headers, timeout=timeout_seconds, transport=transport, trust_env=False
        )

    @classmethod
    def at_home(cls, home: Home | None = None, *, url: str | None = None, user: str | None = None) -> "Client":
        """As the admin of this machine: the token of the environment, else of the home's file.

        Raises:
            DamagedFileError: others can read the file. FileNotFoundError: there is none and no variable is set.
        """
        token = os.environ.get("WORKBENCH_ADMIN_TOKEN") or os.environ.get("ADMIN_TOKEN")
        token = token or read_tokens((home or Home.find()).root)["admin"]
        return cls(url, admin_token=token, user=user or getpass.getuser())

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # Backtests -----------------------------------------------------------------------------------------------------

    def start_backtest(
        self,
        *,
        pair: str,
        timeframe: str,
        strategy: str,
        params: Mapping[str, Any] | None = None,
        costs: Mapping[str, Any] | None = None,
        start: str | None = None,
        end: str | None = None,
        initial_cash: float | None = None,
    ) -> wire.BacktestStarted:
        """Queue a backtest; :meth:`wait` for it."""
        asked = {
            "pair": pair,
            "timeframe": timeframe,
            "strategy": strategy,
            "params": dict(params or {}),
            "costs": dict(costs) if costs else None,
            "range": {"start": start, "end": end} if start or end else None,
            "initial_cash": initial_cash,
        }
        body = {name: value for name, value in asked.items() if value is not None}
        return self._post("/api/backtest/start", body, wire.BacktestStarted)

    def backtests(self, limit: int = 50, before: int | None = None, status: str | None = None) -> wire.BacktestList:
        """Newest first."""
        return self._get("/api/backtest", wire.BacktestList, limit=limit, before=before, status=status)

    def backtest(self, job_id: str) -> wire.BacktestStatus:
        return self._get(f"/api/backtest/{job_id}", wire.BacktestStatus)

    def events(self, job_id: str, timeout_seconds: float = 3_600.0) -> Iterator[wire.BacktestStatus]:
        """The job now, and at every change up to its end."""
        timeout = httpx.Timeout(timeout_seconds, connect=10.0)
        try:
            with self._http.stream("GET", f"/api/backtest/{job_id}/events", timeout=timeout) as answer:
                if answer.status_code >= 400:
                    answer.read()
                    raise _problem(answer)
                for line in answer.iter_lines():
                    if line.startswith("data:"):
                        yield wire.BacktestStatus.model_validate_json(line.removeprefix("data:").strip())
        except httpx.TransportError as error:
            raise UnreachableError(self.url, type(error).__name__) from None

    def wait(self, job_id: str, timeout_seconds: float = 3_600.0) -> wire.BacktestStatus:
        """The job when it has ended, however it did.

        Raises:
            UnreachableError: the server ended before it.
        """
        for told in self.events(job_id, timeout_seconds):
            if told.status in ENDED:
                return told
        raise UnreachableError(self.url, "the server ended")

    def cancel(self, job_id: str) -> wire.BacktestStatus:
        return self._post(f"/api/backtest/{job_id}/cancel", None, wire.BacktestStatus)

    def retry(self, job_id: str) -> wire.BacktestStarted:
        return self._post(f"/api/backtest/{job_id}/retry", None, wire.BacktestStarted)

    def evidence(self, job_id: str) -> dict[str, Any]:
        """The report, as it is stored."""
        report = json.loads(self.evidence_bytes(job_id))
        return dict(report)

    def evidence_bytes(self, job_id: str) -> bytes:
        """The report's file, byte for byte."""
        return self._ask("GET", f"/api/backtest/{job_id}/evidence").content

    def trades(self, job_id: str, offset: int = 0, limit: int = 1_000) -> wire.TradeTable:
        return self._get(f"/api/backtest/{job_id}/trades", wire.TradeTable, offset=offset, limit=limit)

    def equity(self, job_id: str, points: int | None = None) -> wire.Series:
        return self._get(f"/api/backtest/{job_id}/equity", wire.Series, points=points)

    # Evidence ------------------------------------------------------------------------------------------------------

    def reports(self, query: str = "", limit: int = 50, offset: int = 0) -> wire.EvidenceList:
        """Reports of the evidence folder, the latest run first; every word of ``query`` is in what they say."""
        return self._get("/api/evidence", wire.EvidenceList, query=query or None, limit=limit, offset=offset)

    def report(self, evidence_id: str) -> dict[str, Any]:
        """A report, as it is stored."""
        return dict(json.loads(self.report_bytes(evidence_id)))

    def report_bytes(self, evidence_id: str) -> bytes:
        """A report's file, byte for byte."""
        return self._ask("GET", f"/api/evidence/{evidence_id}").content

    def report_trades(self, evidence_id: str, offset: int = 0, limit: int = 1_000) -> wire.TradeTable:
        return self._get(f"/api/evidence/{evidence_id}/trades", wire.TradeTable, offset=offset, limit=limit)

    def chart(
        self, evidence_id: str, *, start_ns: int | None = None, end_ns: int | None = None, points: int | None = None
    ) -> wire.Chart:
        """What is drawn of a report, all of it or between two times."""
        asked = {"start_ns": start_ns, "end_ns": end_ns, "points": points}
        return self._get(f"/api/evidence/{evidence_id}/chart", wire.Chart, **asked)

    def breakdown(self, evidence_id: str) -> wire.Breakdown:
        """Returns by month, and what costs took."""
        return self._get(f"/api/evidence/{evidence_id}/breakdown", wire.Breakdown)

    def verification(self, evidence_id: str) -> wire.Verification:
        """Whether it comes out again: its inputs are run anew."""
        return self._get(f"/api/evidence/{evidence_id}/verification", wire.Verification)

    def strategies(self) -> wire.StrategyList:
        """What can be backtested, with every parameter."""
        return self._get("/api/strategies", wire.StrategyList)

    def stored(self) -> wire.StoredList:
        """Candles that can be backtested on."""
        return self._get("/api/feeds/stored", wire.StoredList)

    # Feed ----------------------------------------------------------------------------------------------------------

    def feed_health(self) -> wire.FeedView:
        return self._get("/api/feeds/health", wire.FeedView)

    def symbols(self) -> wire.SymbolList:
        return self._get("/api/feeds/symbols", wire.SymbolList)

    def candles(
        self, pair: str, timeframe: str, *, start: str | None = None, end: str | None = None, limit: int = 500
    ) -> wire.CandleColumns:
        asked = {"pair": pair, "timeframe": timeframe, "start": start, "end": end, "limit": limit}
        return self._get("/api/feeds/candles", wire.CandleColumns, **asked)

    # Guardrails ----------------------------------------------------------------------------------------------------

    def propose_params(
        self,
        *,
        strategy: str,
        pair: str,
        timeframe: str,
        params: Mapping[str, Any],
        evidence_id: str,
        note: str = "",
    ) -> wire.ProposalView:
        asked = {
            "kind": "params",
            "strategy": strategy,
            "pair": pair,
            "timeframe": timeframe,
            "params": dict(params),
            "evidence_id": evidence_id,
            "note": note,
        }
        return self._post("/api/guardrails/params/propose", asked, wire.ProposalView)

    def propose_limits(self, values: Mapping[str, Any], note: str = "") -> wire.ProposalView:
        asked = {"kind": "limits", "values": dict(values), "note": note}
        return self._post("/api/guardrails/params/propose", asked, wire.ProposalView)

    def approve(self, proposal_id: int, *, digest: str | None = None, note: str = "") -> wire.VersionView:
        """``digest``: of the content that was looked at, so that nothing else is approved."""
        asked = {"proposal_id": proposal_id, "digest": digest, "note": note}
        return self._post("/api/guardrails/params/approve", asked, wire.VersionView)

    def reject(self, proposal_id: int, *, note: str = "") -> wire.ProposalView:
        asked = {"proposal_id": proposal_id, "note": note}
        return self._post("/api/guardrails/params/reject", asked, wire.ProposalView)

    def proposal(self, proposal_id: int) -> wire.ProposalView:
        return self._get(f"/api/guardrails/proposals/{proposal_id}", wire.ProposalView)

    def status(self) -> wire.GuardrailsStatus:
        return self._get("/api/guardrails/status", wire.GuardrailsStatus)

    def history(self, scope: str | None = None, limit: int = 100, before: int | None = None) -> wire.History:
        return self._get("/api/guardrails/history", wire.History, scope=scope, limit=limit, before=before)

    def rollback(self, scope: str, to_version: int, *, note: str = "") -> wire.VersionView:
        asked = {"scope": scope, "to_version": to_version, "note": note}
        return self._post("/api/guardrails/rollback", asked, wire.VersionView)

    def check(
        self,
        *,
        pair: str,
        side: str,
        quantity: str,
        account: Mapping[str, str],
        price: str | None = None,
        dry_run: bool = False,
    ) -> wire.GateDecision:
        """May this order pass?"""
        asked = {"pair": pair, "side": side, "quantity": quantity, "price": price, "account": dict(account)}
        return self._post("/api/guardrails/gate/check", {**asked, "dry_run": dry_run}, wire.GateDecision)

    def halt(self, reason: str, state: str = "halted") -> wire.GateView:
        return self._post("/api/guardrails/gate/halt", {"reason": reason, "state": state}, wire.GateView)

    def resume(self, reason: str) -> wire.GateView:
        return self._post("/api/guardrails/gate/resume", {"reason": reason}, wire.GateView)

    # Audit and operation -------------------------------------------------------------------------------------------

    def audit(self, limit: int = 100, before: int | None = None) -> wire.AuditTail:
        return self._get("/api/audit", wire.AuditTail, limit=limit, before=before)

    def audit_verify(self) -> wire.AuditVerdict:
        return self._get("/api/audit/verify", wire.AuditVerdict)

    def ready(self) -> wire.Readiness:
        """Also where it is not ready."""
        return wire.Readiness.model_validate_json(self._send("GET", "/readyz").content)

    # ---------------------------------------------------------------------------------------------------------------

    def _get(self, path: str, form: type[Answer], **query: Any) -> Answer:
        asked = {name: value for name, value in query.items() if value is not None}
        return form.model_validate_json(self._ask("GET", path, params=asked).content)

    def _post(self, path: str, body: Mapping[str, Any] | None, form: type[Answer]) -> Answer:
        return form.model_validate_json(self._ask("POST", path, json=body).content)

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Raises:
        ApiError: the server says no. UnreachableError: nothing answers.
        """
        answer = self._send(method, path, **options)
        if answer.status_code >= 400:
            raise _problem(answer)
        return answer

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise UnreachableError(self.url, type(error).__name__) from None


def _problem(answer: httpx.Response) -> ApiError:
    """Also where something else than our server answered."""
    try:
        return ApiError(wire.ProblemDocument.model_validate_json(answer.content))
    except ValueError:
        text = f"the answer is {answer.status_code} {answer.reason_phrase}, not one of our server"
        return ApiError(wire.ProblemDocument(title=answer.reason_phrase, status=answer.status_code, detail=text))
