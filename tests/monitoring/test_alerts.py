"""An alert from its beginning to its end: the feed breaks, Prometheus notices, the feed comes back."""

import time

import httpx

from tests.monitoring.conftest import Observed
from tests.monitoring.serving import alert_states, ask, wait_for

ALERT = "BTCTurkFeedDown"
OUTAGE_SECONDS = 20


def fault(observed: Observed, kind: str, **arguments: float) -> None:
    query: dict[str, str | float] = {"kind": kind, **arguments}
    httpx.get(f"{observed.simulator.url}/simulator/fault", params=query, trust_env=False).raise_for_status()


def test_a_feed_that_goes_down_is_told_and_so_is_its_return(observed: Observed) -> None:
    """The exchange is away for some seconds: pending, then firing, then resolved; the gate closes and opens with it."""
    wait_for("the feed is up", lambda: values(observed, "btcturk_ws_up") == {1.0})
    assert alert_states(observed.prometheus, ALERT) == set()
    seen: list[str] = []
    fault(observed, "restart", seconds=OUTAGE_SECONDS)
    closed = False
    began = time.monotonic()
    while time.monotonic() - began < 90:
        state = ",".join(sorted(alert_states(observed.prometheus, ALERT))) or "none"
        seen += [state] if [state] != seen[-1:] else []
        closed = closed or values(observed, "risk_gate_open") == {0.0}
        if seen[-1] == "none" and "firing" in seen:
            break
        time.sleep(0.1)
    assert seen in (["none", "pending", "firing", "none"], ["pending", "firing", "none"])
    assert closed
    wait_for("the gate is open again", lambda: values(observed, "risk_gate_open") == {1.0})


def values(observed: Observed, name: str) -> set[float]:
    return {float(each["value"][1]) for each in ask(observed.prometheus, name)}
