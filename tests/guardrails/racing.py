"""Work for several processes at once; a module of its own, since new processes must be able to import it."""

from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.guardrails.evidence import NOW_NS, evidence
from workbench.guardrails.checks import EvidenceFacts
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.principal import Principal, Role
from workbench.guardrails.refusal import RefusedError
from workbench.guardrails.scope import Scope
from workbench.guardrails.service import Guardrails

WAIT_SECONDS = 60
_together: list[Barrier] = []


def meet_at(barrier: Barrier) -> None:
    """Each process is told where to meet the others."""
    _together.append(barrier)


def approve_all(root: Path, url: str | None, name: str, proposals: list[tuple[int, str]]) -> list[str]:
    """Approve one proposal (number, pair) after another, each at the same moment as the others do.

    Returns:
        For each, "" or why it was refused.
    """
    ledger = Ledger.open(root, url)
    guardrails = Guardrails(ledger, require_second_person=False)
    found = []
    for number, pair in proposals:
        facts = evidence(5, scope=Scope.of("smaCross", pair))
        _together[0].wait(WAIT_SECONDS)
        found.append(attempt(guardrails, name, number, facts))
    ledger.close()
    return found


def attempt(guardrails: Guardrails, name: str, number: int, facts: EvidenceFacts) -> str:
    try:
        guardrails.approve(Principal(name, Role.ADMIN), number, facts, NOW_NS)
    except RefusedError as error:
        return "; ".join(error.reasons)
    return ""
