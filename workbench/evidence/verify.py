"""Does a report's result come out again?

Verification runs the report's inputs again and compares everything under the digest. Three labels are taken over from
the report because no run can reproduce them: the package's version (the engine's version decides) and the candles'
source and simulated flag (their fingerprint decides).
"""

from dataclasses import dataclass

import msgspec
import numpy as np

from workbench.evidence.compare import Difference, first_difference
from workbench.evidence.form import EvidenceReport
from workbench.evidence.report import build_report, sealed
from workbench.evidence.rerun import Rerun, rerun
from workbench.evidence.trade_columns import Columns, to_rows, trade_columns
from workbench.model.candle import Candles


@dataclass(frozen=True, repr=False)
class Verdict:
    """Whether a report's digest came out again, and if not, the first thing that differs."""

    id: str
    expected_digest: str
    received_digest: str
    difference: Difference | None

    @property
    def verified(self) -> bool:
        return self.received_digest == self.expected_digest

    def __str__(self) -> str:
        return f"{self.id}: {self.difference or f'verified, {self.expected_digest}'}"

    def __repr__(self) -> str:
        return str(self)


def verify(report: EvidenceReport, trades: Columns, candles: Candles, run: Rerun = rerun) -> Verdict:
    """Run again and compare.

    ``report`` and ``trades`` are as the store gives them, ``candles`` the bars of the report's range (see
    ``rerun.select_range``). ``run`` makes a result from the report's inputs; it is not called when the candles are
    others.
    """
    if candles.fingerprint != report.inputs.candles.fingerprint:
        path, expected = "inputs.candles.fingerprint", report.inputs.candles.fingerprint
        return Verdict(report.id, report.digest, "", Difference(path, expected, candles.fingerprint))
    result = run(report, candles)
    again = _relabelled(build_report(result, report.run), report)
    difference = first_difference(report, again)
    if difference is not None and difference.path.startswith(("trades", "content.trades")):
        difference = first_trade_difference(trades, trade_columns(result.trade_table, candles)) or difference
    if difference is None and again.digest != report.digest:  # such as true for 1, equal to Python, not to JSON
        difference = Difference("digest", report.digest, again.digest)
    return Verdict(report.id, report.digest, again.digest, difference)


def _relabelled(again: EvidenceReport, report: EvidenceReport) -> EvidenceReport:
    replace = msgspec.structs.replace
    labels = report.inputs.candles
    candles = replace(again.inputs.candles, source=labels.source, simulated=labels.simulated)
    versions = replace(again.versions, package=report.versions.package)
    return sealed(replace(again, inputs=replace(again.inputs, candles=candles), versions=versions))


def first_trade_difference(expected: Columns, received: Columns) -> Difference | None:
    """The first trade, and in it the first column, that differs; a missing trade if all others agree."""
    rows = min(len(expected["side"]), len(received["side"]))
    differs = np.zeros(rows, dtype=np.bool_)
    for name, column in expected.items():
        differs |= column[:rows] != received[name][:rows]
    if not differs.any():
        lengths = len(expected["side"]), len(received["side"])
        return None if lengths[0] == lengths[1] else Difference("trades.rows", *lengths)
    row = int(np.argmax(differs))
    one, other = ({name: column[row : row + 1] for name, column in side.items()} for side in (expected, received))
    before, after = msgspec.to_builtins(to_rows(one)[0]), msgspec.to_builtins(to_rows(other)[0])
    name = next(name for name in before if before[name] != after[name])
    return Difference(f"trades[{row}].{name}", before[name], after[name])
