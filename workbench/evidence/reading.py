"""Bytes to a report, or an error that says what is wrong with the file. Nothing is ever half-read."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from workbench.evidence.canonical import columns_digest, report_digest
from workbench.evidence.form import SCHEMA, EvidenceReport
from workbench.evidence.report import report_id
from workbench.evidence.trade_columns import from_rows
from workbench.model.errors import DamagedFileError


class _Head(msgspec.Struct):
    schema: str


def decode_report(data: bytes, path: Path) -> EvidenceReport:
    """The report in a file's bytes, checked against its digest, its id and the file's name.

    Raises:
        DamagedFileError: names the file and says whether it is truncated, of an unknown schema, or altered.
    """
    report = _parse(data, path)
    _check_times(report, path)
    digest = report_digest(report)
    if digest != report.digest:
        raise DamagedFileError(f"{path}: altered: its digest is {digest}, it says {report.digest}")
    if isinstance(report.trades, list) and columns_digest(from_rows(report.trades)) != report.content.trades:
        raise DamagedFileError(f"{path}: altered: its trades are not those of content.trades")
    expected = report_id(report.inputs, digest)
    if not report.id == path.stem == expected:
        raise DamagedFileError(f"{path}: renamed: its content belongs to {expected}, it says {report.id}")
    return report


def _parse(data: bytes, path: Path) -> EvidenceReport:
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.schema != SCHEMA:
            raise DamagedFileError(f"{path}: unknown schema: expected {SCHEMA}, received {head.schema[:80]}")
        return msgspec.json.decode(data, type=EvidenceReport)
    except msgspec.ValidationError as error:
        raise DamagedFileError(f"{path}: altered, not a report: {error}") from None
    except msgspec.DecodeError as error:
        kind = "truncated" if "truncated" in str(error) else "not JSON"
        raise DamagedFileError(f"{path}: {kind}: {error}") from None
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"{path}: not JSON: {error}") from None


def _check_times(report: EvidenceReport, path: Path) -> None:
    """The form knows digits from letters, not a thirteenth month; and no digest covers the run."""
    for field, text in _times(report):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise DamagedFileError(f"{path}: altered: {field}: expected a time, received {text}") from None


def _times(report: EvidenceReport) -> Iterator[tuple[str, str]]:
    """Field -> text."""
    yield "run.started_at", report.run.started_at
    yield "run.finished_at", report.run.finished_at
    yield "inputs.range.start", report.inputs.range.start
    yield "inputs.range.end", report.inputs.range.end
    for number, trade in enumerate(report.trades if isinstance(report.trades, list) else ()):
        yield f"trades[{number}].entry_time", trade.entry_time
        yield f"trades[{number}].exit_time", trade.exit_time
