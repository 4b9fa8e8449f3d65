"""One server per home: two would run the same queued jobs. The lock goes with the process, however it ends."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from workbench.model.errors import InputError

FILE = "server.lock"


@contextlib.contextmanager
def only_server(root: Path) -> Iterator[None]:
    """Hold the home's lock.

    Raises:
        InputError: another server has it, with its process number.
    """
    if os.name != "posix":  # Windows has no such lock
        yield
        return
    import fcntl

    root.mkdir(parents=True, exist_ok=True)
    with (root / FILE).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise InputError("home", f"no other server in {root}", f"process {file.read().strip()}") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
