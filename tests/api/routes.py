"""Every route with the least role that may use it, written by hand, and a request that it understands.

A request changes as little as can be: it names what does not exist wherever that is possible.
"""

from dataclasses import dataclass
from typing import Any

NO_JOB = "0123456789abcdef"
EVIDENCE = "smaCross-ETHUSDT-1h-0123456789ab"
BACKTEST = {"pair": "ETHUSDT", "timeframe": "1h", "strategy": "smaCross", "params": {"fast": 9, "slow": 21}}
PROPOSAL = {"strategy": "smaCross", "pair": "ETHUSDT", "timeframe": "1h", "params": {}, "evidence_id": EVIDENCE}
ACCOUNT = {"equity": "10000", "day_start_equity": "10000", "peak_equity": "10000"}
ORDER = {"pair": "ETHUSDT", "side": "buy", "quantity": "0.25", "account": ACCOUNT, "dry_run": True}
DECISION = {"proposal_id": 999_999}

VIEWER, RESEARCHER, ADMIN = 0, 1, 2


@dataclass(frozen=True)
class Route:
    """``status``: what someone who may use it is answered, on a server without a feed or an exchange."""

    method: str
    template: str
    least: int
    status: int
    body: Any = None
    query: str = ""

    @property
    def path(self) -> str:
        path = self.template.replace("{job_id}", NO_JOB).replace("{proposal_id}", "999999")
        return path.replace("{evidence_id}", EVIDENCE) + self.query

    @property
    def is_api(self) -> bool:
        return self.template.startswith("/api/")

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


ROUTES = (
    Route("POST", "/api/backtest/start", RESEARCHER, 202, BACKTEST),
    Route("GET", "/api/backtest", VIEWER, 200),
    Route("GET", "/api/backtest/{job_id}", VIEWER, 404),
    Route("GET", "/api/backtest/{job_id}/events", VIEWER, 404),
    Route("POST", "/api/backtest/{job_id}/cancel", RESEARCHER, 404),
    Route("POST", "/api/backtest/{job_id}/retry", RESEARCHER, 404),
    Route("GET", "/api/backtest/{job_id}/evidence", VIEWER, 404),
    Route("GET", "/api/backtest/{job_id}/trades", VIEWER, 404),
    Route("GET", "/api/backtest/{job_id}/equity", VIEWER, 404),
    Route("GET", "/api/evidence", VIEWER, 200),
    Route("GET", "/api/evidence/{evidence_id}", VIEWER, 404),
    Route("GET", "/api/evidence/{evidence_id}/trades", VIEWER, 404),
    Route("GET", "/api/evidence/{evidence_id}/chart", VIEWER, 404),
    Route("GET", "/api/evidence/{evidence_id}/breakdown", VIEWER, 404),
    Route("GET", "/api/evidence/{evidence_id}/verification", VIEWER, 404),
    Route("GET", "/api/strategies", VIEWER, 200),
    Route("GET", "/api/feeds/health", VIEWER, 200),
    Route("GET", "/api/feeds/stored", VIEWER, 200),
    Route("GET", "/api/feeds/symbols", VIEWER, 503),
    Route("GET", "/api/feeds/candles", VIEWER, 200, query="?pair=ETHUSDT&timeframe=1h&limit=3"),
    Route("POST", "/api/guardrails/params/propose", RESEARCHER, 404, PROPOSAL),
    Route("POST", "/api/guardrails/params/approve", ADMIN, 404, DECISION),
    Route("POST", "/api/guardrails/params/reject", ADMIN, 404, DECISION),
    Route("POST", "/api/guardrails/rollback", ADMIN, 404, {"scope": "limits", "to_version": 999_999}),
    Route("GET", "/api/guardrails/proposals/{proposal_id}", VIEWER, 404),
    Route("GET", "/api/guardrails/status", VIEWER, 200),
    Route("GET", "/api/guardrails/history", VIEWER, 200),
    Route("POST", "/api/guardrails/gate/check", RESEARCHER, 200, ORDER),
    Route("POST", "/api/guardrails/gate/halt", ADMIN, 200, {"reason": "a test"}),
    Route("POST", "/api/guardrails/gate/resume", ADMIN, 200, {"reason": "a test"}),
    Route("GET", "/api/audit", ADMIN, 200),
    Route("GET", "/api/audit/verify", ADMIN, 200),
    Route("GET", "/healthz", VIEWER, 200),
    Route("GET", "/readyz", VIEWER, 200),
    Route("GET", "/metrics", VIEWER, 200),
)
