"""Every verb by its name, each with something that it could do."""

from tests.guardrails.evidence import GOOD, NOW_NS, PARAMS, SMA, evidence
from workbench.guardrails.gate import TradingState
from workbench.guardrails.principal import Principal
from workbench.guardrails.service import Guardrails


def run(guardrails: Guardrails, verb: str, who: Principal, number: int) -> None:
    """On proposal ``number``, which is of fast 6 (propose: of fast 5; rollback: to version 1)."""
    if verb == "propose":
        guardrails.propose_params(who, SMA, "1h", PARAMS, GOOD, NOW_NS)
    elif verb == "propose limits":
        guardrails.propose_limits(who, {"price_collar": "0.01"}, NOW_NS)
    elif verb == "approve":
        guardrails.approve(who, number, evidence(6), NOW_NS)
    elif verb == "reject":
        guardrails.reject(who, number, NOW_NS)
    elif verb == "rollback":
        guardrails.rollback(who, SMA, 1, NOW_NS)
    else:
        state = TradingState.HALTED if verb == "halt" else TradingState.ACTIVE
        guardrails.set_gate(who, state, "because", NOW_NS)
