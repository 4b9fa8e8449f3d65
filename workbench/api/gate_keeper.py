"""The gate at work: the pure decision, the market as the feed knows it, and the orders let through lately."""

import time
from collections import deque

from workbench.api.live_feed import LiveFeed
from workbench.guardrails.gate import Account, Decision, GateOrder, Market, RuleResult, conditions, decide
from workbench.guardrails.limits import RiskLimits
from workbench.guardrails.records import GateRecord
from workbench.guardrails.service import Guardrails

MINUTE_SECONDS = 60.0
MOST_REMEMBERED = 100_001
"""One more than the highest limit that can be set."""


class GateKeeper:
    """Decides about orders; knows the limits and the switch as they are in the ledger at that moment."""

    def __init__(self, guardrails: Guardrails, feed: LiveFeed) -> None:
        self._guardrails, self._feed = guardrails, feed
        self._let_through: deque[float] = deque(maxlen=MOST_REMEMBERED)

    def market(self, pair: str | None) -> Market:
        """On the event loop: what the feed knows."""
        return self._feed.market(pair)

    def check(self, order: GateOrder, account: Account, market: Market, *, dry_run: bool) -> Decision:
        """On the writer's thread, so that two orders never pass on one count. A trip is kept, with its reason."""
        limits, record = self._guardrails.limits_and_gate()
        decision = decide(order, account, market, limits, record.state, self._recent())
        if dry_run:
            return decision
        if decision.accepted:
            self._let_through.append(time.monotonic())
        for rule in decision.trips:
            self._guardrails.trip_gate(rule.state, rule.reason, time.time_ns())
        return decision

    @staticmethod
    def rules(market: Market, limits: RiskLimits, record: GateRecord) -> tuple[RuleResult, ...]:
        """The rules that need no order."""
        return conditions(market, limits, record.state)

    @staticmethod
    def is_open(market: Market, limits: RiskLimits, record: GateRecord) -> bool:
        """Whether orders may pass."""
        return all(rule.passed for rule in conditions(market, limits, record.state))

    def _recent(self) -> int:
        oldest = time.monotonic() - MINUTE_SECONDS
        while self._let_through and self._let_through[0] <= oldest:
            self._let_through.popleft()
        return len(self._let_through)
