"""Reports on disk: ``<root>/backtest/<id>.json``, with ``<id>.trades.arrow`` beside it where trades are many.

The sidecar is written first, so that a report that is there has its trades. Both are written atomically.
"""

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from workbench.atomic import write_atomically
from workbench.engine.result import BacktestResult
from workbench.evidence.canonical import columns_digest
from workbench.evidence.form import EvidenceReport, Run
from workbench.evidence.reading import decode_report
from workbench.evidence.report import build_report
from workbench.evidence.trade_columns import Columns, from_rows, trade_columns
from workbench.model.errors import DamagedFileError, InputError, NotFoundError

ID = re.compile(r"[A-Za-z0-9_]{1,60}-[A-Z0-9]{2,20}-[0-9]{1,9}[smhdw]-[0-9a-f]{12}")


@dataclass(frozen=True)
class StoredReport:
    """One file of the list: its report, or what is wrong with it."""

    id: str
    path: Path
    report: EvidenceReport | None
    problem: str | None


@dataclass(frozen=True)
class EvidenceStore:
    """The evidence folder."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "backtest"

    def path(self, report_id: str) -> Path:
        """Where a report lies or would lie.

        Raises:
            InputError: no id of a report; nothing that could leave the folder passes.
        """
        return self.folder / f"{_checked(report_id)}.json"

    def sidecar_path(self, report_id: str) -> Path:
        return self.folder / f"{_checked(report_id)}.trades.arrow"

    def record(self, result: BacktestResult, run: Run) -> EvidenceReport:
        """Build a result's report and save it; see :meth:`save`."""
        return self.save(build_report(result, run), trade_columns(result.trade_table, result.candles))

    def save(self, report: EvidenceReport, trades: Columns) -> EvidenceReport:
        """Write a report, and its trades where it names a sidecar; the report that is there now.

        An intact file of the same id is kept as it is, with the times of its own run.

        Raises:
            InputError: the trades are not the report's.
            OSError: the disk refuses; nothing half-written stays.
        """
        if columns_digest(trades) != report.content.trades:
            raise InputError("trades", f"those of the report, {report.content.trades}", columns_digest(trades))
        kept = self._intact(report)
        if kept is not None:
            return kept
        if not isinstance(report.trades, list):
            from workbench.evidence import sidecar

            write_atomically(self.sidecar_path(report.id), sidecar.encode(trades))
        write_atomically(self.path(report.id), msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
        return report

    def load(self, report_id: str) -> EvidenceReport:
        """A report that is whole and unaltered.

        Raises:
            NotFoundError: no such file. DamagedFileError: truncated, altered, renamed or of an unknown schema.
        """
        return decode_report(self._read(report_id), self.path(report_id))

    def load_bytes(self, report_id: str) -> bytes:
        """A report's file, byte for byte, once it is known to be whole and unaltered.

        Raises:
            NotFoundError, DamagedFileError: see :meth:`load`.
        """
        data = self._read(report_id)
        decode_report(data, self.path(report_id))
        return data

    def stamp(self, report_id: str) -> tuple[int, ...]:
        """Numbers that change when a report's file, or that of its trades, is written anew.

        Raises:
            NotFoundError: no such file.
        """
        try:
            told = [self.path(report_id).stat()]
        except FileNotFoundError:
            raise self._missing(report_id) from None
        with contextlib.suppress(FileNotFoundError):
            told.append(self.sidecar_path(report_id).stat())
        return tuple(number for each in told for number in (each.st_mtime_ns, each.st_size))

    def trades(self, report: EvidenceReport) -> Columns:
        """A report's trades, from the report itself or its sidecar.

        Raises:
            DamagedFileError: the sidecar is missing, truncated or altered.
        """
        if isinstance(report.trades, list):
            try:
                return from_rows(report.trades)
            except OverflowError as error:
                raise DamagedFileError(f"{self.path(report.id)}: altered: a trade's number is too large") from error
        from workbench.evidence import sidecar

        path = self.sidecar_path(report.id)
        columns = sidecar.decode(path)
        digest = columns_digest(columns)
        if digest != report.trades.content:
            raise DamagedFileError(f"{path}: altered: its content is {digest}, the report says {report.trades.content}")
        return columns

    def list(self) -> list[StoredReport]:
        """Every report of the folder, the latest run first; damaged ones come last, with their problem."""
        stored = [self._entry(path) for path in sorted(self.folder.glob("*.json")) if not path.name.startswith(".")]
        intact = [(entry.report.run.finished_at, entry) for entry in stored if entry.report is not None]
        intact.sort(key=lambda pair: pair[0], reverse=True)
        return [entry for _, entry in intact] + [entry for entry in stored if entry.report is None]

    def _entry(self, path: Path) -> StoredReport:
        try:
            return StoredReport(path.stem, path, decode_report(path.read_bytes(), path), None)
        except (DamagedFileError, OSError) as error:
            return StoredReport(path.stem, path, None, str(error))

    def _intact(self, report: EvidenceReport) -> EvidenceReport | None:
        """What is stored under the report's id, if it and its trades are whole and have its digest."""
        if not self.path(report.id).exists():  # the usual case; an error would look through the whole folder
            return None
        try:
            stored = self.load(report.id)
            self.trades(stored)
        except (NotFoundError, DamagedFileError):
            return None
        return stored if stored.digest == report.digest else None

    def _read(self, report_id: str) -> bytes:
        try:
            return self.path(report_id).read_bytes()
        except FileNotFoundError:
            raise self._missing(report_id) from None

    def _missing(self, report_id: str) -> NotFoundError:
        return NotFoundError(f"{report_id}: no such evidence in {self.folder}{self._nearest()}")

    def _nearest(self) -> str:
        names = [path.stem for path in sorted(self.folder.glob("*.json"))][:5]
        return f"; there are {', '.join(names)}" if names else "; there is none"


def _checked(report_id: str) -> str:
    if not isinstance(report_id, str) or ID.fullmatch(report_id) is None:
        raise InputError("id", "an evidence id such as smaCross-ETHUSDT-1h-0123456789ab", report_id)
    return report_id
