"""Names of bar lengths."""

MINUTES = (1, 15, 30, 60, 240)
DAY_MS = 86_400_000
NAMED = {"D": DAY_MS, "1D": DAY_MS, "W": 7 * DAY_MS, "1W": 7 * DAY_MS, "Y": 365 * DAY_MS, "1Y": 365 * DAY_MS}


def parse_resolution(text: str) -> int | None:
    """Milliseconds of ``60``, ``1 d``, ``D``; None where there is no such bar."""
    if text.isascii() and text.isdigit() and int(text) in MINUTES:
        return int(text) * 60_000
    return NAMED.get(text.replace(" ", "").upper())
