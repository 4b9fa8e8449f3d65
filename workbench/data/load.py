"""One call for any candle file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.data.checks import Finding, check, find_gaps
from workbench.data.label import Label, find_label
from workbench.data.raw import RawCandles, guess_interval
from workbench.data.repair import check_names, repair
from workbench.model.candle import Candles, Origin
from workbench.model.errors import CandleError, DamagedFileError, InputError, NotFoundError
from workbench.model.instrument import Instrument, parse_decimal, parse_pair
from workbench.model.interval import Interval

if TYPE_CHECKING:
    from workbench.data.store import CandleStore

TABLES = (".parquet", ".arrow", ".feather")
TEXTS = (".csv", ".txt", ".tsv")
UNNAMED = "UNNAMED"
"""Stands for the pair where a file is only checked and nothing tells it."""


@dataclass(frozen=True)
class LoadedFile:
    """A file's candles with what was found in it and what was repaired."""

    candles: Candles
    gaps: tuple[Finding, ...]
    repairs: tuple[str, ...]


@dataclass(frozen=True)
class FileNames:
    """What a file's candles are called, and its own note about them (see ``label``) where it has one."""

    pair: str | None
    interval: Interval | None
    label: Label | None


def read_raw(path: Path, pair: str | None = None) -> RawCandles:
    """A file's rows, unchecked; the suffix says how to read it.

    Raises:
        InputError: an unknown suffix, or see ``csv_file`` and ``table_file``.
    """
    suffix = path.suffix.lower()
    if suffix in TABLES:
        from workbench.data.table_file import read_table

        return read_table(path)
    if suffix in TEXTS:
        from workbench.data.csv_file import read_csv

        return read_csv(path, pair)
    raise InputError("file", f"a name ending in {', '.join((*TEXTS, *TABLES))}", path.name)


def load_file(
    path: Path,
    pair: str | None = None,
    interval: str | Interval | None = None,
    *,
    tick_size: str | Decimal | None = None,
    repairs: Sequence[str] = (),
    store: "CandleStore | None" = None,
) -> LoadedFile:
    """Checked candles of a CSV, Parquet or Arrow file.

    Args:
        pair: by default as the file's note or its name (ETHUSDT-1h.csv) says. interval: the same, else by the times.
        tick_size: by default as the note says, else the coarsest power of ten on which all prices lie.
        repairs: names of ``workbench.data.repair``; by default nothing is repaired.
        store: where the candles will go; what is stored under their name tells the tick size if nothing else does.

    Raises:
        CandleError: the first finding that is an error, with how many more there are.
        DamagedFileError: the candles are not the ones that the file's note tells of.
        InputError, NotFoundError: see :func:`read_raw`; no pair to be found; a malformed argument.
    """
    names = file_names(path, pair, interval)
    check_names(repairs)
    if names.pair is None:
        raise InputError("pair", f"to be given, because {path.name} does not name it", "nothing")
    raw = read_raw(path, names.pair)
    step = names.interval or guess_interval(raw.open_time_ns)
    raw, done = repair(raw, step, repairs) if repairs else (raw, [])
    candles = _build(path, raw, names, step, _instrument(names, step, tick_size, store))
    if not done:
        _compare_fingerprint(path, candles, names.label)
    return LoadedFile(candles, tuple(find_gaps(raw, step)), tuple(done))


def check_file(path: Path, pair: str | None = None, interval: str | Interval | None = None) -> list[Finding]:
    """Everything wrong or noteworthy in a file.

    Raises:
        DamagedFileError: nothing is wrong by itself, yet the candles are not the ones that the file's note tells of.
        InputError, NotFoundError: see :func:`load_file`.
    """
    names = file_names(path, pair, interval)
    raw = read_raw(path, names.pair)
    step = names.interval or guess_interval(raw.open_time_ns)
    findings = check(raw, step)
    if not any(finding.is_error for finding in findings):
        named = FileNames(names.pair or UNNAMED, step, names.label)
        candles = _build(path, raw, named, step, _instrument(named, step, None, None))
        _compare_fingerprint(path, candles, names.label)
    return findings


def file_names(path: Path, pair: str | None, interval: str | Interval | None) -> FileNames:
    """Pair and interval: as given, else by the file's note, else by its name.

    Raises:
        NotFoundError: no such file. InputError: a malformed pair or interval.
    """
    if not path.is_file():
        raise NotFoundError(f"{path}: no such file")
    label = find_label(path)
    match = re.match(r"([A-Za-z0-9]{2,20})[-_]([1-9]\d*[smhdw])\b", path.name)
    name = pair or (label.instrument.pair if label else None) or (match[1] if match else None)
    step = interval or (label.interval if label else None) or (match[2] if match else None)
    return FileNames(None if name is None else parse_pair(name), None if step is None else Interval.parse(step), label)


def _instrument(
    names: FileNames, step: Interval, tick_size: str | Decimal | None, store: "CandleStore | None"
) -> Instrument | None:
    """As given, else as the file's note says, else as stored; None: the prices will show the tick size."""
    pair = names.pair or UNNAMED
    if tick_size is not None:
        return Instrument(pair, parse_decimal("tick_size", tick_size))
    if names.label is not None and names.label.instrument.pair == pair:
        return names.label.instrument
    held = store.find(pair, step) if store is not None else None
    return held.instrument if held is not None else None


def _build(path: Path, raw: RawCandles, names: FileNames, step: Interval, instrument: Instrument | None) -> Candles:
    """Candles, or the error that names the first finding (looked for only when there is something to find)."""
    label, pair = names.label, names.pair or UNNAMED
    origin = label.origin if label is not None else Origin(f"file {path.name}")
    try:
        candles = raw.to_candles(pair, step, instrument=instrument, origin=origin)
    except InputError as error:
        _refuse_errors(path, check(raw, step))
        if isinstance(error, CandleError) and error.row is not None:  # a row of the columns is not one of the file
            place = f"{path.name}, row {raw.rows[error.row]}, {error.column}"
            raise CandleError(place, error.expected, error.received) from None
        raise
    if len(raw) > 2 and guess_interval(raw.open_time_ns) != step:  # rarely: few bars were traded, or a wrong interval
        _refuse_errors(path, check(raw, step))
    return candles


def _refuse_errors(path: Path, findings: list[Finding]) -> None:
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        first = errors[0]
        place = f"{path.name}, row {first.row}, {first.moment} UTC, {first.column}"
        expected = f"no error ({len(errors)} found; see workbench data check and --repair)"
        raise CandleError(place, expected, f"{first.value!r}: {first.rule}")


def _compare_fingerprint(path: Path, candles: Candles, label: Label | None) -> None:
    if label is None or (candles.instrument, candles.interval) != (label.instrument, label.interval):
        return  # no note, or a person asked for another reading of the file than the note's
    if candles.fingerprint != label.fingerprint:
        raise DamagedFileError(
            f"{path}: altered: its note says {label.fingerprint}, its content is {candles.fingerprint}"
        )
