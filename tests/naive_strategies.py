"""Slow, obvious twins of the strategies' target exposures, on whole ticks."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

LONG, SHORT, BOTH = "long", "short", "both"


def sma_signs(close_ticks: Sequence[int], fast: int, slow: int) -> list[int]:
    """Per bar the sign of fast minus slow average; a tie keeps the sign before; 0 until there is one."""
    signs: list[int] = []
    for bar in range(len(close_ticks)):
        former = signs[-1] if signs else 0
        if bar + 1 < max(fast, slow):
            signs.append(0)
            continue
        fast_sum = sum(close_ticks[bar + 1 - fast : bar + 1])
        slow_sum = sum(close_ticks[bar + 1 - slow : bar + 1])
        difference = fast_sum * slow - slow_sum * fast  # of the averages, times fast * slow
        signs.append(1 if difference > 0 else -1 if difference < 0 else former)
    return signs


def sma_exposure(close_ticks: Sequence[int], fast: int, slow: int, direction: str = LONG) -> list[int]:
    """Target exposure per bar: changes where the sign does, from one real sign to the other."""
    above, below = {LONG: (1, 0), SHORT: (0, -1), BOTH: (1, -1)}[direction]
    target, former, exposure = 0, 0, []
    for now in sma_signs(close_ticks, fast, slow):
        if former * now == -1:
            target = above if now == 1 else below
        former = now
        exposure.append(target)
    return exposure


def changes(close_ticks: Sequence[int]) -> list[int]:
    return [after - before for before, after in pairwise(close_ticks)]


def target_of_rsi(rsi: Fraction | float, lower: float, upper: float, direction: str, former: int) -> int:
    """Low: long (or, when only short, flat). High: flat, or short where that is allowed. Between: as before."""
    oversold, overbought = {LONG: (1, 0), SHORT: (0, -1), BOTH: (1, -1)}[direction]
    if rsi < lower:
        return oversold
    return overbought if rsi > upper else former


def rsi_exposure(
    close_ticks: Sequence[int],
    period: int,
    lower: float,
    upper: float,
    direction: str = LONG,
    smoothing: str = "simple",
) -> list[int]:
    """Target exposure per bar; 0 until ``period`` changes are known."""
    series = simple_rsi(close_ticks, period) if smoothing == "simple" else wilder_rsi(close_ticks, period)
    target, exposure = 0, []
    for rsi in series:
        if rsi is not None:
            target = target_of_rsi(rsi, lower, upper, direction, target)
        exposure.append(target)
    return exposure


def simple_rsi(close_ticks: Sequence[int], period: int) -> list[Fraction | None]:
    """100 G / (G + L) over the last ``period`` changes, exactly; 50 where nothing changed."""
    series: list[Fraction | None] = []
    for bar in range(len(close_ticks)):
        if bar < period:
            series.append(None)
            continue
        recent = changes(close_ticks[bar - period : bar + 1])
        gains = sum(change for change in recent if change > 0)
        losses = -sum(change for change in recent if change < 0)
        series.append(Fraction(100 * gains, gains + losses) if gains + losses else Fraction(50))
    return series


def wilder_rsi(close_ticks: Sequence[int], period: int) -> list[float | None]:
    """With Wilder's averages: the mean of ``period`` changes, then (former * (period - 1) + x) / period."""
    series: list[float | None] = [None] * min(period, len(close_ticks))
    ups = [float(max(change, 0)) for change in changes(close_ticks)]
    downs = [float(max(-change, 0)) for change in changes(close_ticks)]
    for bar in range(period, len(close_ticks)):
        if bar == period:
            gain, loss = sum(ups[:period]) / period, sum(downs[:period]) / period
        else:
            gain = (gain * (period - 1) + ups[bar - 1]) / period
            loss = (loss * (period - 1) + downs[bar - 1]) / period
        series.append(100 * gain / (gain + loss) if gain + loss else 50.0)
    return series
