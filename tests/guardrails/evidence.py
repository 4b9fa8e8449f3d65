"""Evidence that nothing stands against, and the moment at which it is judged."""

from workbench.guardrails.checks import DAY_NS, EvidenceFacts
from workbench.guardrails.content import params_content
from workbench.guardrails.scope import Scope

__all__ = ["CONTENT", "DAY_NS", "GOOD", "NOW_NS", "PARAMS", "SMA", "evidence"]

NOW_NS = 1_790_000_000 * 10**9
SMA = Scope.of("smaCross", "ETHUSDT")
PARAMS = {"fast": 5, "slow": 20}
CONTENT = params_content(SMA, "1h", PARAMS)


def evidence(fast: int = 5, *, name: str = "run", digest: str | None = None, scope: Scope = SMA) -> EvidenceFacts:
    """A good backtest of 1h candles."""
    return EvidenceFacts(
        id=f"{name}-{fast}",
        digest=digest or f"sha256:{fast:064x}",
        problem="",
        strategy=scope.strategy,
        pair=scope.pair,
        timeframe="1h",
        params=params_content(scope, "1h", {**PARAMS, "fast": fast})["params"],
        metrics={"total_return": 0.6, "max_drawdown": -0.1, "trade_count": 25, "sharpe": None},
        simulated=False,
        finished_ns=NOW_NS - DAY_NS,
    )


GOOD = evidence()
