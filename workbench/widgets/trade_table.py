"""Trades as a table that sorts and filters in the browser (``static/trade_table.js``).

The columns are sent once, as little-endian doubles: 72 bytes a trade.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from workbench.widgets.report_words import number
from workbench.wire import TradeTable

MOST = 10_000
"""More are for the download."""
COLUMNS = (
    "side",
    "entry_bar",
    "exit_bar",
    "entry_time",
    "exit_time",
    "quantity",
    "entry_price",
    "exit_price",
    "fees",
    "profit",
    "is_open",
)
TIMES = ("entry_time", "exit_time")
"""Nanoseconds on the wire, milliseconds here: what a browser counts in."""
HOUR_NS = 3_600_000_000_000


class TradeGrid(anywidget.AnyWidget):
    """``focus``: number of the trade that was clicked, from 0; -1: none."""

    _esm = Path(__file__).parent / "static" / "trade_table.js"
    columns = traitlets.Dict().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    focus = traitlets.Int(-1).tag(sync=True)
    _times: tuple[list[int], list[int]] = ([], [])

    def show(self, told: TradeTable) -> None:
        self._times = told.columns["entry_time"], told.columns["exit_time"]
        self.focus = -1
        rows = len(told.columns["side"])
        self.note = _note(told.total, rows)
        self.columns = {name: _bytes(name, told) for name in COLUMNS}

    def span(self, number: int) -> tuple[int, int] | None:
        """Nanoseconds around a trade, with as much again on both sides; None where there is no such trade."""
        entries, exits = self._times
        if not 0 <= number < len(entries):
            return None
        margin = max(int(exits[number] - entries[number]), HOUR_NS)
        return entries[number] - margin, exits[number] + margin


def _bytes(name: str, told: TradeTable) -> bytes:
    values = np.array(told.columns[name], dtype=np.float64)
    return (values / 1e6 if name in TIMES else values).astype("<f8").tobytes()


def _note(total: int, shown: int) -> str:
    if shown == total:
        return ""
    return f"The first {number(shown, 0)} of {number(total, 0)} trades; the download has all of them."
