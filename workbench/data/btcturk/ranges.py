"""Sets of times as sorted, disjoint ranges [from, to). Pure."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Range = tuple[int, int]


def union(ranges: Iterable[Range]) -> list[Range]:
    """What lies in any of them; ranges that touch become one, empty ones vanish."""
    joined: list[Range] = []
    for begin, end in sorted(each for each in ranges if each[0] < each[1]):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def outside(whole: Range, known: Iterable[Range]) -> list[Range]:
    """What of ``whole`` lies in none of ``known``."""
    left, position = [], whole[0]
    for begin, end in union(known):
        if begin >= whole[1]:
            break
        if begin > position:
            left.append((position, begin))
        position = max(position, end)
    return union([*left, (position, whole[1])])


def runs(times: NDArray[np.int64], step: int) -> list[Range]:
    """Open times (n,) in rising order -> what their bars cover, ``step`` long each."""
    if not times.size:
        return []
    breaks = np.flatnonzero(np.diff(times) != step)
    begins = times[np.concatenate([[0], breaks + 1])]
    ends = times[np.concatenate([breaks, [times.size - 1]])] + step
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def pages(wanted: Iterable[Range], longest: int) -> Iterator[Range]:
    """Ranges of at most ``longest`` that cover all that is wanted, in order, as few as can be.

    They may cover what lies between two wanted ranges too: one question is cheaper than two.
    """
    page: Range | None = None
    for first, last in union(wanted):
        position = first
        while position < last:
            if page is None:
                page = position, min(last, position + longest)
            elif position < page[0] + longest:
                page = page[0], min(last, page[0] + longest)
            else:
                yield page
                page = position, min(last, position + longest)
            position = page[1]
    if page is not None:
        yield page
