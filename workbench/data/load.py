"""One call for any candle file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from workbench.data.checks import Finding, check
from workbench.data.csv_file import read_csv
from workbench.data.raw import RawCandles, guess_interval
from workbench.data.repair import repair
from workbench.model.candle import Candles, Origin
from workbench.model.errors import CandleError, InputError, NotFoundError
from workbench.model.instrument import Instrument, parse_decimal, parse_pair
from workbench.model.interval import Interval

TABLES = (".parquet", ".arrow", ".feather")
TEXTS = (".csv", ".txt", ".tsv")


@dataclass(frozen=True)
class LoadedFile:
    """A file's candles with what was found in it and what was repaired."""

    candles: Candles
    gaps: tuple[Finding, ...]
    repairs: tuple[str, ...]


def read_raw(path: Path) -> RawCandles:
    """A file's rows, unchecked; the suffix says how to read it.

    Raises:
        NotFoundError: no such file. InputError: an unknown suffix, or see ``csv_file`` and ``table_file``.
    """
    if not path.is_file():
        raise NotFoundError(f"{path}: no such file")
    if path.suffix in TABLES:
        from workbench.data.table_file import read_table

        return read_table(path)
    if path.suffix in TEXTS:
        return read_csv(path)
    raise InputError("file", f"a name ending in {', '.join((*TEXTS, *TABLES))}", path.name)


def names_of(path: Path, raw: RawCandles, pair: str | None, interval: str | Interval | None) -> tuple[str, Interval]:
    """Pair and interval: as given, else by a file name such as ETHUSDT-1h.csv, else (the interval) by the times.

    Raises:
        InputError: no pair to be found; or the given interval is not the rows' own.
    """
    match = re.match(r"([A-Za-z0-9]{2,20})[-_]([1-9]\d*[smhdw])\b", path.name)
    if pair is None and match is None:
        raise InputError("pair", f"to be given, because {path.name} does not name it", "nothing")
    chosen = (
        Interval.parse(interval)
        if interval
        else Interval.parse(match[2])
        if match
        else guess_interval(raw.open_time_ns)
    )
    return parse_pair(pair or match[1]), chosen  # type: ignore[index]  # one of the two is there


def load_file(
    path: Path,
    pair: str | None = None,
    interval: str | Interval | None = None,
    *,
    tick_size: str | Decimal | None = None,
    repairs: Sequence[str] = (),
) -> LoadedFile:
    """Checked candles of a CSV, Parquet or Arrow file.

    Args:
        tick_size: by default the coarsest power of ten on which all prices lie.
        repairs: names of ``workbench.data.repair``; by default nothing is repaired.

    Raises:
        CandleError: the first finding that is an error, with how many more there are. InputError: see above.
    """
    raw = read_raw(path)
    name, chosen = names_of(path, raw, pair, interval)
    raw, done = repair(raw, chosen, repairs) if repairs else (raw, [])
    findings = check(raw, chosen)
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        more = f" (and {len(errors) - 1} more: workbench data check {path.name})" if len(errors) > 1 else ""
        raise CandleError(path.name, "candles without errors", f"{errors[0]}{more}")
    own = guess_interval(raw.open_time_ns) if len(raw) > 1 else chosen
    if own.nanoseconds > chosen.nanoseconds and len(raw) > 2:
        raise InputError("timeframe", f"{own}, the distance of the rows", chosen)
    instrument = None if tick_size is None else Instrument(name, parse_decimal("tick_size", tick_size))
    candles = raw.to_candles(name, chosen, instrument=instrument, origin=Origin(f"file {path.name}"))
    gaps = tuple(finding for finding in findings if not finding.is_error)
    return LoadedFile(candles, gaps, tuple(done))
