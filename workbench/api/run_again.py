"""Evidence run again on a worker: curves are not stored, the inputs give them again, and the digest must come out."""

from pathlib import Path

import msgspec

from workbench.engine.result import BacktestResult
from workbench.evidence.canonical import columns_digest
from workbench.evidence.form import EvidenceReport
from workbench.evidence.rerun import rerun
from workbench.evidence.store import EvidenceStore
from workbench.home import Home
from workbench.model.errors import DamagedFileError
from workbench.research.evidence import find_candles


def run_again(evidence_id: str, home: Home) -> tuple[EvidenceReport, BacktestResult]:
    """A report and its result.

    Raises:
        NotFoundError: no such evidence, or its candles are gone. InputError: its strategy is not in the catalog.
        DamagedFileError: the report was altered, or its equity curve comes out different.
    """
    report = EvidenceStore(home.evidence).load(evidence_id)
    result = rerun(report, find_candles(report, home))
    if columns_digest({"equity": result.equity_curve}) != report.content.equity:
        raise DamagedFileError(f"{evidence_id}: its equity curve does not come out again; verify the evidence")
    return report, result


def write_json(path: Path, what: msgspec.Struct) -> None:
    path.write_bytes(msgspec.json.encode(what))
