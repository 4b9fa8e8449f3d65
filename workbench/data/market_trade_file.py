"""Market trades from CSV."""

import csv
from collections.abc import Iterator
from pathlib import Path

from workbench.data.market_trade import MarketTrades
from workbench.model.errors import InputError, NotFoundError

HEADER = ("time_ms", "trade_id", "side", "price", "quantity")
SIDES = {"buy": 1, "sell": -1}
LATEST_MS = 2**63 // 1_000_000

Row = tuple[int, int, int, float, float]


def read_market_trades(path: Path) -> MarketTrades:
    """A CSV with the columns time_ms, trade_id, side (buy or sell), price, quantity; others are ignored.

    Raises:
        NotFoundError: no such file. InputError: names the line and column that do not fit.
    """
    if not path.is_file():
        raise NotFoundError(f"{path}: no such file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(path, csv.reader(file)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(path.name, "a CSV text (UTF-8)", error) from None
    if not rows:
        raise InputError(path.name, "at least one market trade", "none")
    times, numbers, sides, prices, quantities = zip(*rows, strict=True)
    try:
        return MarketTrades(times, numbers, sides, prices, quantities)  # type: ignore[arg-type]  # made columns there
    except InputError as error:
        raise InputError(f"{path.name}, {error.field}", error.expected, error.received) from None


def _rows(path: Path, lines: Iterator[list[str]]) -> Iterator[Row]:
    head = next(lines, [])
    missing = [name for name in HEADER if name not in head]
    if missing:
        raise InputError(f"{path.name}: columns", f"one for {', '.join(missing)}", ", ".join(head) or "nothing")
    places = [head.index(name) for name in HEADER]
    for number, cells in enumerate(lines, 2):
        if len(cells) != len(head):
            raise InputError(f"{path.name}, line {number}", f"{len(head)} columns", len(cells))
        yield _row(f"{path.name}, line {number}", *(cells[k] for k in places))


def _row(place: str, time: str, number: str, side: str, price: str, quantity: str) -> Row:
    if side not in SIDES:
        raise InputError(f"{place}, side", "buy or sell", side)
    milliseconds = _whole(place, "time_ms", time, LATEST_MS)
    return (
        milliseconds * 1_000_000,
        _whole(place, "trade_id", number, 2**63),
        SIDES[side],
        _number(place, "price", price),
        _number(place, "quantity", quantity),
    )


def _whole(place: str, name: str, text: str, limit: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < limit):
        raise InputError(f"{place}, {name}", f"a whole number below {limit}", text)
    return int(text)


def _number(place: str, name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf") or "_" in text:
        raise InputError(f"{place}, {name}", "a finite number above 0", text)
    return number
