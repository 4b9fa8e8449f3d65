"""What the guardrails need to know of a piece of evidence."""

from datetime import datetime

import msgspec

from workbench.api.job import Failed, Verified, Verify
from workbench.api.worker_pool import WorkerPool
from workbench.evidence.form import EvidenceReport
from workbench.evidence.store import EvidenceStore
from workbench.guardrails.checks import EvidenceFacts
from workbench.home import Home
from workbench.model.errors import DamagedFileError, NotFoundError


def read_facts(evidence_id: str, home: Home, problem: str = "") -> EvidenceFacts:
    """From the file; ``problem`` is what a fresh run found.

    Raises:
        NotFoundError: there is none. DamagedFileError: it was altered.
    """
    return _facts(EvidenceStore(home.evidence).load(evidence_id), problem)


async def verified_facts(evidence_id: str, home: Home, pool: WorkerPool) -> EvidenceFacts | None:
    """Run it again on a worker, and say what came out; None where there is no such evidence any more.

    A report that was altered, or whose candles are gone, is a fact too: it does not verify.
    """
    told = await pool.run(Verify(evidence_id))
    problem = told.problem if isinstance(told, Verified) else told.text if isinstance(told, Failed) else "no answer"
    try:
        return read_facts(evidence_id, home, problem)
    except (NotFoundError, DamagedFileError):
        return None


def _facts(report: EvidenceReport, problem: str) -> EvidenceFacts:
    inputs = report.inputs
    return EvidenceFacts(
        id=report.id,
        digest=report.digest,
        problem=problem,
        strategy=inputs.strategy.name,
        pair=inputs.pair,
        timeframe=inputs.timeframe,
        params=inputs.strategy.params,
        metrics=msgspec.to_builtins(report.metrics),
        simulated=inputs.candles.simulated,
        finished_ns=int(datetime.fromisoformat(report.run.finished_at).timestamp() * 1e9),
    )
