"""The documented rate of REST requests."""

WINDOW_SECONDS = 0.1
TICKER_PATH = "/api/v2/ticker"
ALLOWED_TICKERS, ALLOWED_OTHERS = 10, 1


class RestLimit:
    """Within 100 ms: ten requests for tickers, one for anything else. Time is an argument."""

    def __init__(self) -> None:
        self._windows: dict[bool, tuple[float, int]] = {}

    def allows(self, path: str, now: float) -> bool:
        """Counts the request; refused ones count too."""
        ticker = path == TICKER_PATH
        start, count = self._windows.get(ticker, (now, 0))
        if now - start >= WINDOW_SECONDS:
            start, count = now, 0
        self._windows[ticker] = (start, count + 1)
        return count < (ALLOWED_TICKERS if ticker else ALLOWED_OTHERS)
