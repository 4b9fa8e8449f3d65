"""Times in files: numbers since 1970 in s, ms, us or ns, or ISO 8601 texts; all become int64 nanoseconds UTC."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.model.errors import InputError

UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
BANDS = {"s": (10**8, 10**11), "ms": (10**11, 10**14), "us": (10**14, 10**17), "ns": (10**17, 2**63)}
"""A number of each unit lies in its band for all times from 1973 to 5138."""


def unit_of(field: str, numbers: NDArray[Any]) -> str:
    """The unit in which all numbers are plausible times.

    Raises:
        InputError: the numbers fit no unit, or not one and the same.
    """
    lowest, highest = float(numbers.min()), float(numbers.max())
    for unit, (low, high) in BANDS.items():
        if low <= lowest and highest < high:
            return unit
    raise InputError(
        field, "times in seconds, ms, us or ns since 1970, all in one unit", f"{lowest:.0f} to {highest:.0f}"
    )


def from_numbers(field: str, numbers: NDArray[Any], unit: str | None = None) -> NDArray[np.int64]:
    """Numbers -> nanoseconds; the unit is found from their size when not given.

    Raises:
        InputError: see :func:`unit_of`; or a result beyond the year 2262.
    """
    factor = UNITS[unit or unit_of(field, numbers)]
    lowest, highest = numbers.min().item(), numbers.max().item()
    if max(-lowest, highest) * factor >= 2**63:
        raise InputError(field, "times between the years 1678 and 2262", numbers.max())
    if numbers.dtype.kind == "f":
        whole = np.floor(numbers)
        return np.asarray(whole.astype(np.int64) * factor + np.rint((numbers - whole) * factor).astype(np.int64))
    nanoseconds = numbers.astype(np.int64, copy=False)
    return nanoseconds if factor == 1 else nanoseconds * factor


def from_texts(field: str, texts: list[str], lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """ISO 8601 texts (UTC where they name no zone) -> nanoseconds.

    Args:
        lines: where each text stands in its file.

    Raises:
        InputError: names the first text that is no time.
    """
    import pandas as pd

    parsed = pd.to_datetime(pd.Series(texts, dtype=object), utc=True, format="ISO8601", errors="coerce")
    wrong = np.flatnonzero(parsed.isna().to_numpy())
    if wrong.size:
        row = int(wrong[0])
        raise InputError(f"{field} in line {lines[row]}", "a number or an ISO 8601 time", texts[row])
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[ns]").view(np.int64)
