"""Returns by calendar month, UTC.

A bar belongs to the month in which it opens. A month's return is the equity at the close of its last bar by that at the
close of the last bar before it (at first: by the initial cash), less one; so the product of all ``1 + value`` is the
total return plus one. A month without a bar has no return: what happened meanwhile is in the next one. After ruin the
equity stays as it is, and so the returns are 0 (also where nothing is left to divide by).
"""

import msgspec
import numpy as np
from numpy.typing import NDArray


class MonthReturn(msgspec.Struct, frozen=True):
    year: int
    month: int
    value: float


def month_returns(
    open_time_ns: NDArray[np.int64], equity: NDArray[np.float64], initial_cash: float
) -> list[MonthReturn]:
    """In order of time; both columns are (n_bars,), at least one."""
    months = open_time_ns.view("datetime64[ns]").astype("datetime64[M]").astype(np.int64)  # since January 1970
    last = np.append(np.flatnonzero(np.diff(months)), months.size - 1)
    ends = equity[last].tolist()
    begins = [initial_cash, *ends[:-1]]
    return [
        MonthReturn(1970 + month // 12, 1 + month % 12, 0.0 if end == begin else end / begin - 1.0)
        for month, begin, end in zip(months[last].tolist(), begins, ends, strict=True)
    ]
