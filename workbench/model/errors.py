"""Every exception this package raises on purpose. A command turns each into one line and an exit status."""


class WorkbenchError(Exception):
    """Base of all our errors; its text is one line that a person can act on."""

    exit_status = 2


class InputError(WorkbenchError):
    """A value from outside does not fit: names the field, what was expected and what came."""

    def __init__(self, field: str, expected: str, received: object) -> None:
        self.field = field
        self.expected = expected
        self.received = received
        super().__init__(f"{field}: expected {expected}, received {_short(received)}")


class CandleError(InputError):
    """Candles that break the rules of ``workbench.model.candle``; tells the row (from 0) and column where it is one."""

    def __init__(
        self, field: str, expected: str, received: object, *, row: int | None = None, column: str | None = None
    ) -> None:
        self.row = row
        self.column = column
        super().__init__(field, expected, received)


class NotFoundError(WorkbenchError):
    """Nothing is stored under that name; the text lists what is."""


class ContradictionError(WorkbenchError):
    """New data disagrees with what is stored; nothing was changed."""


class DamagedFileError(WorkbenchError):
    """A stored file was truncated or altered since it was written."""

    exit_status = 1


class ExchangeError(WorkbenchError):
    """The exchange did not answer, or not with what was asked for; says how often it was tried."""


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
