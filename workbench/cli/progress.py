"""A spinner on stderr for work that may take a while."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def compiling(text: str) -> Iterator[None]:
    """Show what is going on; only on a terminal, so that logs and pipes stay clean."""
    from rich.console import Console

    with Console(stderr=True).status(f"{text} (the first run compiles the engine)"):
        yield
