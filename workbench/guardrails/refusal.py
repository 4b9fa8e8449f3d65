"""How the guardrails say no."""

from collections.abc import Sequence

from workbench.model.errors import WorkbenchError


class RefusedError(WorkbenchError):
    """It may not be done as things are; ``reasons`` lists everything that stands against it."""

    exit_status = 1

    def __init__(self, what: str, reasons: Sequence[str]) -> None:
        self.what = what
        self.reasons = tuple(reasons)
        super().__init__(f"{what}: {'; '.join(self.reasons)}")


class ForbiddenError(WorkbenchError):
    """A role may not do that."""

    exit_status = 1
