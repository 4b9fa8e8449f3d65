"""What a report says about the run itself: times, and the versions it ran on."""

import functools
import platform
from datetime import UTC, datetime
from importlib import metadata

from workbench.evidence.form import Run


def describe_run(started_at: datetime, finished_at: datetime, seconds: float) -> Run:
    """The run part of a report.

    ``seconds`` comes from a monotonic clock, so it need not be the difference of the two (aware) times.
    """
    return Run(
        started_at=_text(started_at),
        finished_at=_text(finished_at),
        seconds=round(seconds, 6),
        python=platform.python_version(),
        numpy=_version("numpy"),
        numba=_version("numba"),
        platform=platform.platform(),
    )


@functools.cache
def _version(package: str) -> str:
    """Read once: it costs a millisecond."""
    return metadata.version(package)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
