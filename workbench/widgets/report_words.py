"""Numbers and times of a report as plain text, not HTML: thin gaps between thousands, a real minus."""

from datetime import UTC, datetime

from workbench.widgets.words import GAP, MINUS

UNDEFINED = "\u2013"


def number(value: float | None, places: int = 2, *, signed: bool = False) -> str:
    if value is None:
        return UNDEFINED
    value = round(value, places) or 0.0  # no minus before nothing
    text = f"{value:{'+' if signed and value else ''},.{places}f}"
    return text.replace(",", GAP).replace("-", MINUS)


def percent(fraction: float | None, places: int = 2, *, signed: bool = False) -> str:
    return UNDEFINED if fraction is None else f"{number(fraction * 100, places, signed=signed)}{GAP}%"


def count(value: int | None, one: str, many: str = "") -> str:
    """``1 trade``, ``2 trades``."""
    return f"{number(value, 0)} {one if value == 1 else many or one + 's'}"


def day(time: str | int) -> str:
    """The day of an ISO 8601 text or of nanoseconds, UTC."""
    return f"{_at(time):%Y-%m-%d}"


def moment(time: str | int) -> str:
    """To the minute, UTC."""
    return f"{_at(time):%Y-%m-%d %H:%M}"


def _at(time: str | int) -> datetime:
    return datetime.fromtimestamp(time / 1e9, UTC) if isinstance(time, int) else datetime.fromisoformat(time)
