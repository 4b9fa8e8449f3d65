"""``workbench verify --oracle vectorbt``."""

from workbench.evidence.form import EvidenceReport
from workbench.evidence.oracle import disagreements
from workbench.evidence.rerun import rerun, select_range
from workbench.home import Home
from workbench.model.candle import Candles
from workbench.model.errors import InputError
from workbench.research.evidence import find_candles


def check_oracle(name: str | None) -> None:
    """Refuse an oracle we do not know.

    Raises:
        InputError: names the ones we know.
    """
    if name not in (None, "vectorbt"):
        raise InputError("--oracle", "vectorbt", name)


def oracle_disagreements(report: EvidenceReport, candles: Candles | None, home: Home) -> list[str]:
    """Where vectorbt's accounts differ from a fresh run of the report."""
    bars = find_candles(report, home) if candles is None else select_range(candles, report)
    return disagreements(rerun(report, bars))
